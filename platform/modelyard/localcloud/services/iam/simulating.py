"""SimulatePrincipalPolicy and SimulateCustomPolicy: requests read, principals' policies collected, answers written."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from moto.iam.exceptions import IAMException, NotFoundException, ValidationError

from modelyard.localcloud.services.iam.simulation import ALLOWED, Policy, Verdict, judge, read

_PAGE = 100
_MAX_PAGE = 1000
Result = dict[str, Any]
Ask = Callable[[str], Any]


class InvalidInput(IAMException):
    """A policy or a parameter that can't be read."""

    code = "InvalidInput"


def simulate(ask: Ask, policies: list[Policy], boundary: list[Policy]) -> Result:
    """Return one page of what policies say of the actions and resources that a request names.

    Args:
        ask: gives a parameter of the request.
        policies: the principal's.
        boundary: what bounds it, without what the request adds; none is no boundary.

    Raises:
        IAMException: the request is not valid.
    """
    actions, resources = ask("ActionNames") or [], ask("ResourceArns") or ["*"]
    if any(":" not in action for action in actions):
        raise ValidationError(f"ActionNames: {', '.join(actions)}: an action is a service's prefix, a colon and a name")
    given = [*boundary, *_given(ask("PermissionsBoundaryPolicyInputList"), "PermissionsBoundaryPolicyInputList")]
    context = {entry["ContextKeyName"]: entry.get("ContextKeyValues") or [] for entry in ask("ContextEntries") or []}
    pairs = list(itertools.product(actions, resources))
    start, size = _page(ask)
    results = [
        _result(
            action, resource, judge(policies, action, resource, context), _bounded(given, action, resource, context)
        )
        for action, resource in pairs[start : start + size]
    ]
    more = start + size < len(pairs)
    return {
        "EvaluationResults": results,
        "IsTruncated": more,
        **({"Marker": str(start + size)} if more else {}),
    }


def custom(ask: Ask) -> list[Policy]:
    """Return the policies that a request brings."""
    return _given(ask("PolicyInputList"), "PolicyInputList")


def of_principal(backend: Any, arn: str) -> tuple[list[Policy], list[Policy]]:
    """Return a role's, user's or group's policies, and those of its boundary.

    Raises:
        IAMException: there is no such principal.
    """
    kind, _, name = arn.rpartition(":")[2].partition("/")
    name = name.rpartition("/")[2]
    if kind not in ("role", "user", "group"):
        raise InvalidInput(f"{arn} is no role, user or group")
    principal = getattr(backend, f"get_{kind}")(name)
    if principal.arn != arn:
        raise NotFoundException(f"{arn} not found")
    groups = backend.get_groups_for_user(name) if kind == "user" else []
    found = [policy for owner in (principal, *groups) for policy in _policies(owner)]
    bound = getattr(principal, "permissions_boundary_arn", None)
    return found, [_managed(backend.get_policy(bound))] if bound else []


def _policies(owner: Any) -> Iterator[Policy]:
    for name, text in owner.policies.items():
        yield read(name, unquote(text))
    for policy in owner.managed_policies.values():
        yield _managed(policy)


def _managed(policy: Any) -> Policy:
    version = next(one for one in policy.versions if one.is_default)
    return read(policy.name, unquote(version.document))


def _given(texts: list[str] | None, parameter: str) -> list[Policy]:
    found = []
    for number, text in enumerate(texts or [], 1):
        try:
            found.append(read(f"{parameter}.{number}", text))
        except ValueError as error:
            raise InvalidInput(f"{parameter}.{number} is no policy document: {error}") from error
    return found


def _page(ask: Ask) -> tuple[int, int]:
    marker, size = str(ask("Marker") or "0"), int(ask("MaxItems") or _PAGE)
    if not marker.isdigit() or not 0 < size <= _MAX_PAGE:
        raise ValidationError(f"Marker {marker} or MaxItems {size} is not valid")
    return int(marker), size


def _bounded(boundary: list[Policy], action: str, resource: str, context: dict[str, list[str]]) -> Verdict | None:
    return judge(boundary, action, resource, context) if boundary else None


def _result(action: str, resource: str, said: Verdict, bounded: Verdict | None) -> Result:
    decision, allows = said.decision, bounded is None or bounded.decision == ALLOWED
    if decision == ALLOWED and bounded and not allows:
        decision = bounded.decision
    result: Result = {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": decision,
        "MatchedStatements": [{"SourcePolicyId": name, "SourcePolicyType": "IAM Policy"} for name in said.matched],
        "MissingContextValues": list(said.missing),
    }
    if bounded:
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allows}
    return result
