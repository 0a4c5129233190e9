"""`modelyard demo`: the whole story on this machine."""

from enum import StrEnum
from typing import Annotated

import typer


class Tale(StrEnum):
    """Which story is told."""

    story = "story"
    drift = "drift"


Which = Annotated[
    Tale, typer.Argument(help="`story`: from nothing to an endpoint and a branch. `drift`: a loop that closes.")
]
Clean = Annotated[bool, typer.Option("--clean", help="Take away everything the demo made.")]


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("demo")(demo)


def demo(which: Which = Tale.story, clean: Clean = False) -> None:
    """Provision a platform, make a model repository, train, deploy, ask; or see a model drift and be replaced."""
    from modelyard.cli import demo as story

    if clean:
        story.clean()
    elif which is Tale.drift:
        from modelyard.cli import drift

        drift.tell()
    else:
        story.tell()
