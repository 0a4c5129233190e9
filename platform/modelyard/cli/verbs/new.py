"""`modelyard new`: make a model repository."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from modelyard.cli.options import AsJson

Kind = Annotated[str | None, typer.Argument(metavar="[KIND]", help="The kind of model, such as sklearn.")]
Name = Annotated[str | None, typer.Argument(metavar="[PROJECT]", help="The project's name, such as churn.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="The folder to make it in.")]
NoInput = Annotated[bool, typer.Option("--no-input", help="Ask nothing: take defaults and what is answered here.")]
Answers = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="An answer; may be repeated.")]
File = Annotated[
    Path | None,
    typer.Option("--answers", metavar="FILE", help="Answers in YAML or JSON, by name; --set counts before them."),
]


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("new")(new)


def new(
    kind: Kind = None,
    project: Name = None,
    output: Output = Path(),
    set_: Answers = None,
    answers: File = None,
    no_input: NoInput = False,
    json: AsJson = False,
) -> None:
    """Make a model repository from the templates; asks on a terminal for what is not answered."""
    from modelyard import scaffold
    from modelyard.cli import views
    from modelyard.cli.asking import ask
    from modelyard.errors import UsageError
    from modelyard.scaffold import answers as given

    words = {name: word for name, word in (("kind", kind), ("project", project)) if word is not None}
    known = given.together(answers, given.pairs(set_ or []), words)
    scaffold.check(known)
    if not no_input and not sys.stdin.isatty():
        typed = " ".join(("modelyard new", kind or "sklearn", project or "churn", "--no-input"))
        raise UsageError("there is no terminal to ask on", hint=typed)
    if not no_input:
        known = ask(scaffold.questions, scaffold.check, known)
    for name in ("kind", "project"):
        if name not in known:
            raise UsageError(f"the {name} is not answered", hint="modelyard new sklearn churn --no-input")
    rest = {name: text for name, text in known.items() if name not in ("kind", "project")}
    made = scaffold.bake(known["kind"], known["project"], output, rest)
    if json:
        views.document({"path": str(made), "kind": known["kind"], "project": known["project"]})
        return
    views.line(f"made [bold]{views.escaped(made)}[/bold]")
    views.line(f"[dim]next: cd {views.escaped(made)} && python -m pytest && modelyard up[/dim]")
