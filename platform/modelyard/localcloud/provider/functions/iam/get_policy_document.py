"""`aws:iam/getPolicyDocument:getPolicyDocument`, rendered as the real provider renders it.

Source: `internal/service/iam/policy_model.go` and `policy_document_data_source.go` of the Terraform AWS provider. Sets
are sorted downwards, one of a set stands alone, `&{` becomes `${` everywhere but in actions, a statement takes the
place of an earlier one of its Sid, and the text is Go's indented JSON.
"""

import json
import re
import zlib
from collections.abc import Iterable
from typing import Any

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_DEFAULT_VERSION = "2012-10-17"
_OLD_VERSION = "2008-10-17"
_ORDER = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition")
_SID = re.compile(r"[a-zA-Z0-9]*")
Statement = dict[str, Any]


def call(aws: Session, args: Props) -> Props:
    """Return a policy document made of statements and of other documents.

    Raises:
        ProviderError: a document or a statement is not valid, or two have one Sid.
    """
    version = args.get("version") or _DEFAULT_VERSION
    if version not in (_OLD_VERSION, _DEFAULT_VERSION):
        raise ProviderError(f"version is {version!r}", hint=f"take {_DEFAULT_VERSION} or {_OLD_VERSION}")
    merged: dict[str, Any] = {"Statement": []}
    sources = [_document(text, f"sourcePolicyDocuments[{at}]") for at, text in _given(args, "sourcePolicyDocuments")]
    _refuse_doubles([item for source in sources for item in source["Statement"]], "sourcePolicyDocuments")
    statements = [_statement(item, version) for item in args.get("statements") or []]
    _refuse_doubles(statements, "statements")
    own = {"Version": version, "Id": args.get("policyId"), "Statement": statements}
    later = "overridePolicyDocuments"
    overrides = [_document(text, f"{later}[{index}]") for index, text in _given(args, later)]
    for document in (*sources, own, *overrides):
        _merge(merged, document)
    text = _go_json(merged, indent=2)
    minified = _go_json(merged, indent=None)
    return {**args, "id": str(zlib.crc32(text.encode())), "json": text, "minifiedJson": minified, "version": version}


def _given(args: Props, name: str) -> Iterable[tuple[int, str]]:
    return [(index, text) for index, text in enumerate(args.get(name) or []) if text]


def _go_json(document: dict[str, Any], indent: int | None) -> str:
    ordered = {name: document[name] for name in ("Version", "Id", "Statement") if document.get(name)}
    separators = (",", ":") if indent is None else None
    text = json.dumps(ordered, indent=indent, separators=separators, ensure_ascii=False)
    for letter in "&<>\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _merge(merged: dict[str, Any], document: dict[str, Any]) -> None:
    if document.get("Id"):
        merged["Id"] = document["Id"]
    merged["Version"] = max(str(merged.get("Version") or ""), str(document.get("Version") or ""))
    statements: list[Statement] = merged["Statement"]
    for statement in document["Statement"]:
        sid = statement.get("Sid")
        taken = [index for index, known in enumerate(statements) if sid and known.get("Sid") == sid]
        if taken:
            statements[taken[0]] = statement
        else:
            statements.append(statement)


def _refuse_doubles(statements: list[Statement], where: str) -> None:
    sids = [statement["Sid"] for statement in statements if statement.get("Sid")]
    doubles = sorted({sid for sid in sids if sids.count(sid) > 1})
    if doubles:
        raise ProviderError(
            f"duplicate Sid ({doubles[0]}) in {where}", hint="remove the Sid or ensure the Sids are unique"
        )


def _document(text: str, where: str) -> dict[str, Any]:
    hint = "give the document as a JSON text whose Statement is a list"
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ProviderError(f"{where} is not JSON: {error}", hint=hint) from error
    statements = (found.get("Statement") or []) if isinstance(found, dict) else None
    if not isinstance(statements, list):
        raise ProviderError(f"{where} is not a policy document with a list of statements", hint=hint)
    return {**found, "Statement": [_reread(item) for item in statements]}


def _reread(statement: Statement) -> Statement:
    result = {name: statement[name] for name in _ORDER if statement.get(name) not in (None, "", {})}
    for name in ("Principal", "NotPrincipal"):
        if name in result:
            found = result[name]
            items = {"*": ["*"]} if isinstance(found, str) else found
            result[name] = _principals([(kind, items[kind]) for kind in items])
    if "Condition" in result:
        tests = result["Condition"]
        result["Condition"] = _conditions(
            (test, name, _texts(tests[test][name])) for test in tests for name in tests[test]
        )
    return result


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return [str(value).lower() if isinstance(value, bool) else str(value)]


def _statement(item: Props, version: str) -> Statement:
    sid = item.get("sid") or ""
    if not _SID.fullmatch(sid):
        raise ProviderError(f"Sid {sid!r} must only include alphanumeric characters", hint="take out all others")
    effect = item.get("effect") or "Allow"
    if effect not in ("Allow", "Deny"):
        raise ProviderError(f"effect is {effect!r}", hint="take Allow or Deny")
    statement: Statement = {
        "Sid": sid,
        "Effect": effect,
        "Action": _one_or_sorted(item.get("actions") or []),
        "NotAction": _one_or_sorted(item.get("notActions") or []),
    }
    for word, name in (("Resource", "resources"), ("NotResource", "notResources")):
        statement[word] = _one_or_sorted(_variables(item.get(name) or [], version))
    for word, name in (("Principal", "principals"), ("NotPrincipal", "notPrincipals")):
        found = [(one["type"], _one_or_sorted(_variables(one["identifiers"], version))) for one in item.get(name) or []]
        statement[word] = _principals(found)
    conditions = item.get("conditions") or []
    statement["Condition"] = _conditions(
        (one["test"], one["variable"], _variables(one["values"], version)) for one in conditions
    )
    return {name: value for name, value in statement.items() if value}


def _variables(texts: Iterable[Any], version: str) -> list[str]:
    result = [str(text) for text in texts]
    if version == _OLD_VERSION and any("&{" in text for text in result):
        raise ProviderError(f"found &{{ sequence, which is not supported in document version {_OLD_VERSION}")
    return [text.replace("&{", "${") for text in result]


def _one_or_sorted(texts: list[Any]) -> Any:
    values = sorted({str(text) for text in texts}, reverse=True)
    return values[0] if len(values) == 1 else values


def _principals(items: list[tuple[str, Any]]) -> Any:
    if len(items) == 1 and items[0][0] == "*" and items[0][1] in ("*", ["*"]):
        return "*"
    by_type: dict[str, Any] = {}
    for kind, identifiers in items:
        known = by_type.get(kind)
        if known is None and isinstance(identifiers, str):
            by_type[kind] = identifiers
            continue
        before = [] if known is None else [known] if isinstance(known, str) else known
        added = [identifiers] if isinstance(identifiers, str) else sorted(identifiers, reverse=True)
        by_type[kind] = [*before, *added]
    return {kind: by_type[kind] for kind in sorted(by_type)}


def _conditions(items: Iterable[tuple[str, str, list[str]]]) -> dict[str, dict[str, Any]]:
    by_test: dict[str, dict[str, list[str]]] = {}
    for test, variable, values in items:
        by_test.setdefault(test, {}).setdefault(variable, []).extend(values)
    return {
        test: {name: texts[0] if len(texts) == 1 else texts for name, texts in sorted(by_test[test].items())}
        for test in sorted(by_test)
    }
