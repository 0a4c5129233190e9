"""`modelyard up`: make the cloud what the programs say."""

import typer

from modelyard.cli.options import ExpectNoChanges, Stacks, UpChoices, takes


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("up")(up)


@takes(UpChoices)
def up(stacks: Stacks = None, expect_no_changes: ExpectNoChanges = False, *, choices: UpChoices) -> None:
    """Create, update and delete until the cloud is what the programs say; starts the local cloud when needed."""
    from modelyard.cli import deploy

    opened = deploy.session(choices.env, choices=choices)
    results = deploy.deploy("up", opened, stacks or [], lambda engine, it, sink: engine.up(it, sink), start=True)
    if expect_no_changes:
        deploy.refuse_changes(results, f"modelyard history --env {choices.env}")
