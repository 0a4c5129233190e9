"""`modelyard cancel`: stop the deployment that is changing a stack."""

from typing import Annotated

import typer

from modelyard.cli.options import Choices, EngineName, takes

Stack = Annotated[
    str | None, typer.Argument(metavar="[STACK]", help="The stack; not needed where the project has only one.")
]
Force = Annotated[bool, typer.Option("--force", "-f", help="Break the lock of a process that can't be seen from here.")]


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("cancel")(cancel)


@takes(Choices)
def cancel(stack: Stack = None, force: Force = False, *, choices: Choices) -> None:
    """Stop the deployment that is changing a stack, at the second time at once; break the lock a dead one left."""
    from modelyard.cli import stored, views
    from modelyard.cli.engines import engine_of
    from modelyard.engine.embedded import cancelling

    if choices.engine is EngineName.EMBEDDED:
        done = cancelling.cancel(stored.store(choices, stack), force=force)
    else:
        done = engine_of(choices).cancel(stored.deployment(choices, stack))
    if choices.json:
        views.document({"result": done})
    else:
        views.line(views.escaped(done))
