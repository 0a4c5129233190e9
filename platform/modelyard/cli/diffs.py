"""How a resource's properties differ, for people: a line for each leaf, JSON looked into, lists element by element."""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.engine.base import Change
from modelyard.engine.plan import Op, compare

_LIMIT = 60
_ABSENT = object()
_NOTES = ("__defaults", "__internal")


@dataclass(frozen=True)
class Line:
    """One leaf that differs.

    Args:
        path: where, such as `policy (JSON) Statement[0].Action`.
        mark: `+`, `-` or `~`.
        old: what it was, as text; empty where it was not.
        new: what it becomes, as text; empty where it goes.
        forces: whether it forces the replacement.
    """

    path: str
    mark: str
    old: str = ""
    new: str = ""
    forces: bool = False


def lines(change: Change, *, full: bool) -> list[Line]:
    """List what a step changes.

    Args:
        change: the step.
        full: whether long values are shown whole, and the inputs of what is created or deleted.
    """
    limit = None if full else _LIMIT
    if change.op in (Op.UPDATE, Op.REPLACE, Op.REFRESH, Op.IMPORT) and change.changes:
        found = [
            _line(path, old, new, limit, forces=_forces(top, change.replaced_by))
            for top, pair in change.changes.items()
            for path, old, new in _leaves(top, *pair)
        ]
        named = {reason for reason in change.replaced_by if not any(_forces(top, [reason]) for top in change.changes)}
        return found + [Line(reason, "~", forces=True) for reason in change.replaced_by if reason in named]
    if change.op is Op.REPLACE:
        return [Line(reason, "~", forces=True) for reason in change.replaced_by]
    if full and change.op in (Op.CREATE, Op.DELETE, Op.IMPORT):
        gone = change.op is Op.DELETE
        return [
            _line(path, value if gone else _ABSENT, _ABSENT if gone else value, limit)
            for path, value in _flat("", change.inputs)
        ]
    return []


def _line(path: str, old: Any, new: Any, limit: int | None, *, forces: bool = False) -> Line:
    mark = "+" if old in (_ABSENT, None) else "-" if new in (_ABSENT, None) else "~"
    return Line(path, mark, _text(old, limit), _text(new, limit), forces)


def _leaves(path: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    before, after = _document(old), _document(new)
    if before is not None and after is not None:
        inner = _wrapped(before), _wrapped(after)
        for inside, (was, becomes) in compare(*inner).items():
            yield from _leaves(f"{path} (JSON) {inside}".replace(" (JSON) $", " (JSON) "), was, becomes)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _elements(path, old, new)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for inside, (was, becomes) in compare(old, new).items():
            yield from _leaves(f"{path}.{inside}", was, becomes)
    elif isinstance(old, Mapping) or isinstance(new, Mapping):
        yield from _one_sided(path, old, new)
    else:
        yield path, old, new


def _one_sided(path: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    if old is None or new is None:
        for inside, value in _flat(path, old if new is None else new):
            yield (inside, value, None) if new is None else (inside, None, value)
    else:
        yield path, old, new


def _elements(path: str, old: list[Any], new: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    before, after = ([json.dumps(item, sort_keys=True, default=str) for item in side] for side in (old, new))
    for kind, start, end, other, last in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        shared = min(end - start, last - other)
        for step in range(shared):
            yield from _leaves(f"{path}[{other + step}]", old[start + step], new[other + step])
        for place in range(start + shared, end):
            yield f"{path}[{place}]", old[place], None
        for place in range(other + shared, last):
            yield f"{path}[{place}]", None, new[place]


def _flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key in sorted(value):
            if key not in _NOTES:
                yield from _flat(f"{path}.{key}" if path else key, value[key])
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for place, item in enumerate(value):
            yield from _flat(f"{path}[{place}]", item)
    else:
        yield path, value


def _wrapped(document: Any) -> dict[str, Any]:
    return document if isinstance(document, dict) else {"$": document}


def _document(value: Any) -> Any:
    """Return the document that a text holds as JSON, if it does: a policy, a bucket's rules, a pipeline."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")) or value == "[secret]":
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None


def _forces(path: str, reasons: Iterable[str]) -> bool:
    return any(path == reason or path.startswith((f"{reason}.", f"{reason}[")) for reason in reasons)


def _text(value: Any, limit: int | None) -> str:
    if value is _ABSENT:
        return ""
    text = "none" if value is None else value if isinstance(value, str) else json.dumps(value, default=str)
    return text if limit is None or len(text) <= limit else f"{text[: limit - 1]}…"
