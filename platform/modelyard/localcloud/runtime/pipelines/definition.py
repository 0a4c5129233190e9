"""A pipeline's definition, read and checked: what is wrong is said when it is created, not when it runs."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

VERSION = "2020-12-01"
STEP_TYPES = frozenset(
    {
        "AutoML",
        "Callback",
        "ClarifyCheck",
        "Condition",
        "CreateModel",
        "EMR",
        "Endpoint",
        "EndpointConfig",
        "Fail",
        "ForEach",
        "Lambda",
        "Model",
        "Processing",
        "QualityCheck",
        "RegisterModel",
        "Training",
        "Transform",
        "Tuning",
    }
)
TRIGGERS = frozenset({"Completed", "Failed", "Stopped", "Any"})
NOT_IN_A_LOOP = frozenset({"Condition", "Fail", "ForEach"})
_PARAMETER_TYPES = {"String": str, "Integer": int, "Float": float, "Boolean": bool}
_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
_STEP = re.compile(r"Steps\.([A-Za-z0-9\-_]+)")

Value = str | int | float | bool


class DefinitionError(Exception):
    """A definition is not valid; the message is one line."""


@dataclass(frozen=True)
class Parameter:
    """A pipeline parameter.

    Args:
        name: its name.
        type: String, Integer, Float or Boolean.
        default: its value unless an execution gives another; None if one must.
        choices: the values it may have; none means any.
    """

    name: str
    type: str
    default: Value | None
    choices: tuple[Value, ...]

    def read(self, text: Any) -> Value:
        """Return a value from what an execution gives.

        Raises:
            DefinitionError: it is not of the parameter's type, or not one of its choices.
        """
        try:
            value = self._convert(text)
        except ValueError as error:
            raise DefinitionError(f"Parameter [{self.name}] value [{text}] is not of type [{self.type}]") from error
        if self.choices and value not in self.choices:
            raise DefinitionError(f"Parameter [{self.name}] value [{text}] is none of {list(self.choices)}")
        return value

    def _convert(self, text: Any) -> Value:
        if self.type == "Boolean":
            if str(text).lower() not in ("true", "false"):
                raise ValueError(text)
            return str(text).lower() == "true"
        made: Value = _PARAMETER_TYPES[self.type](text)
        return made


@dataclass(frozen=True)
class Step:
    """A step, wherever in the definition it stands.

    Args:
        name: its name, one in the whole pipeline.
        type: one of `STEP_TYPES`.
        arguments: as written, references included; a condition's are without its branches.
        needs: the steps that must have ended before, each with the outcome that lets this one run: Completed, Failed,
            Stopped or Any.
        parent: the condition whose branch it is in, and whether that is the branch for true.
        fields: everything else of it, such as PropertyFiles and CacheConfig.
        body: the steps of a ForEach, which are run for each of its items.
    """

    name: str
    type: str
    arguments: dict[str, Any]
    needs: dict[str, str]
    parent: tuple[str, bool] | None
    fields: dict[str, Any] = field(default_factory=dict)
    body: tuple["Step", ...] = ()


@dataclass(frozen=True)
class Definition:
    """A valid definition.

    Args:
        parameters: by name.
        steps: by name, a condition before what is in its branches.
    """

    parameters: dict[str, Parameter]
    steps: dict[str, Step]

    def values(self, given: dict[str, Any]) -> dict[str, Value]:
        """Return all parameters of an execution.

        Args:
            given: those that the execution sets.

        Raises:
            DefinitionError: one is unknown, missing or not valid.
        """
        unknown = sorted(given.keys() - self.parameters.keys())
        if unknown:
            raise DefinitionError(f"Unknown parameters: {', '.join(unknown)}")
        values: dict[str, Value] = {}
        for name, parameter in self.parameters.items():
            if name not in given and parameter.default is None:
                raise DefinitionError(f"Parameter [{name}] has no default and is not given")
            values[name] = parameter.read(given.get(name, parameter.default))
        return values


def parse(text: str) -> Definition:
    """Read a definition.

    Raises:
        DefinitionError: it is not valid, or uses a step type that the local cloud has not.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise DefinitionError(f"Unable to parse pipeline definition: {error}") from error
    if not isinstance(document, dict) or document.get("Version") != VERSION:
        raise DefinitionError(f"Unable to parse pipeline definition: Version must be {VERSION}")
    parameters = {item["Name"]: _parameter(item) for item in document.get("Parameters", [])}
    steps: dict[str, Step] = {}
    for step in _steps(document.get("Steps", []), None):
        if step.name in steps:
            raise DefinitionError(f"Step names must be unique: [{step.name}]")
        steps[step.name] = step
    if not steps:
        raise DefinitionError("Unable to parse pipeline definition: it has no Steps")
    _check_references(steps, parameters)
    _check_order(steps)
    return Definition(parameters, steps)


