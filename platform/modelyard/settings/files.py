"""Reading settings files: one clear error for each thing that can be wrong."""

import difflib
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from modelyard.errors import SettingsError

S = TypeVar("S", bound=BaseModel)


class _Loader(yaml.SafeLoader):
    """Reads plain values, days as text, for the settings say what a day is; a key that is there twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the mapping."""
        seen: set[Any] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} is there twice", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: str(node.value))


def environments(folder: Path) -> list[str]:
    """List the environments that have a file in a folder."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load(kind: type[S], path: Path) -> S:
    """Read one environment's settings.

    Args:
        kind: the model of the document.
        path: the environment's YAML.

    Raises:
        SettingsError: there is no such file, it isn't YAML, or a value is not valid; the message names its path.
    """
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - it is a safe one
    except FileNotFoundError:
        raise _unknown_environment(path) from None
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}", hint="see what is in its place") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: it is not UTF-8 ({error.reason})", hint="save it as UTF-8") from error
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        problem = getattr(error, "problem", None) or "it is no YAML"
        raise SettingsError(f"{path}{line}: {problem}", hint="mend that line and type the same again") from error
    if not isinstance({} if document is None else document, dict):
        what = "a list" if isinstance(document, list) else f"the value {document!r}"
        raise SettingsError(f"{path}: it is {what}, not settings", hint="write settings as 'key: value', one a line")
    try:
        return kind.model_validate(document or {})
    except ValidationError as error:
        raise _invalid(kind, path, error) from error


def _unknown_environment(path: Path) -> SettingsError:
    known = environments(path.parent)
    close = difflib.get_close_matches(path.stem, known, n=1)
    hint = f"type --env {close[0]}" if close else f"there is: {', '.join(known)}" if known else f"write {path}"
    return SettingsError(f"there is no environment {path.stem!r} ({path} does not exist)", hint=hint)


def _invalid(kind: type[BaseModel], path: Path, error: ValidationError) -> SettingsError:
    problems = []
    hint = "mend the file and type the same again"
    for item in error.errors(include_url=False):
        key = ".".join(str(part) for part in item["loc"])
        if item["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(item["loc"][-1]), _keys(kind, item["loc"][:-1]), n=1)
            problems.append(f"{key} is not a setting")
            hint = f"did you mean {near[0]}?" if near else "remove the key"
        else:
            given = f", not {item['input']!r}" if not isinstance(item["input"], dict) else ""
            problems.append(f"{key}: {_first_lower(item['msg'])}{given}")
    return SettingsError(f"{path}: {'; '.join(problems)}", hint=hint)


def _keys(kind: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    model: Any = kind
    for part in path:
        field = getattr(model, "model_fields", {}).get(part)
        model = field.annotation if field is not None else None
    return list(getattr(model, "model_fields", {}))


def _first_lower(text: str) -> str:
    return text[:1].lower() + text[1:]
