"""`aws:iam/getPolicyDocument:getPolicyDocument`, rendered as the real provider renders it.

Source: `internal/service/iam/policy_model.go` and `policy_document_data_source.go` of the Terraform AWS provider: lists
are sorted downwards, lists of one become their item, `&{` becomes `${`, and the text is Go's indented JSON.
"""

import json
import zlib
from collections.abc import Iterable
from typing import Any

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_DEFAULT_VERSION = "2012-10-17"
_LISTS = {
    "NotAction": "notActions",
    "Action": "actions",
    "NotResource": "notResources",
    "Resource": "resources",
}
_PRINCIPALS = {"NotPrincipal": "notPrincipals", "Principal": "principals"}
_ORDER = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition")


def call(aws: Session, args: Props) -> Props:
    """Return a policy document made of statements and of other documents."""
    document: dict[str, Any] = {"Version": args.get("version") or _DEFAULT_VERSION}
    if args.get("policyId"):
        document["Id"] = args["policyId"]
    statements: list[dict[str, Any]] = []
    for text in args.get("sourcePolicyDocuments") or []:
        statements = _merged(statements, _statements(text))
    statements = _merged(statements, [_statement(item) for item in args.get("statements") or []])
    for text in args.get("overridePolicyDocuments") or []:
        statements = _merged(statements, _statements(text))
    if statements:
        document["Statement"] = statements
    text = _go_json(document)
    return {
        **args,
        "id": str(zlib.crc32(text.encode())),
        "json": text,
        "minifiedJson": _go_json(document, indent=None),
        "version": document["Version"],
    }


def _go_json(document: Any, indent: int | None = 2) -> str:
    separators = (",", ":") if indent is None else None
    text = json.dumps(document, indent=indent, separators=separators, ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _merged(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_sid = {item["Sid"]: item for item in new if item.get("Sid")}
    known = {item["Sid"] for item in old if item.get("Sid")}
    kept = [by_sid.get(item.get("Sid"), item) for item in old]
    return kept + [item for item in new if item.get("Sid") not in known]


def _statements(text: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text).get("Statement", []) if text else []
    except ValueError as error:
        raise ProviderError(
            f"a policy document is not JSON: {error}", hint="give the document as a JSON text"
        ) from error
    return [_ordered(item) for item in (found if isinstance(found, list) else [found])]


def _ordered(statement: dict[str, Any]) -> dict[str, Any]:
    return {name: statement[name] for name in _ORDER if statement.get(name)}


def _statement(item: Props) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": item.get("sid"), "Effect": item.get("effect") or "Allow"}
    for word, name in _LISTS.items():
        statement[word] = _one_or_sorted(item.get(name) or [])
    for word, name in _PRINCIPALS.items():
        statement[word] = _principals(item.get(name) or [])
    statement["Condition"] = _conditions(item.get("conditions") or [])
    return _ordered(statement)


def _variables(texts: Iterable[Any]) -> list[str]:
    return [str(text).replace("&{", "${") for text in texts]


def _one_or_sorted(texts: list[Any]) -> Any:
    values = _variables(texts)
    return values[0] if len(values) == 1 else sorted(values, reverse=True)


def _principals(items: list[Props]) -> Any:
    if any(item["type"] == "*" for item in items):
        return "*"
    by_type: dict[str, list[str]] = {}
    for item in items:
        by_type.setdefault(item["type"], []).extend(sorted(_variables(item["identifiers"]), reverse=True))
    return {kind: texts[0] if len(texts) == 1 else texts for kind, texts in sorted(by_type.items())}


def _conditions(items: list[Props]) -> dict[str, dict[str, Any]]:
    by_test: dict[str, dict[str, list[str]]] = {}
    for item in items:
        by_test.setdefault(item["test"], {}).setdefault(item["variable"], []).extend(_variables(item["values"]))
    return {
        test: {name: texts[0] if len(texts) == 1 else texts for name, texts in sorted(by_test[test].items())}
        for test in sorted(by_test)
    }