def gets(value: Any) -> Iterator[str]:
    """Yield every reference in a value, such as `Steps.Train.ModelArtifacts.S3ModelArtifacts`."""
    if isinstance(value, dict):
        if set(value) == {"Get"} and isinstance(value["Get"], str):
            yield value["Get"]
        for item in value.values():
            yield from gets(item)
    elif isinstance(value, list):
        for item in value:
            yield from gets(item)


def _parameter(item: dict[str, Any]) -> Parameter:
    if item.get("Type") not in _PARAMETER_TYPES:
        raise DefinitionError(f"Parameter [{item.get('Name')}] has the unknown type [{item.get('Type')}]")
    parameter = Parameter(item["Name"], item["Type"], None, tuple(item.get("EnumValues") or ()))
    if item.get("DefaultValue") is None:
        return parameter
    return Parameter(parameter.name, parameter.type, parameter.read(item["DefaultValue"]), parameter.choices)


def _steps(items: list[dict[str, Any]], parent: tuple[str, bool] | None) -> Iterator[Step]:
    for item in items:
        name = _checked_name(item)
        arguments = dict(item.get("Arguments") or {})
        branches = [(arguments.pop(key, None) or [], key == "IfSteps") for key in ("IfSteps", "ElseSteps")]
        body = tuple(_body(name, arguments.pop("ForEachBody", None) or []))
        fields = {key: value for key, value in item.items() if key not in {"Name", "Type", "Arguments"}}
        needs = _needs(item, [arguments, fields], parent) | _outer_needs(body)
        yield Step(name, item["Type"], arguments, needs, parent, fields, body)
        for nested, truth in branches:
            yield from _steps(nested, (name, truth))


def _checked_name(item: dict[str, Any]) -> str:
    name, kind = item.get("Name", ""), item.get("Type", "")
    if not _NAME.fullmatch(name):
        raise DefinitionError(f"Step name [{name}] must match {_NAME.pattern}")
    if kind not in STEP_TYPES:
        raise DefinitionError(
            f"Step [{name}] is of type [{kind}], which the local cloud can't run; "
            f"it runs {', '.join(sorted(STEP_TYPES))}"
        )
    return str(name)


def _body(loop: str, items: list[dict[str, Any]]) -> Iterator[Step]:
    for step in _steps(items, None):
        if step.type in NOT_IN_A_LOOP:
            raise DefinitionError(f"Step [{step.name}] of type [{step.type}] can't stand in the body of [{loop}]")
        yield step


def _outer_needs(body: tuple[Step, ...]) -> dict[str, str]:
    """Return what the steps of a loop need that are not of the loop."""
    inner = {step.name for step in body}
    return {name: trigger for step in body for name, trigger in step.needs.items() if name not in inner}


def _needs(item: dict[str, Any], values: list[Any], parent: tuple[str, bool] | None) -> dict[str, str]:
    needs = {parent[0]: "Completed"} if parent else {}
    for reference in gets(values):
        match = _STEP.match(reference)
        if match:
            needs[match[1]] = "Completed"
    for needed in item.get("DependsOn") or []:
        name, trigger = (needed["Step"], needed.get("Trigger")) if isinstance(needed, dict) else (needed, None)
        needs[name] = trigger or "Completed"
        if needs[name] not in TRIGGERS:
            raise DefinitionError(f"Step [{item['Name']}] has the unknown trigger [{needs[name]}]")
    return needs


def _check_references(steps: dict[str, Step], parameters: dict[str, Parameter]) -> None:
    for step in steps.values():
        unknown = sorted(step.needs.keys() - steps.keys())
        if unknown:
            raise DefinitionError(f"Step [{step.name}] depends on the unknown step [{unknown[0]}]")
        _check_scopes(step, parameters, {"Parameters", "Execution", "Steps", "IterationOutput"})
        for inner in step.body:
            _check_scopes(inner, parameters, {"Parameters", "Execution", "Steps", "ForEach"})
    _check_loops(steps)


def _check_scopes(step: Step, parameters: dict[str, Parameter], scopes: set[str]) -> None:
    for reference in gets([step.arguments, step.fields]):
        scope, _, rest = reference.partition(".")
        if scope not in scopes:
            raise DefinitionError(f"Step [{step.name}] has the unknown reference [{reference}]")
        if scope == "Parameters" and rest not in parameters:
            raise DefinitionError(f"Step [{step.name}] refers to the unknown parameter [{rest}]")


def _check_loops(steps: dict[str, Step]) -> None:
    names = set(steps)
    for loop in (step for step in steps.values() if step.type == "ForEach"):
        if not loop.body or not loop.arguments.get("IterableItems"):
            raise DefinitionError(f"Step [{loop.name}] needs IterableItems and a ForEachBody")
        for inner in loop.body:
            if inner.name in names:
                raise DefinitionError(f"Step names must be unique: [{inner.name}]")
            names.add(inner.name)


def _check_order(steps: dict[str, Step]) -> None:
    left = {name: set(step.needs) for name, step in steps.items()}
    while left:
        free = [name for name, needs in left.items() if not needs & left.keys()]
        if not free:
            raise DefinitionError(f"Steps depend on each other in a circle: {', '.join(sorted(left))}")
        for name in free:
            del left[name]
