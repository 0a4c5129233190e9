"""`modelyard destroy`: take an environment away."""

from typing import Annotated

import typer

from modelyard.cli.options import AsJson, Environment, Stacks

YesReally = Annotated[
    str | None, typer.Option("--yes-really", metavar="ENV", help="Name a protected environment to destroy it.")
]


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("destroy")(destroy)


def destroy(
    stacks: Stacks = None, env: Environment = "dev", yes_really: YesReally = None, json: AsJson = False
) -> None:
    """Delete all resources of an environment, those of models and branches that stand on it first."""
    from modelyard.cli import deploy, teardown
    from modelyard.cli.deployment_view import as_json, combined
    from modelyard.errors import UsageError

    opened = deploy.session(env)
    unprotect = deploy.confirm_protected(opened, yes_really)
    graph = teardown.dependents(opened.state)
    names = [f"{stack.project}/{env}" for stack in reversed(opened.project.select(stacks or []))]
    order: list[str] = []
    for name in names:
        order += [it for it in (*graph.of(name), name) if it not in order]
    others = [name for name in order if name not in names]
    if others and stacks:
        raise UsageError(
            f"{', '.join(others)}: this stands on what you want to destroy", hint=f"modelyard destroy --env {env}"
        )
    cloud = deploy.target(opened.home, opened.settings.region, start=True, port=opened.cloud_port)
    results, documents = [], []
    for name in order:
        result = teardown.remove(opened.state, name, cloud, unprotect=unprotect, silent=json)
        results.append(result)
        documents.append(as_json(name.split("/")[0], name.split("/")[1], result))
        if result.outcome != "succeeded":
            break
    teardown.forget_branches(
        opened.home, [name for name, it in zip(order, results, strict=False) if it.outcome == "succeeded"]
    )
    deploy.keep(opened.home)
    deploy.finish(results, combined(documents, env) if json else None)
