"""Letting a branch's stack live longer."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from modelyard.cli import deploy, views
from modelyard.cli.branching.stacks import Place
from modelyard.cli.model import branch_session
from modelyard.cli.options import UpChoices
from modelyard.errors import UsageError
from modelyard.previews import branches, records
from modelyard.previews.locks import BranchLock
from modelyard.previews.records import BranchStack

_VERB = "branch extend"
_DAYS = 14


def last_day(stack: BranchStack, days: int | None, until: str) -> str:
    """Return the last day that a user asks for; without a word, two weeks from now, or what it has if that is later.

    Raises:
        UsageError: both are given, or the day is none.
    """
    if days is not None and until:
        raise UsageError("--days and --until both say how long", hint="give one of them: --days 14")
    if until:
        try:
            return date.fromisoformat(until).isoformat()
        except ValueError:
            raise UsageError(f"--until {until!r} is no day", hint="--until 2030-12-31") from None
    wanted = (datetime.now(UTC).date() + timedelta(days=days or _DAYS)).isoformat()
    return wanted if days is not None else max(wanted, stack.expires)


def extend(place: Place, stack: BranchStack, expires: str, choices: UpChoices) -> BranchStack:
    """Keep a stack's last day, and put it into the tags of all of its resources.

    The tags are the program's to set: they follow at once where the branch is what is checked out, else with its next
    `branch up`. A backend that isn't on this machine knows of nothing but the tags.

    Raises:
        UsageError: the backend is elsewhere, and another branch is checked out.
    """
    here = branches.is_checked_out(place.root, stack.branch)
    if not here and not place.is_folder:
        raise UsageError(
            "a remote backend keeps the last day in the stack's tags, and only its own program sets them",
            hint=f"git switch '{branches.shown(stack.branch)}', then type the same again",
        )
    with BranchLock(place.home, stack.project, stack.stack, stack.branch).held(_VERB):
        changed = replace(stack, expires=expires)
        records.keep(place.home, changed)
        if not here:
            views.note("another branch is checked out: the tags follow with the branch's next 'modelyard branch up'")
            return changed
        quiet = replace(choices, json=True)
        opened = branch_session(changed, quiet)
        results, _ = deploy.carry_out("up", opened, [], lambda engine, it, sink: engine.up(it, sink), start=True)
        deploy.finish(results, None)
    return changed
