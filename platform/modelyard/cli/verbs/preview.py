"""`modelyard preview`: plan without changing anything."""

from typing import Annotated

import typer

from modelyard.cli.options import ExpectNoChanges, PreviewChoices, Stacks, takes

Alone = Annotated[
    bool,
    typer.Option("--alone", help="Plan a model's stack on an assumed platform: no credentials, no state, no cloud."),
]


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("preview")(preview)


@takes(PreviewChoices)
def preview(
    stacks: Stacks = None,
    expect_no_changes: ExpectNoChanges = False,
    alone: Alone = False,
    *,
    choices: PreviewChoices,
) -> None:
    """Show what `up` would do, and do nothing."""
    from modelyard.cli import deploy

    opened = deploy.session(choices.env, choices=choices)
    if alone:
        from modelyard.cli.alone import preview as planned

        results = [planned(opened)]
    else:
        results = deploy.deploy(
            "preview", opened, stacks or [], lambda engine, it, sink: engine.preview(it, sink), start=False
        )
    if expect_no_changes:
        deploy.refuse_changes(results, f"modelyard up --env {choices.env}")
