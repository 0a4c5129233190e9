"""`modelyard destroy`: take an environment away."""

from typing import TYPE_CHECKING, Annotated

import typer

from modelyard.cli.options import DestroyChoices, Stacks, takes

if TYPE_CHECKING:
    from modelyard.cli.deploy import Session

YesReally = Annotated[
    str | None, typer.Option("--yes-really", metavar="ENV", help="Name a protected environment to destroy it.")
]


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("destroy")(destroy)


@takes(DestroyChoices)
def destroy(stacks: Stacks = None, yes_really: YesReally = None, *, choices: DestroyChoices) -> None:
    """Delete all resources of an environment, those of models and branches that stand on it first."""
    from modelyard.cli import deploy, teardown
    from modelyard.cli.deployment_view import as_json, combined

    opened = deploy.session(choices.env, choices=choices)
    unprotect = not choices.preview_only and deploy.confirm_protected(opened, yes_really)
    order = _order(opened, stacks or [])
    cloud = opened.target(start=True)
    results, documents = [], []
    for name in order:
        result = teardown.remove(opened.state, name, cloud, choices, unprotect=unprotect)
        results.append(result)
        documents.append(as_json(name.split("/")[0], name.split("/")[1], result))
        if result.outcome != "succeeded":
            break
    if not (choices.preview_only or choices.targets):
        gone = [name for name, it in zip(order, results, strict=False) if it.outcome == "succeeded"]
        teardown.forget_branches(opened.home, gone)
    opened.keep()
    deploy.finish(results, combined(documents, choices.env) if choices.json else None)


def _order(opened: "Session", stacks: list[str]) -> list[str]:
    """Name the stacks that go, each before those it refers to."""
    from modelyard.cli import teardown
    from modelyard.cli.backends import backend
    from modelyard.errors import UsageError

    graph = teardown.dependents(backend(opened.state, opened.choices))
    names = [f"{stack.project}/{opened.environment}" for stack in reversed(opened.project.select(stacks))]
    order: list[str] = []
    for name in names:
        order += [it for it in (*graph.of(name), name) if it not in order]
    others = [name for name in order if name not in names]
    if others and stacks:
        raise UsageError(
            f"{', '.join(others)}: this stands on what you want to destroy",
            hint=f"modelyard destroy --env {opened.environment}",
        )
    return order
