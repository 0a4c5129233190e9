"""The permissions boundary: the most that any role of the environment can ever be allowed.

It is made of what the roles' own policies allow, service by service: a policy that somebody widens by hand stays
without effect beyond that. IAM limits a managed policy to 6,144 characters without white space, which is why people and
pipelines have boundaries of their own.
"""

from collections.abc import Iterable

from modelyard.components.identity.realm import Document, Statement, allow, document

_SERVICE = 2  # its place in an ARN


def boundary(documents: Iterable[Document]) -> Document:
    """Join what policies allow.

    Args:
        documents: the policies of all roles that carry the boundary.
    """
    allowing = [it for item in documents for it in item["Statement"] if it["Effect"] == "Allow"]
    statements = [part for it in allowing for part in _by_service(it)]
    services = sorted({_service(action) for statement in statements for action in statement["Action"]} - {"iam"})
    joined = [_joined(service, statements) for service in services]
    passing = [statement for statement in statements if statement["Sid"] == "PassRoles"]
    roles = {it["Sid"]: it for it in statements if _service(it["Action"][0]) == "iam" and it not in passing}
    return document(*(it for it in joined if it), *_anywhere(statements), *roles.values(), *_passing(passing))


def _by_service(statement: Statement) -> list[Statement]:
    """Take a statement on several services apart: for each its actions and its resources."""
    services = sorted({_service(action) for action in statement["Action"]})
    if len(services) == 1 or statement["Resource"] == ["*"]:
        return [statement]
    return [
        {
            **statement,
            "Action": [it for it in statement["Action"] if _service(it) == service],
            "Resource": [it for it in statement["Resource"] if it.split(":")[_SERVICE] == service],
        }
        for service in services
    ]


def _joined(service: str, statements: list[Statement]) -> Statement | None:
    """Join the statements of one service that name their resources; what is about roles keeps its conditions."""
    named_only = [it for it in statements if it["Resource"] != ["*"]]
    own = [statement for statement in named_only if _service(statement["Action"][0]) == service]
    if not own:
        return None
    named = {resource for statement in own for resource in statement["Resource"]}
    sid = "".join(part.title() for part in service.split("-"))
    return allow(sid, _actions(own), sorted(_outermost(named)))


def _anywhere(statements: list[Statement]) -> list[Statement]:
    """Join the statements on what takes no ARN, by their conditions."""
    own = [statement for statement in statements if statement["Resource"] == ["*"]]
    conditions = [statement.get("Condition") for statement in own]
    distinct = [item for place, item in enumerate(conditions) if item not in conditions[:place]]
    return [
        allow(f"Any{place}", _actions([it for it in own if it.get("Condition") == condition]), ["*"], condition)
        for place, condition in enumerate(distinct, 1)
    ]


def _passing(statements: list[Statement]) -> list[Statement]:
    """Join the statements that pass roles, and keep their condition; nothing where there is none."""
    resources = sorted({resource for statement in statements for resource in statement["Resource"]})
    return [allow("PassRoles", ["iam:PassRole"], resources, it["Condition"]) for it in statements[:1]]


def _actions(statements: list[Statement]) -> list[str]:
    return sorted({action for statement in statements for action in statement["Action"]})


def _outermost(resources: Iterable[str]) -> list[str]:
    """Leave out what a broader pattern of the same has: `bucket/models/*` where there is `bucket/*`."""
    patterns = [it.removesuffix("*") for it in resources if it.endswith("*")]
    return [it for it in resources if not any(it.startswith(head) and it != f"{head}*" for head in patterns)]


def _service(action: str) -> str:
    return action.partition(":")[0]
