"""`modelyard refresh`: make the state what the cloud says."""

import typer

from modelyard.cli.options import ExpectNoChanges, RefreshChoices, Stacks, takes


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("refresh")(refresh)


@takes(RefreshChoices)
def refresh(stacks: Stacks = None, expect_no_changes: ExpectNoChanges = False, *, choices: RefreshChoices) -> None:
    """Read every resource from the cloud and correct the state: drift is shown, what vanished is dropped."""
    from modelyard.cli import deploy

    opened = deploy.session(choices.env, choices=choices)
    if choices.preview_only:
        results = deploy.deploy(
            "preview",
            opened,
            stacks or [],
            lambda engine, it, sink: engine.preview(it, sink, verb="refresh"),
            start=False,
        )
    else:
        results = deploy.deploy(
            "refresh", opened, stacks or [], lambda engine, it, sink: engine.refresh(it, sink), start=False
        )
    if expect_no_changes:
        deploy.refuse_changes(results, f"modelyard preview --env {choices.env}")
