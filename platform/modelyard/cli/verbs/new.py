"""`modelyard new`: make a model repository."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from modelyard.cli.options import AsJson

Kind = Annotated[str, typer.Argument(metavar="KIND", help="The kind of model, such as sklearn.")]
Name = Annotated[str, typer.Argument(metavar="PROJECT", help="The project's name, such as churn.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="The folder to make it in.")]
NoInput = Annotated[bool, typer.Option("--no-input", help="Ask nothing: take defaults and what --set says.")]
Answers = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="An answer; may be repeated.")]


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("new")(new)


def new(
    kind: Kind,
    project: Name,
    output: Output = Path(),
    set_: Answers = None,
    no_input: NoInput = False,
    json: AsJson = False,
) -> None:
    """Make a model repository from the templates."""
    from modelyard import scaffold
    from modelyard.cli import views
    from modelyard.errors import UsageError

    answers = {}
    for pair in set_ or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--set {pair!r} has no value", hint="--set owner=data-team")
        answers[name] = value
    if not no_input and not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on", hint=f"modelyard new {kind} {project} --no-input")
    if not no_input:
        answers = _ask(scaffold.questions(kind, project, answers), answers)
    made = scaffold.bake(kind, project, output, answers)
    if json:
        views.document({"path": str(made), "kind": kind, "project": project})
        return
    views.line(f"made [bold]{views.escaped(made)}[/bold]")
    views.line(f"[dim]next: cd {views.escaped(made)} && python -m pytest && modelyard up[/dim]")


def _ask(questions: dict[str, str], answers: dict[str, str]) -> dict[str, str]:
    """Ask for every answer that was not given, offering the default."""
    return {**{name: typer.prompt(name, default=default, err=True) for name, default in questions.items()}, **answers}
