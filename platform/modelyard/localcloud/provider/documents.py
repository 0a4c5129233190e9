"""When two values mean the same: JSON documents, IAM policies, sets, and what AWS treats as absent."""

import json
from collections.abc import Mapping
from typing import Any

from modelyard.wire import Unknown

_SETS_IN_POLICIES = frozenset({"Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal"})


def is_absent(value: Any) -> bool:
    """Tell whether AWS can't tell a value from none: null, an empty text, list or map."""
    return value is None or (isinstance(value, str | list | Mapping) and len(value) == 0)


def is_zero(value: Any) -> bool:
    """Tell whether a value is what Terraform, and so the real provider, can't tell from one that was not given."""
    return is_absent(value) or (isinstance(value, bool | int | float) and not value)


def same_document(old: Any, new: Any) -> bool:
    """Compare two JSON texts by what they say; IAM policies by what they mean."""
    if old == new:
        return True
    return _document(old) == _document(new) if isinstance(old, str) and isinstance(new, str) else False


def same_set(old: Any, new: Any) -> bool:
    """Compare two lists whatever their order."""
    if not isinstance(old, list) or not isinstance(new, list):
        return bool(old == new)
    return len(old) == len(new) and sorted(map(_key, old)) == sorted(map(_key, new))


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=lambda part: "?" if isinstance(part, Unknown) else repr(part))


def _document(text: str) -> Any:
    try:
        document = json.loads(text)
    except ValueError:
        return text
    return _policy(document) if isinstance(document, dict) and "Statement" in document else document


def _policy(document: dict[str, Any]) -> dict[str, Any]:
    statements = document["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    return {**document, "Statement": [_statement(item) for item in listed]}


def _statement(statement: Any) -> Any:
    if not isinstance(statement, dict):
        return statement
    return {name: _element(name, value) for name, value in statement.items() if (name, value) != ("Sid", "")}


def _element(name: str, value: Any) -> Any:
    return _as_sets(value) if name in _SETS_IN_POLICIES or name == "Condition" else value


def _as_sets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_sets(item) for name, item in value.items()}
    return sorted(_word(item) for item in (value if isinstance(value, list) else [value]))


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
