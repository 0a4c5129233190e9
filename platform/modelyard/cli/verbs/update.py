"""`modelyard update`: bring a model repository up to newer templates."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modelyard.cli.options import AsJson

if TYPE_CHECKING:
    from modelyard.scaffold.updating import Update

Answers = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Another answer than before; may be repeated.")
]
File = Annotated[Path | None, typer.Option("--answers", metavar="FILE", help="Other answers, in YAML or JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the difference, and change nothing.")]

_WORDS = {"A": "new", "M": "changed", "D": "deleted", "R": "renamed", "C": "copied", "T": "changed"}


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("update")(update)


def update(set_: Answers = None, answers: File = None, dry_run: DryRun = False, json: AsJson = False) -> None:
    """Follow the templates of this modelyard; what was changed by hand stays, and conflicts are shown as git's are."""
    from modelyard.cli import views
    from modelyard.cli.model import require_model
    from modelyard.scaffold import answers as given
    from modelyard.scaffold import updating

    known = given.together(answers, given.pairs(set_ or []), {})
    with updating.update(require_model().root, known) as found:
        if not dry_run:
            found.apply()
        if json:
            views.document(_json(found, dry_run))
        else:
            _show(found, dry_run)
        _refuse_conflicts(found, dry_run)


def _show(found: "Update", dry_run: bool) -> None:
    from modelyard.cli import views

    merge = found.merge
    if not merge.changes:
        views.line(f"up to date with templates {found.after}")
        return
    if dry_run and merge.diff:
        views.raw(merge.diff)
    for change in merge.changes:
        before = f"{change.before} -> " if change.before else ""
        state = "conflict" if change.path in merge.conflicts else _WORDS.get(change.status, change.status)
        views.line(f"  {state:<8}  {views.escaped(before + change.path)}")
    for name in found.dropped:
        views.note(f"the templates don't ask for {name} any more")
    done = "would be merged" if dry_run else "merged"
    views.line(f"{done}: templates {found.before} to {found.after}, {len(merge.changes)} files")
    if not dry_run and not merge.conflicts:
        views.line("[dim]next: git diff --cached, then make test && git commit; git reset --hard undoes it[/dim]")


def _json(found: "Update", dry_run: bool) -> dict[str, Any]:
    merge = found.merge
    return {
        "before": found.before,
        "after": found.after,
        "applied": not dry_run,
        "changes": [{"status": it.status, "path": it.path, "before": it.before} for it in merge.changes],
        "conflicts": list(merge.conflicts),
        "notes": list(merge.notes),
        "dropped_answers": list(found.dropped),
        "diff": merge.diff,
    }


def _refuse_conflicts(found: "Update", dry_run: bool) -> None:
    """End the command with 1 where something is left for the user to decide.

    Raises:
        ModelyardError: there are conflicts.
    """
    from modelyard.errors import ModelyardError

    if not found.merge.conflicts:
        return
    told = "\n".join(f"  {note}" for note in found.merge.notes)
    count = len(found.merge.conflicts)
    many = f"{count} file{'s' if count > 1 else ''} in conflict"
    hint = "edit them, then git add them and git commit; git reset --hard undoes the whole update"
    raise ModelyardError(
        f"{'there would be ' if dry_run else ''}{many}:\n{told}", hint="modelyard update" if dry_run else hint
    )
