"""What changed between two sets of checked inputs, and what of it forces a replacement."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from modelyard.localcloud.provider.check import DEFAULTS_KEY
from modelyard.localcloud.provider.documents import is_absent, is_zero
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.wire import Props

Path = tuple[str | int, ...]
_STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.\[\]]+)')


@dataclass(frozen=True)
class Change:
    """One changed property.

    Args:
        path: where, as Pulumi writes it: `tags.team`, `rules[0].id`, `tags["a.b"]`.
        kind: what happened to it.
        replaces: whether it forces a replacement.
    """

    path: str
    kind: Literal["add", "delete", "update"]
    replaces: bool


@dataclass(frozen=True)
class Difference:
    """All that changed.

    Args:
        changes: one per changed leaf.
        delete_before_replace: whether the old resource has to go first, as its name is taken.
    """

    changes: tuple[Change, ...]
    delete_before_replace: bool

    @property
    def replaces(self) -> list[str]:
        """The inputs that force a replacement."""
        return sorted({root(change.path) for change in self.changes if change.replaces})

    @property
    def properties(self) -> list[str]:
        """The inputs that changed."""
        return sorted({root(change.path) for change in self.changes})


def compare(resource: ResourceType, old: Props, new: Props, state: Props, ignored: list[str]) -> Difference:
    """Compare the old checked inputs with the new ones.

    As with the real provider, no change is an input that is new in the program and what AWS has already, and one that
    is gone from the program and that AWS chooses on its own.

    Args:
        resource: the type.
        old: the checked inputs of before.
        new: the checked inputs of now; an unknown value counts as a change.
        state: the outputs of before.
        ignored: paths whose changes don't count; `tags` takes `tagsAll` along.
    """
    patterns = [parse_path(path) for path in ignored]
    patterns += [("tagsAll", *pattern[1:]) for pattern in patterns if pattern[0] == "tags"]
    changes = tuple(
        Change(format_path(path), kind, resource.must_replace(format_path(path), old, new))
        for path, kind in _inputs(resource, old, new, state)
        if not any(_covers(pattern, path) for pattern in patterns)
    )
    first = resource.delete_before_replace or _name_is_taken(resource, old, new)
    return Difference(changes, first and any(change.replaces for change in changes))


def _name_is_taken(resource: ResourceType, old: Props, new: Props) -> bool:
    name = resource.name_property
    if name is None or name not in old or name in new.get(DEFAULTS_KEY, ()):
        return False
    return bool(old[name] == new.get(name))


def _inputs(
    resource: ResourceType, old: Props, new: Props, state: Props
) -> Iterator[tuple[Path, Literal["add", "delete", "update"]]]:
    for name in sorted((old.keys() | new.keys()) - {DEFAULTS_KEY}):
        if name not in new and name in resource.schema.computed:
            continue
        before, after = old.get(name, state.get(name) if _is_there(resource, name, new, state) else None), new.get(name)
        if not resource.same(name, before, after):
            leaves = _leaves((name,), before, after)
            yield from (leaf for leaf in leaves if not (leaf[1] == "delete" and _words(leaf[0]) in resource.chosen))


def _words(path: Path) -> str:
    return ".".join(step for step in path if isinstance(step, str))


def _is_not_given(old: Any, new: Any) -> bool:
    return (old is None and is_zero(new)) or (new is None and is_zero(old))


def _is_there(resource: ResourceType, name: str, new: Props, state: Props) -> bool:
    return name in new and name in state and resource.same(name, state[name], new[name])


def _leaves(path: Path, old: Any, new: Any) -> Iterator[tuple[Path, Literal["add", "delete", "update"]]]:
    if old == new or (is_absent(old) and is_absent(new)) or _is_not_given(old, new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            yield from _leaves((*path, key), old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before, after = (items[index] if index < len(items) else None for items in (old, new))
            yield from _leaves((*path, index), before, after)
    elif old is None:
        yield path, "add"
    else:
        yield path, "delete" if new is None else "update"


def parse_path(text: str) -> Path:
    """Read a property path such as `rules[0].id`, `rules[*]` or `tags["a.b"]`."""
    steps: list[str | int] = []
    for quoted, index, name in _STEP.findall(text):
        step = quoted.replace('\\"', '"') if quoted else index or name
        steps.append(int(step) if index and index != "*" else step)
    return tuple(steps)


def format_path(path: Path) -> str:
    """Write a property path; a key with a dot or a bracket is quoted."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.search(r'[.\[\]"]', step):
            escaped = step.replace('"', '\\"')
            text += f'["{escaped}"]'
        else:
            text += f".{step}" if text else step
    return text


def root(path: str) -> str:
    """Return the input that a path begins with."""
    return str(parse_path(path)[0])


def _covers(pattern: Path, path: Path) -> bool:
    return len(pattern) <= len(path) and all(want in ("*", step) for want, step in zip(pattern, path, strict=False))
