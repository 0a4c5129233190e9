"""Deciding what to do with one resource: data in, data out, nothing done."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from modelyard import wire

# Notes among inputs that are no inputs: which of them a provider filled in, and how a provider was loaded.
_NOTES = {"__defaults", "__internal"}

INIT_ERROR = "#initerror"  # what `replace_on_changes` calls a resource that is only half made

_PATH = re.compile(r"""\["([^"]*)"\]|\['([^']*)'\]|\[(\d+|\*)\]|([^.\[\]]+)""")


class Op(StrEnum):
    """What happens to one resource, in Pulumi's words."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    IMPORT = "import"
    READ = "read"
    REFRESH = "refresh"

    @property
    def is_change(self) -> bool:
        """Tell whether it changes anything."""
        return self not in (Op.SAME, Op.READ)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How a resource's inputs differ, as its provider sees it.

    Args:
        changed: whether anything differs.
        paths: the inputs that differ.
        replaces: the inputs among them that can't be changed in place.
        delete_first: whether the old resource has to go before the new one comes.
    """

    changed: bool = False
    paths: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    delete_first: bool = False


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The operation for one resource and, for a replacement, its order and reasons."""

    op: Op
    delete_first: bool = False
    replaced_by: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What is known of one resource when its operation is decided.

    Args:
        exists: whether the state has it live.
        pending_replacement: whether an earlier run deleted it to make it anew.
        fallen: the inputs that were the reason to delete it, if this run did; none if it did not.
        failed_init: whether an earlier run left it half made.
        forced: reasons to replace it whatever its provider says, such as `provider` or `replaceWith`.
        difference: what its provider says; empty where there is nothing to compare.
        replace_on_changes: inputs whose change the program wants to be a replacement.
        delete_before_replace: the program's own word on the order, if any.
    """

    exists: bool
    pending_replacement: bool = False
    fallen: tuple[str, ...] | None = None
    failed_init: bool = False
    forced: tuple[str, ...] = ()
    difference: Difference = field(default_factory=Difference)
    replace_on_changes: tuple[str, ...] = ()
    delete_before_replace: bool | None = None


def decide(situation: Situation) -> Decision:
    """Choose the operation for one resource."""
    if not situation.exists:
        return Decision(op=Op.CREATE)
    reasons = tuple(dict.fromkeys(situation.forced + _reasons(situation)))
    if situation.pending_replacement:
        return Decision(
            op=Op.REPLACE, delete_first=True, replaced_by=reasons if situation.fallen is None else situation.fallen
        )
    if reasons:
        wanted = situation.delete_before_replace
        first = situation.difference.delete_first if wanted is None else wanted
        return Decision(op=Op.REPLACE, delete_first=first, replaced_by=reasons)
    changed = situation.difference.changed or situation.failed_init
    return Decision(op=Op.UPDATE if changed else Op.SAME)


def _reasons(situation: Situation) -> tuple[str, ...]:
    """List the inputs whose change is a replacement, by their provider's word or by the program's."""
    patterns = [_steps(pattern) for pattern in situation.replace_on_changes]
    difference = situation.difference
    chosen = tuple(path for path in difference.paths if any(_contains(it, _steps(path)) for it in patterns))
    failed = situation.failed_init and any(_contains(it, [INIT_ERROR]) for it in patterns)
    return difference.replaces + chosen + ((INIT_ERROR,) if failed else ())


def _steps(path: str) -> list[str]:
    """Split a property path into its keys and indexes."""
    return ["".join(groups) for groups in _PATH.findall(path)]


def _contains(pattern: list[str], path: list[str]) -> bool:
    """Tell whether a path is at or below a pattern; `*` is any one key or index."""
    return len(pattern) <= len(path) and all(
        wanted in ("*", found) for wanted, found in zip(pattern, path, strict=False)
    )


def triggers(old: Any, new: Any) -> bool:
    """Tell whether a replacement trigger's new value replaces its resource."""
    if wire.has_unknown(old) or wire.has_unknown(new):
        return True
    before, after = wire.reveal(old), wire.reveal(new)
    return before is not None and after is not None and before != after


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """List what differs between two property maps.

    Returns:
        For each differing leaf, by its path (`tags.Owner`, `subnetIds[0]`), the old and the new value, masked.
    """
    found: dict[str, tuple[Any, Any]] = {}
    _compare("", dict(old), dict(new), found)
    return found


def _compare(path: str, old: Any, new: Any, found: dict[str, tuple[Any, Any]]) -> None:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted((old.keys() | new.keys()) - _NOTES):
            _compare(f"{path}.{key}" if path else key, old.get(key), new.get(key), found)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            _compare(f"{path}[{index}]", before, after, found)
    elif old != new:
        found[path] = (wire.mask(old), wire.mask(new))


def ignore(inputs: Mapping[str, Any], old: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Return the inputs with the ignored ones as they were.

    Args:
        inputs: what the program says now.
        old: what the state says.
        paths: the inputs to leave alone, as Pulumi writes property paths: `key`, `key.inner`, `key["inner"]`,
            `items[0].x`, with `*` for every key or index.
    """
    kept: Any = dict(inputs)
    for path in paths:
        kept = _restored(kept, dict(old), _steps(path))
    return dict(kept)


def _restored(new: Any, old: Any, path: list[str]) -> Any:
    if not path:
        return old
    head, rest = path[0], path[1:]
    if isinstance(new, dict) and isinstance(old, dict):
        keys = sorted(new.keys() | old.keys()) if head == "*" else [head]
        return _restored_keys(new, old, keys, rest)
    if isinstance(new, list) and isinstance(old, list):
        both = range(min(len(new), len(old)))
        wanted = both if head == "*" else [int(head)] if head.isdigit() and int(head) in both else []
        return [_restored(item, old[place], rest) if place in wanted else item for place, item in enumerate(new)]
    return new


def _restored_keys(new: dict[str, Any], old: dict[str, Any], keys: Iterable[str], rest: list[str]) -> dict[str, Any]:
    kept = dict(new)
    for key in keys:
        if key in old and (key in new or not rest):
            kept[key] = _restored(new.get(key), old[key], rest)
        elif not rest:
            kept.pop(key, None)
    return kept
