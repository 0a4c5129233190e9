"""`modelyard outputs`: what a stack exports."""

import typer

from modelyard.cli.options import Choices, Stacks, takes


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("outputs")(outputs)


@takes(Choices, without=("target",))
def outputs(stacks: Stacks = None, *, choices: Choices) -> None:
    """Show what the stacks export; secrets are masked."""
    from modelyard import project as projects
    from modelyard import wire
    from modelyard.cli import deploy, views
    from modelyard.cli.backends import backend
    from modelyard.cli.engines import check

    known = backend(deploy.state_folder(projects.home(), check(choices)), choices)
    selected = projects.find().select(stacks or [])
    found = {it.project: wire.mask(known.outputs(f"{it.project}/{choices.env}")) for it in selected}
    if choices.json:
        views.document(found)
        return
    for name, values in found.items():
        views.fields(values, f"{name}/{choices.env}")
