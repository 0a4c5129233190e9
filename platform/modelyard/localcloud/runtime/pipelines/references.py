"""References in a step's arguments, replaced by values when the step starts."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from modelyard.localcloud.runtime.pipelines.definition import Step

_PART = re.compile(r"\.?([A-Za-z_][\w-]*)|\[(?:'([^']*)'|\"([^\"]*)\"|(\d+))\]")
# By what members of SageMaker's lists are known.
_LIST_KEYS = ("OutputName", "InputName", "MetricName", "ChannelName", "Name", "Key")


class PathError(Exception):
    """A reference leads nowhere; the message is the step's FailureReason."""


@dataclass(frozen=True)
class Scope:
    """What references can see.

    Args:
        parameters: the execution's parameters.
        execution: `PipelineExecutionId` and the like.
        properties: of each finished step, what its describe call returned.
        steps: the definition's steps.
        read: returns the text of an S3 object.
        loop: what a loop gives to the steps of its body, such as CurrentItem.
    """

    parameters: dict[str, Any]
    execution: dict[str, Any]
    properties: dict[str, Any]
    steps: dict[str, Step]
    read: Callable[[str], str]
    loop: dict[str, Any] = field(default_factory=dict)

    def resolve(self, value: Any) -> Any:
        """Return a value with every reference in it replaced.

        Raises:
            PathError: one leads nowhere.
        """
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {"Get"}:
            return self._get(value["Get"])
        if set(value) == {"Std:Join"}:
            join = value["Std:Join"]
            return str(join.get("On", "")).join(_text(self.resolve(item)) for item in join["Values"])
        if set(value) == {"Std:JsonGet"}:
            return self._json_get(value["Std:JsonGet"])
        return {key: self.resolve(item) for key, item in value.items()}

    def _get(self, reference: str) -> Any:
        scope, _, rest = reference.partition(".")
        if scope == "Parameters":
            return self.parameters[rest]
        if scope == "Execution":
            return follow(self.execution, rest, reference)
        if scope == "ForEach":
            return follow(self.loop, rest, reference)
        name = rest.split(".", 1)[0].split("[", 1)[0]
        if name not in self.properties:
            raise PathError(f"ClientError: {reference}: the step {name} has no properties")
        return follow(self.properties[name], rest[len(name) :], reference)

    def _json_get(self, call: dict[str, Any]) -> Any:
        uri = str(self.resolve(call["S3Uri"])) if "S3Uri" in call else self._property_file(call["PropertyFile"]["Get"])
        try:
            content = json.loads(self.read(uri))
        except ValueError as error:
            raise PathError(f"ClientError: the property file {uri} is not JSON: {error}") from error
        return follow(content, str(self.resolve(call["Path"])), uri)

    def _property_file(self, reference: str) -> str:
        _, name, _, file_name = [*reference.split(".", 3), "", "", ""][:4]
        files = self.steps[name].fields.get("PropertyFiles", []) if name in self.steps else []
        for file in files:
            if file["PropertyFileName"] == file_name:
                outputs = f"ProcessingOutputConfig.Outputs['{file['OutputName']}'].S3Output.S3Uri"
                folder = follow(self.properties.get(name, {}), outputs, reference)
                return f"{folder.rstrip('/')}/{file['FilePath']}"
        raise PathError(f"ClientError: {reference}: there is no such property file")


def follow(value: Any, path: str, what: str) -> Any:
    """Follow a path such as `Outputs['train'].S3Output.S3Uri` or `metrics.auc[0].value`.

    Args:
        value: where to start.
        path: names, and indexes in brackets; a name in brackets finds the list's member of that name.
        what: what to call the value in an error.

    Raises:
        PathError: there is nothing there.
    """
    position = 0
    while position < len(path):
        match = _PART.match(path, position)
        if not match:
            raise PathError(f"ClientError: {what}: can't read the path {path!r}")
        position = match.end()
        word = next(group for group in match.groups() if group is not None)
        found, value = _enter(value, int(word) if match[4] else word)
        if not found:
            raise PathError(f"ClientError: {what}: there is no {word!r} in {path!r}")
    return value


def _enter(value: Any, word: str | int) -> tuple[bool, Any]:
    if isinstance(value, dict):
        return (word in value or str(word) in value), value.get(word, value.get(str(word)))
    if isinstance(value, list):
        if isinstance(word, int):
            return (word < len(value)), (value[word] if word < len(value) else None)
        for item in value:
            if isinstance(item, dict) and word in (item.get(key) for key in _LIST_KEYS):
                return True, item
    return False, None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
