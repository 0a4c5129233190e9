"""`modelyard outputs`: what a stack exports."""

import typer

from modelyard.cli.options import AsJson, Environment, Stacks


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("outputs")(outputs)


def outputs(stacks: Stacks = None, env: Environment = "dev", json: AsJson = False) -> None:
    """Show what the stacks export; secrets are masked."""
    from modelyard import project as projects
    from modelyard import wire
    from modelyard.cli import deploy, views
    from modelyard.engine.embedded.store import StackStore
    from modelyard.errors import StateError

    state = projects.home() / deploy.STATE_FOLDER
    found = {}
    for stack in projects.find().select(stacks or []):
        store = StackStore(state, stack.project, env)
        if not store.deployed:
            raise StateError(
                f"the stack {stack.project}/{env} has not been deployed",
                hint=f"modelyard up {stack.project} --env {env}",
            )
        found[stack.project] = wire.mask(store.outputs())
    if json:
        views.document(found)
        return
    for name, values in found.items():
        views.fields(values, f"{name}/{env}")
