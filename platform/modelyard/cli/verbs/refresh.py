"""`modelyard refresh`: make the state what the cloud says."""

import typer

from modelyard.cli.options import RefreshChoices, Stacks, takes


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("refresh")(refresh)


@takes(RefreshChoices)
def refresh(stacks: Stacks = None, *, choices: RefreshChoices) -> None:
    """Read every resource from the cloud and correct the state: drift is shown, what vanished is dropped."""
    from modelyard.cli import deploy

    opened = deploy.session(choices.env, choices=choices)
    if choices.preview_only:
        deploy.deploy(
            "preview",
            opened,
            stacks or [],
            lambda engine, it, sink: engine.preview(it, sink, verb="refresh"),
            start=False,
        )
    else:
        deploy.deploy("refresh", opened, stacks or [], lambda engine, it, sink: engine.refresh(it, sink), start=False)
