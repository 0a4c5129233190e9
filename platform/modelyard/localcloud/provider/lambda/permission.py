"""`aws:lambda/permission:Permission`."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.errors import found
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_CONDITIONS = {
    "sourceArn": ("ArnLike", "AWS:SourceArn"),
    "sourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "eventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
    "principalOrgId": ("StringEquals", "aws:PrincipalOrgID"),
    "functionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
}


class Permission(ResourceType):
    """Who else may call a function."""

    pulumi_type = "aws:lambda/permission:Permission"
    client = "lambda"
    name_property = "statementId"
    name_limit = 100
    immutable = True
    names: ClassVar = {"function": "FunctionName", "principalOrgId": "PrincipalOrgID"}
    unread = frozenset({"statementIdPrefix", "invokedViaFunctionUrl"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Add the statement; it is known by its identifier."""
        self.call(aws, "add_permission", **self.request(aws, "add_permission", inputs))
        return str(inputs["statementId"])

    def import_id(self, aws: Session, resource_id: str) -> str:
        """A permission is imported by its function and its identifier."""
        return resource_id.rpartition("/")[2]

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Find the statement in the function's policy."""
        functions = [str(state["function"])] if state.get("function") else _functions(aws)
        for function in functions:
            for statement in _statements(aws, function, state.get("qualifier")):
                if statement["Sid"] == resource_id:
                    return {**_properties(statement), "function": function, **_qualifier(state)}
        return None

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Remove the statement."""
        names = {"FunctionName": state["function"], "StatementId": resource_id}
        qualified = {"Qualifier": state["qualifier"]} if state.get("qualifier") else {}
        if self.read(aws, resource_id, state) is not None:
            self.find(aws, "remove_permission", **names, **qualified)

    def list(self, aws: Session) -> Iterator[str]:
        """List the identifiers of all functions' statements."""
        for function in _functions(aws):
            for statement in _statements(aws, function, None):
                yield str(statement["Sid"])


def _functions(aws: Session) -> list[str]:
    pages = aws.client("lambda").get_paginator("list_functions").paginate()
    return [str(item["FunctionName"]) for page in pages for item in page["Functions"]]


def _statements(aws: Session, function: str, qualifier: Any) -> list[dict[str, Any]]:
    qualified = {"Qualifier": qualifier} if qualifier else {}
    answer = found(aws.client("lambda").get_policy, FunctionName=function, **qualified)
    return list(json.loads(answer["Policy"])["Statement"]) if answer else []


def _qualifier(state: Props) -> Props:
    return {"qualifier": state["qualifier"]} if state.get("qualifier") else {}


def _properties(statement: dict[str, Any]) -> Props:
    principal = statement["Principal"]
    named = next(iter(principal.values())) if isinstance(principal, dict) else principal
    conditions = {
        (kind.lower(), key.lower()): value
        for kind, entries in (statement.get("Condition") or {}).items()
        for key, value in entries.items()
    }
    known = {name: conditions.get((kind.lower(), key.lower())) for name, (kind, key) in _CONDITIONS.items()}
    given = {name: value for name, value in known.items() if value is not None}
    return {"statementId": statement["Sid"], "action": statement["Action"], "principal": named, **given}


RESOURCE = Permission()
