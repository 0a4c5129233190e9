"""Which component of one stack stands on which of another, read off the values that a stack reference brings.

A reference says which stack is needed and not what of it; the identifiers within the inputs that it is part of do.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from modelyard.policies.plan import Planned

_SHORTEST = 4
Ends = set[tuple[tuple[str, str], tuple[str, str]]]
"""Pairs of what is needed and what needs it, each a stack and a component."""


def across(planned: Sequence[Planned], home: Mapping[str, tuple[str, str]], references: Mapping[str, str]) -> Ends:
    """Find what of other stacks the components need.

    Args:
        planned: the resources of all stacks.
        home: the stack and the component of each resource, by its URN.
        references: the stack that each stack reference is to, by its URN.
    """
    identifiers: dict[str, dict[str, tuple[str, str]]] = {}
    for it in planned:
        if it.urn in home and len(it.id) >= _SHORTEST:
            identifiers.setdefault(home[it.urn][0], {})[it.id] = home[it.urn]
    found: Ends = set()
    for it in planned:
        for name, urns in it.needs.items() if it.urn in home else ():
            words = {word for text in _texts(it.inputs.get(name)) for word in re.split(r"[^\w.+=@-]+", text)}
            for stack in {references[urn] for urn in urns if urn in references}:
                known = identifiers.get(stack, {})
                found |= {(known[word], home[it.urn]) for word in words & known.keys()}
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
