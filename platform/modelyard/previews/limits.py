"""Whether another branch's stack may be made: counts, and what a month of it may cost."""

from collections import Counter
from collections.abc import Sequence

from modelyard.errors import UsageError
from modelyard.previews.branches import shown
from modelyard.previews.records import BranchStack


class LimitError(UsageError):
    """A limit of branch stacks is reached; nothing was made."""

    exit_code = 1


def check_counts(others: Sequence[BranchStack], owner: str, *, most: int, most_of_owner: int) -> None:
    """Refuse one more stack where a limit is reached.

    Args:
        others: the stacks that there are.
        owner: who wants one more.
        most: stacks of all owners.
        most_of_owner: stacks of each.

    Raises:
        LimitError: a limit is reached; it says who holds what.
    """
    mine = [it for it in others if it.owner == owner]
    if len(others) >= most:
        what = f"there are {len(others)} branch stacks, and branch.max_stacks allows {most}"
    elif len(mine) >= most_of_owner:
        what = f"{owner} has {len(mine)} branch stacks, and branch.max_stacks_per_owner allows {most_of_owner}"
    else:
        return
    counted = mine if len(others) < most else others
    oldest = counted[0]
    raise LimitError(
        f"{what}: {held(counted)}",
        hint=f"remove one: modelyard branch down '{oldest.branch}'; or what is dead: modelyard branch reap",
    )


def held(stacks: Sequence[BranchStack]) -> str:
    """Say who holds what, the one with the most first."""
    counts = Counter(it.owner or "somebody" for it in stacks)
    owned = {owner: [shown(it.branch) for it in stacks if (it.owner or "somebody") == owner] for owner in counts}
    return "; ".join(f"{owner} has {', '.join(owned[owner])}" for owner, _ in counts.most_common())


def over_budget(usd: float, limit: float) -> str:
    """Say what is wrong where a stack's month costs more than it may; nothing if it doesn't."""
    if usd <= limit:
        return ""
    return (
        f"this branch's stack would cost {usd:.2f} US dollars a month, and branch.monthly_limit_usd allows {limit:g}\n"
        "  -> choose smaller or serverless instances in infra/environments/branch.yaml, or raise the limit there"
    )
