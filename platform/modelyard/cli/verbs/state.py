"""`modelyard state`: look at what a stack's state holds, and mend it by hand."""

from pathlib import Path
from typing import Annotated, Any

import typer

from modelyard.cli.options import Choices, takes

Stack = Annotated[
    str | None, typer.Argument(metavar="[STACK]", help="The stack; not needed where the project has only one.")
]
AnyStack = Annotated[
    str | None, typer.Argument(metavar="[STACK]", help="The stack; all of the environment's by default.")
]
Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="[STACK] RESOURCE...", help="Resources by name, type::name or URN; first their stack."),
]
File = Annotated[Path | None, typer.Option("--file", metavar="FILE", help="A file instead of standard in- or output.")]
ShowSecrets = Annotated[bool, typer.Option("--show-secrets", help="Decrypt the secrets.")]
Version = Annotated[int | None, typer.Option("--version", metavar="N", help="The state after entry N of the history.")]
Force = Annotated[bool, typer.Option("--force", "-f", help="Do it though something speaks against it.")]
Dependents = Annotated[bool, typer.Option("--target-dependents", help="What needs the resources goes too.")]
All = Annotated[bool, typer.Option("--all", help="All resources of the stack.")]
To = Annotated[str, typer.Option("--to", metavar="PROJECT/STACK", help="The stack that the resources come to.")]
Parents = Annotated[bool, typer.Option("--include-parents", help="The parents of the resources move too.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Drop what can't be kept.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, and do nothing.")]


def register(application: typer.Typer) -> None:
    """Add the verbs."""
    state = typer.Typer(help="What stacks' states hold, and edits of them.", no_args_is_help=True)
    for name, verb in {
        "export": export,
        "import": import_,
        "unprotect": unprotect,
        "delete": delete,
        "rename": rename,
        "move": move,
        "verify": verify,
        "repair": repair,
    }.items():
        state.command(name)(verb)
    application.add_typer(state, name="state")


@takes(Choices)
def export(
    stack: Stack = None,
    file: File = None,
    show_secrets: ShowSecrets = False,
    version: Version = None,
    *,
    choices: Choices,
) -> None:
    """Write a stack's state as JSON, as `pulumi stack export` does; secrets stay encrypted."""
    import json

    from modelyard.cli import stored, views
    from modelyard.cli.engines import engine_of

    if show_secrets or version is not None:
        from modelyard.engine.embedded.edits import transfer

        document = transfer.export(stored.store(choices, stack), show_secrets=show_secrets, version=version)
    else:
        document = engine_of(choices).export_state(stored.deployment(choices, stack))
    if file is None:
        views.document(document)
        return
    file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    _say(choices, f"wrote {file}", {"file": str(file), "resources": len(document["deployment"].get("resources") or [])})


@takes(Choices)
def import_(stack: Stack = None, file: File = None, force: Force = False, *, choices: Choices) -> None:
    """Take an exported state for a stack's; all of it is checked first, and the state before is kept."""
    import json
    import sys

    from modelyard.cli import stored
    from modelyard.cli.engines import engine_of
    from modelyard.errors import UsageError

    described = stored.deployment(choices, stack)
    text = sys.stdin.read() if file is None else file.read_text(encoding="utf-8")
    try:
        document = json.loads(text)
    except ValueError as error:
        raise UsageError(
            f"{file or 'the input'} is no JSON: {error}", hint="modelyard state export --file ..."
        ) from None
    engine_of(choices).import_state(described, document, force=force)
    number = len(document["deployment"].get("resources") or [])
    _say(choices, f"imported {_resources(number)} into {described.title}", {"imported": number})


@takes(Choices)
def unprotect(words: Words = None, all_: All = False, *, choices: Choices) -> None:
    """Lift the protection of resources, in the state alone."""
    from modelyard.cli import stored
    from modelyard.engine.embedded.edits import editing, editor

    found, urns = stored.resources(choices, words or [])
    _require(urns or all_, "name resources, or all of them", "modelyard state unprotect STACK --all")
    wanted = None if all_ else urns
    changed = editor.edit(found, lambda latest: editing.unprotect(latest, wanted), "state unprotect")
    _say(choices, f"no longer protected: {_resources(len(changed))}", {"unprotected": [it["urn"] for it in changed]})


