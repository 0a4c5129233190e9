"""The part of JSONPath that batch transform's filters know.

The developer guide, "Associate Prediction Results with Input Records": `$`, `.name`, `['name'(,'name')]`,
`[number(,number)]`, `[start:end]` and `*`; no functions, no filters.
"""

import re
from typing import Any

_PART = re.compile(
    r"\.(?P<name>[A-Za-z_][\w-]*)|\.(?P<star>\*)|\[(?P<all>\*)\]"
    r"|\[(?P<names>'[^']*'(?:\s*,\s*'[^']*')*)\]"
    r"|\[(?P<numbers>-?\d+(?:\s*,\s*-?\d+)*)\]"
    r"|\[(?P<start>-?\d*):(?P<end>-?\d*)\]"
)


class JsonPathError(Exception):
    """An expression can't be read, or finds nothing."""


class JsonPath:
    """One expression.

    Args:
        text: such as `$.features` or `$[1:]`.

    Raises:
        JsonPathError: it is not of the part of JSONPath that filters know.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._parts: list[re.Match[str]] = []
        if not text.startswith("$"):
            raise JsonPathError(f"the JSONPath {text!r} doesn't start with $")
        position = 1
        while position < len(text):
            match = _PART.match(text, position)
            if match is None:
                raise JsonPathError(f"can't read the JSONPath {text!r} from {text[position:]!r} on")
            self._parts.append(match)
            position = match.end()

    @property
    def is_identity(self) -> bool:
        """Whether it leaves everything as it is."""
        return not self._parts

    def find(self, value: Any) -> Any:
        """Return what it selects; several names of an object stay an object, several places of a list a list.

        Raises:
            JsonPathError: there is no such thing in the value.
        """
        for part in self._parts:
            value = self._enter(value, part)
        return value

    def _enter(self, value: Any, part: re.Match[str]) -> Any:
        if part["star"] or part["all"]:
            return list(value.values()) if isinstance(value, dict) else value
        try:
            if part["name"]:
                return value[part["name"]]
            if part["names"]:
                return self._members(value, re.findall(r"'([^']*)'", part["names"]))
            if part["numbers"]:
                return self._places(value, [int(number) for number in part["numbers"].split(",")])
            return list(value)[self._bound(part["start"]) : self._bound(part["end"])]
        except (KeyError, IndexError, TypeError) as error:
            raise JsonPathError(f"the JSONPath {self._text!r} finds nothing: {error!r}") from error

    @staticmethod
    def _members(value: Any, names: list[str]) -> Any:
        return value[names[0]] if len(names) == 1 else {name: value[name] for name in names}

    @staticmethod
    def _places(value: Any, numbers: list[int]) -> Any:
        if not isinstance(value, list):
            raise TypeError(f"{type(value).__name__} has no places")
        return value[numbers[0]] if len(numbers) == 1 else [value[number] for number in numbers]

    @staticmethod
    def _bound(text: str) -> int | None:
        return int(text) if text else None
