"""`modelyard demo`: the whole story on this machine."""

from typing import Annotated

import typer

Clean = Annotated[bool, typer.Option("--clean", help="Take away everything the demo made.")]


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("demo")(demo)


def demo(clean: Clean = False) -> None:
    """Provision a platform, make a model repository, train, deploy, ask, and preview a branch."""
    from modelyard.cli import demo as story

    if clean:
        story.clean()
    else:
        story.tell()
