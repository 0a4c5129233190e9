"""Taking away the stacks of branches that are gone or whose time is over, from what states say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from modelyard.cli import views
from modelyard.cli.branching.removing import Removal, Removing
from modelyard.cli.branching.stacks import Place, known
from modelyard.errors import UsageError
from modelyard.previews import branches
from modelyard.previews.branches import shown
from modelyard.previews.verdicts import Verdict, judge

_VERB = "branch reap"


@dataclass(frozen=True, kw_only=True)
class Reaped:
    """What a run came to.

    Args:
        verdicts: what was decided, for each stack.
        removals: what became of the dead, by project and stack; none of a dry run.
        warnings: locks that were broken, and remotes that didn't answer.
        dry: whether nothing was done.
    """

    verdicts: Sequence[Verdict]
    removals: Mapping[str, Removal] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    dry: bool = False

    @property
    def unfinished(self) -> list[Removal]:
        """List what should be gone and isn't; what somebody is working on is not among it."""
        return [it for it in self.removals.values() if it.outcome in ("left", "failed")]


def reap(place: Place, remotes: Sequence[str], *, dry: bool) -> Reaped:
    """Take dead stacks away.

    Args:
        place: where the stacks are.
        remotes: the remote that says which branches live: a name or an address; for several projects, each as
            `PROJECT=ADDRESS`. None for `origin` where the user stands in a model repository.
        dry: whether to do nothing.

    Raises:
        UsageError: a remote isn't known.
    """
    warnings: list[str] = []

    def warn(text: str) -> None:
        warnings.append(text)
        views.warning(text)

    stacks = known(place)
    verdicts: list[Verdict] = []
    today = datetime.now(UTC).date()
    for project in sorted({it.project for it in stacks}):
        mine = [it for it in stacks if it.project == project]
        verdicts += judge(mine, _live(place, project, remotes, warn), today)
    if dry:
        return Reaped(verdicts=verdicts, warnings=warnings, dry=True)
    dead = [it.stack for it in verdicts if it.dead]
    done = {it.stack.title: it for it in Removing(place, _VERB, warn).remove(dead)}
    return Reaped(verdicts=verdicts, removals=done, warnings=warnings)


def _live(place: Place, project: str, remotes: Sequence[str], warn: Any) -> frozenset[str] | None:
    named = dict(it.split("=", 1) for it in remotes if "=" in it)
    plain = [it for it in remotes if "=" not in it]
    if len(plain) > 1 or (plain and place.project is None):
        raise UsageError("it isn't clear whose remote that is", hint="--remote churn=https://example.com/churn.git")
    remote = named.get(project) or (plain[0] if plain else "origin" if place.project == project else "")
    if not remote:
        warn(f"no remote of {project} is known, so that only its stacks' last days count: --remote {project}=ADDRESS")
        return None
    if not branches.has_remote(place.root, remote):
        if plain or named:
            raise UsageError(f"there is no remote {remote!r}", hint="git remote -v")
        warn("this repository has no remote 'origin', so that only the stacks' last days count")
        return None
    live = branches.live_branches(place.root, remote)
    if live is None:
        warn(f"the remote {remote} gives no branches, so that only the last days of stacks of {project} count")
    return live


def document(reaped: Reaped) -> dict[str, Any]:
    """Return the report for machines."""
    found = [_entry(it, reaped) for it in reaped.verdicts]
    counts = {word: sum(1 for it in found if it["outcome"] == word) for word in _WORDS}
    return {
        "result": "failed" if reaped.unfinished else "succeeded",
        "dry_run": reaped.dry,
        "counts": {word: count for word, count in counts.items() if count},
        "stacks": found,
        "warnings": list(reaped.warnings),
    }


_WORDS = ("alive", "would be removed", "removed", "left", "failed", "skipped")


def _entry(verdict: Verdict, reaped: Reaped) -> dict[str, Any]:
    stack, removal = verdict.stack, reaped.removals.get(verdict.stack.title)
    outcome = "alive" if not verdict.dead else removal.outcome if removal else "would be removed"
    entry: dict[str, Any] = {
        "project": stack.project,
        "branch": stack.branch,
        "stack": stack.stack,
        "owner": stack.owner,
        "expires": stack.expires,
        "outcome": outcome,
        "reason": verdict.reason,
    }
    if removal is not None:
        entry["duration_s"] = round(removal.seconds, 3)
        entry["left"] = [f"{kind} {name}" for kind, name in removal.left]
        if removal.reason:
            entry["problem"] = f"{removal.reason}\n  -> {removal.hint}" if removal.hint else removal.reason
    return entry


def show(reaped: Reaped) -> None:
    """Write the report for people."""
    if not reaped.verdicts:
        views.line("there is no branch stack")
        return
    rows = [(it["outcome"], it["project"], shown(it["branch"]), it["owner"], it["reason"]) for it in _rows(reaped)]
    views.table(("what", "model", "branch", "owner", "why"), rows)
    for removal in reaped.removals.values():
        if removal.reason:
            views.warning(
                f"{removal.stack.title}: {removal.reason}" + (f"\n  -> {removal.hint}" if removal.hint else "")
            )
        for kind, name in removal.left:
            views.line(f"  left: {views.escaped(kind)} {views.escaped(name)}")


def _rows(reaped: Reaped) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document(reaped)["stacks"]
    return found
