"""What policies allow: IAM's evaluation logic over identity policies and a permissions boundary.

After the IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements". Resource policies, session policies
and those of organizations are not looked at.
"""

import fnmatch
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]
Context = Mapping[str, list[str]]
ALLOWED, DENIED, UNMENTIONED = "allowed", "explicitDeny", "implicitDeny"


@dataclass(frozen=True)
class Policy:
    """One policy.

    Args:
        name: by which a result names it.
        document: its document.
    """

    name: str
    document: Document

    @property
    def statements(self) -> list[Document]:
        """Its statements."""
        found = self.document.get("Statement", [])
        return [found] if isinstance(found, Mapping) else list(found)


@dataclass(frozen=True)
class Verdict:
    """What policies say of one action on one resource.

    Args:
        decision: allowed, explicitDeny or implicitDeny.
        matched: the names of the policies whose statements decided it.
        missing: the context keys that conditions asked for and nobody gave.
    """

    decision: str
    matched: tuple[str, ...]
    missing: tuple[str, ...]


def read(name: str, text: str) -> Policy:
    """Return a policy from its document's text.

    Raises:
        ValueError: it is no policy document.
    """
    document = json.loads(text)
    if not isinstance(document, dict) or not isinstance(document.get("Statement"), (dict, list)):
        raise ValueError("it has no Statement")
    return Policy(name, document)


def judge(policies: Iterable[Policy], action: str, resource: str, context: Context) -> Verdict:
    """Return what policies say of an action on a resource; one that denies it wins over any that allow it."""
    matched: dict[str, list[str]] = {"Allow": [], "Deny": []}
    missing: set[str] = set()
    for policy in policies:
        for statement in policy.statements:
            if _concerns(statement, action, resource):
                missing |= set(_unknown(statement, context))
                if _holds(statement.get("Condition", {}), context):
                    matched[statement["Effect"]].append(policy.name)
    decision = DENIED if matched["Deny"] else ALLOWED if matched["Allow"] else UNMENTIONED
    return Verdict(decision, tuple(matched["Deny"] or matched["Allow"]), tuple(sorted(missing)))


def _concerns(statement: Document, action: str, resource: str) -> bool:
    return _named(statement, "Action", action.lower(), str.lower) and _named(statement, "Resource", resource, str)


def _named(statement: Document, element: str, value: str, form: Callable[[str], str]) -> bool:
    if f"Not{element}" in statement:
        return not any(_like(value, form(pattern)) for pattern in _list(statement[f"Not{element}"]))
    return any(_like(value, form(pattern)) for pattern in _list(statement.get(element, [])))


def _like(value: str, pattern: str) -> bool:
    """Tell whether a text is as a pattern with `*` and `?`; brackets mean nothing."""
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


def _list(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _conditions(block: Document) -> Iterator[tuple[str, str, list[str]]]:
    for operator, keys in block.items():
        for key, values in keys.items():
            yield operator, key, _list(values)


def _unknown(statement: Document, context: Context) -> Iterator[str]:
    for operator, key, _ in _conditions(statement.get("Condition", {})):
        if _given(context, key) is None and operator != "Null":
            yield key


def _given(context: Context, key: str) -> list[str] | None:
    return next((values for name, values in context.items() if name.lower() == key.lower()), None)


def _holds(block: Document, context: Context) -> bool:
    return all(_condition(operator, _given(context, key), values) for operator, key, values in _conditions(block))


def _condition(operator: str, given: list[str] | None, values: list[str]) -> bool:
    if operator == "Null":
        return (given is None) == (values[0].lower() == "true")
    quantifier, _, bare = operator.rpartition(":")
    name = bare.removesuffix("IfExists")
    negated = "Not" in name
    if given is None:
        return bare.endswith("IfExists") or quantifier == "ForAllValues" or negated
    test = _TESTS.get(name.replace("Not", ""))
    if test is None:
        return False
    over = all if quantifier == "ForAllValues" or negated else any
    return over(any(test(one, value) for value in values) != negated for one in given)


def _number(test: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def compare(one: str, other: str) -> bool:
        if not (_NUMBER.fullmatch(one) and _NUMBER.fullmatch(other)):
            return False
        return test(float(one), float(other))

    return compare


_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda one, other: one == other,
    "StringEqualsIgnoreCase": lambda one, other: one.lower() == other.lower(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda one, other: one.lower() == other.lower(),
    "NumericEquals": _number(lambda one, other: one == other),
    "NumericLessThan": _number(lambda one, other: one < other),
    "NumericLessThanEquals": _number(lambda one, other: one <= other),
    "NumericGreaterThan": _number(lambda one, other: one > other),
    "NumericGreaterThanEquals": _number(lambda one, other: one >= other),
}
