"""`modelyard preview`: plan without changing anything."""

from typing import Annotated

import typer

from modelyard.cli.options import PreviewChoices, Stacks, takes

ExpectNoChanges = Annotated[bool, typer.Option("--expect-no-changes", help="Fail (exit 1) if anything would change.")]


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("preview")(preview)


@takes(PreviewChoices)
def preview(stacks: Stacks = None, expect_no_changes: ExpectNoChanges = False, *, choices: PreviewChoices) -> None:
    """Show what `up` would do, and do nothing."""
    from modelyard.cli import deploy
    from modelyard.errors import DeploymentError

    opened = deploy.session(choices.env, choices=choices)
    results = deploy.deploy(
        "preview", opened, stacks or [], lambda engine, it, sink: engine.preview(it, sink), start=False
    )
    if expect_no_changes and any(result.has_changes for result in results):
        raise DeploymentError("there are changes, and none were expected", hint=f"modelyard up --env {choices.env}")
