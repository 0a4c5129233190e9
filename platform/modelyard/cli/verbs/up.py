"""`modelyard up`: make the cloud what the programs say."""

import typer

from modelyard.cli.options import Stacks, UpChoices, takes


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("up")(up)


@takes(UpChoices)
def up(stacks: Stacks = None, *, choices: UpChoices) -> None:
    """Create, update and delete until the cloud is what the programs say; starts the local cloud when needed."""
    from modelyard.cli import deploy

    opened = deploy.session(choices.env, choices=choices)
    deploy.deploy("up", opened, stacks or [], lambda engine, it, sink: engine.up(it, sink), start=True)