@takes(Choices)
def delete(
    words: Words = None,
    all_: All = False,
    target_dependents: Dependents = False,
    force: Force = False,
    *,
    choices: Choices,
) -> None:
    """Take resources out of a state; in the cloud they stay as they are."""
    from modelyard.cli import stored
    from modelyard.engine.embedded.edits import documents, editing, editor

    found, urns = stored.resources(choices, words or [])
    _require(bool(urns) != all_, "name resources, or say --all", "modelyard state delete STACK RESOURCE")

    def change(latest: documents.Latest) -> tuple[documents.Latest, list[documents.Item]]:
        wanted = [item["urn"] for item in documents.resources(latest)] if all_ else urns
        return editing.delete(latest, wanted, dependents=target_dependents, force=force)

    gone = editor.edit(found, change, "state delete")
    _say(choices, f"out of the state: {_resources(len(gone))}", {"deleted": [it["urn"] for it in gone]})


@takes(Choices)
def rename(words: Words = None, *, choices: Choices) -> None:
    """Call a resource by another name: [STACK] RESOURCE NEW-NAME; all that refers to it follows."""
    from modelyard.cli import stored
    from modelyard.engine.embedded.edits import editing, editor

    given = words or []
    _require(len(given) > 1, "name the resource and its new name", "modelyard state rename STACK RESOURCE NEW-NAME")
    found, urns = stored.resources(choices, given[:-1])
    _require(len(urns) == 1, "name one resource and its new name", "modelyard state rename STACK RESOURCE NEW-NAME")
    new = editor.edit(found, lambda latest: editing.rename(latest, urns[0], given[-1]), f"state rename {urns[0]}")
    _say(choices, f"it is {new} now; rename it in the program too", {"old": urns[0], "new": new})


@takes(Choices)
def move(to: To, words: Words = None, include_parents: Parents = False, *, choices: Choices) -> None:
    """Move resources, and what is below them, to another stack's state."""
    from modelyard.cli import stored, views
    from modelyard.engine.embedded.edits import moving

    found, urns = stored.resources(choices, words or [])
    _require(bool(urns), "name resources", "modelyard state move STACK RESOURCE --to PROJECT/STACK")
    _require(to.count("/") == 1, f"{to!r} is no stack", "write it as --to PROJECT/STACK")
    done = moving.move(found, stored.store(choices, to), urns, parents=include_parents)
    for sentence in done.broken:
        views.warning(sentence)
    _say(
        choices,
        f"moved {_resources(len(done.moved))} to {to}; move them in the programs too",
        {"moved": dict(done.moved), "broken": list(done.broken)},
    )


@takes(Choices)
def verify(stack: AnyStack = None, *, choices: Choices) -> None:
    """Check stacks' files: structure, references, checksums, secrets, journal and backups."""
    from modelyard.cli import stored, views
    from modelyard.engine.embedded.edits import inspection
    from modelyard.errors import StateError

    reports = [(found, inspection.inspect(found)) for found in stored.chosen(choices, stack)]
    if choices.json:
        views.document([{"stack": found.title, **report.as_json()} for found, report in reports])
    wrong: list[str] = []
    for found, report in reports:
        if not choices.json:
            views.fields(report.facts, found.title)
        for sentence in report.warnings:
            views.warning(f"{found.title}: {sentence}")
        wrong += [f"{found.title}: {sentence}" for sentence in report.errors]
    if wrong:
        bad = next(found for found, report in reports if report.errors)
        raise StateError(
            "\n  ".join(["a state is not valid:", *wrong]),
            hint=f"modelyard state repair {bad.project} --env {bad.stack} --dry-run",
        )


@takes(Choices)
def repair(stack: Stack = None, yes: Yes = False, dry_run: DryRun = False, *, choices: Choices) -> None:
    """Mend a damaged state: order, references, a damaged journal, the backup for a damaged file; say what was done."""
    from modelyard.cli import stored, views
    from modelyard.engine.embedded.edits import repairing

    found = stored.store(choices, stack)
    told = repairing.repair(found, accept_losses=yes, dry_run=dry_run)
    if choices.json:
        views.document({"stack": found.title, "done": told.done, "lost": told.lost, "dry_run": dry_run})
        return
    for sentence in told.done:
        views.line(f"  {views.escaped(sentence)}")
    for sentence in told.lost:
        views.warning(f"not kept: {sentence}")
    outcome = "would be repaired" if dry_run else "is repaired"
    views.line(f"{found.title} {outcome if told.done or told.lost else 'is valid; nothing to do'}")


def _require(holds: object, problem: str, hint: str) -> None:
    from modelyard.errors import UsageError

    if not holds:
        raise UsageError(problem, hint=hint)


def _resources(number: int) -> str:
    return f"{number} resource{'' if number == 1 else 's'}"


def _say(choices: Choices, sentence: str, document: dict[str, Any]) -> None:
    from modelyard.cli import views

    if choices.json:
        views.document(document)
    else:
        views.line(views.escaped(sentence))
