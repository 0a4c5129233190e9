"""`modelyard history`: what was done to a stack."""

from typing import Annotated

import typer

from modelyard.cli.options import Choices, takes

Stack = Annotated[
    str | None, typer.Argument(metavar="[STACK]", help="The stack; not needed where the project has only one.")
]
Limit = Annotated[int | None, typer.Option("--limit", "-n", min=1, metavar="N", help="Only the newest N.")]


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("history")(history)


@takes(Choices)
def history(stack: Stack = None, limit: Limit = None, *, choices: Choices) -> None:
    """Show what was done to a stack, newest first: when, what, by whom, how long, and how it ended."""
    from modelyard.cli import history_view, stored, views
    from modelyard.cli.engines import engine_of

    updates = engine_of(choices).history(stored.deployment(choices, stack))[:limit]
    if choices.json:
        views.document([history_view.as_json(update) for update in updates])
    elif updates:
        views.table(history_view.COLUMNS, [history_view.row(update) for update in updates])
    else:
        views.line("nothing was done to it yet")
