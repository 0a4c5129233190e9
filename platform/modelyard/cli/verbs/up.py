"""`modelyard up`: make the cloud what the programs say."""

import typer

from modelyard.cli.options import AsJson, Environment, Stacks


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("up")(up)


def up(stacks: Stacks = None, env: Environment = "dev", json: AsJson = False) -> None:
    """Create, update and delete until the cloud is what the programs say; starts the local cloud when needed."""
    from modelyard.cli import deploy

    opened = deploy.session(env)
    deploy.deploy("up", opened, stacks or [], lambda engine, it, sink: engine.up(it, sink), json=json, start=True)
