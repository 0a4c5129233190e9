"""Which branch stacks are to go: decided on what is known, without touching anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from modelyard.previews.branches import stack_name
from modelyard.previews.records import BranchStack, is_expired


@dataclass(frozen=True)
class Verdict:
    """What is to become of a stack.

    Args:
        stack: the stack.
        dead: whether it is to go.
        reason: why, or why not.
    """

    stack: BranchStack
    dead: bool
    reason: str


def judge(stacks: Iterable[BranchStack], live: frozenset[str] | None, today: date) -> list[Verdict]:
    """Judge stacks by the remote's branches and by their last days.

    A branch is found by the name of its stack, which no other branch's has: a stack that only its tags tell of is
    judged like any other.

    Args:
        stacks: the stacks that there are.
        live: the remote's branches; None where that isn't known: no stack goes for want of a branch then.
        today: the day, in UTC.
    """
    names = None if live is None else {stack_name(branch) for branch in live}
    return [_judged(stack, names, today) for stack in stacks]


def _judged(stack: BranchStack, live: set[str] | None, today: date) -> Verdict:
    if is_expired(stack, today):
        return Verdict(stack, dead=True, reason=f"its last day was {stack.expires}")
    if live is not None and stack.stack not in live:
        return Verdict(stack, dead=True, reason="its branch is gone from the remote")
    known = "its branch lives" if live is not None else "the remote's branches aren't known"
    until = f", and its last day is {stack.expires}" if stack.expires else ""
    return Verdict(stack, dead=False, reason=f"{known}{until}")
