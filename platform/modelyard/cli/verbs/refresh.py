"""`modelyard refresh`: make the state what the cloud says."""

import typer

from modelyard.cli.options import AsJson, Environment, Stacks


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("refresh")(refresh)


def refresh(stacks: Stacks = None, env: Environment = "dev", json: AsJson = False) -> None:
    """Read every resource from the cloud and correct the state: drift is shown, what vanished is dropped."""
    from modelyard.cli import deploy

    opened = deploy.session(env)
    deploy.deploy(
        "refresh", opened, stacks or [], lambda engine, it, sink: engine.refresh(it, sink), json=json, start=False
    )
