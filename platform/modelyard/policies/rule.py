"""What a rule is, and how a family's file makes one out of a function."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from modelyard.policies.plan import Plan, Planned

Found = Iterator[tuple[Planned, str]]
Check = Callable[[Plan], Found]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Something that is refused.

    Args:
        id: what it is called in exemptions.
        title: what has to hold.
        reason: why.
        mend: what to do about a resource that breaks it.
        check: returns the resources that break it, each with what is wrong with it.
    """

    id: str
    title: str
    reason: str
    mend: str
    check: Check


def rule(identifier: str, *, title: str, reason: str, mend: str) -> Callable[[Check], Rule]:
    """Make a rule of the function that finds what breaks it."""
    return lambda check: Rule(id=identifier, title=title, reason=reason, mend=mend, check=check)
