"""`modelyard model`: a model's versions in the registry."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from modelyard.cli.options import AsJson, Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelyard.models.registry import ModelVersion

Version = Annotated[int | None, typer.Argument(metavar="[VERSION]", help="The version; the newest by default.")]
Note = Annotated[str, typer.Option("--note", help="Why; kept with the version.")]


def register(application: typer.Typer) -> None:
    """Add the verbs."""
    model = typer.Typer(help="The model's versions.", no_args_is_help=True)
    model.command("list")(list_)
    model.command("show")(show)
    model.command("approve")(approve)
    model.command("reject")(reject)
    application.add_typer(model, name="model")


def list_(env: Environment = "dev", json: AsJson = False) -> None:
    """List the registered versions, the newest first, with what their evaluation measured."""
    from modelyard.cli import views
    from modelyard.cli.model import open_model
    from modelyard.models import registry

    found = registry.versions(open_model(env))
    if json:
        views.document([_json(it) for it in found])
    elif found:
        views.table(("version", "status", "metrics"), [(it.version, it.status, _metrics(it)) for it in found])
    else:
        views.line("no model has been registered yet")
        views.line("[dim]next: modelyard pipeline run[/dim]")


def show(version: Version = None, env: Environment = "dev", json: AsJson = False) -> None:
    """Show a version with its model card: who answers for it, what it was trained on and what came of it."""
    from modelyard.cli import views
    from modelyard.cli.model import open_model
    from modelyard.models import registry

    found = registry.find(open_model(env), version)
    if json:
        views.document({**_json(found), "card_status": found.card_status, "card": found.card})
        return
    views.fields(
        {
            "status": found.status,
            "registered": f"{found.created:%Y-%m-%d %H:%M}",
            "metrics": _metrics(found),
            "model card": found.card_status or "none was registered with it",
        },
        f"version {found.version}",
    )
    for section, content in found.card.items():
        views.fields(dict(_flat(content, "")), section.replace("_", " "))


def approve(version: Version = None, env: Environment = "dev", note: Note = "", json: AsJson = False) -> None:
    """Approve a version; the next `up` deploys the newest approved one."""
    _set("Approved", version, env, note, json)


def reject(version: Version = None, env: Environment = "dev", note: Note = "", json: AsJson = False) -> None:
    """Reject a version; it will not be deployed."""
    _set("Rejected", version, env, note, json)


def _set(status: str, version: int | None, env: str, note: str, json: bool) -> None:
    from modelyard import project
    from modelyard.cli import deploy, views
    from modelyard.cli.model import open_model
    from modelyard.models import registry

    done = registry.set_status(open_model(env), version, status, note or f"{status.lower()} with modelyard")
    deploy.keep(project.home())
    if json:
        views.document(_json(done))
        return
    views.line(f"version {done.version} is [bold]{done.status}[/bold] [dim]{_metrics(done)}[/dim]")
    if status == "Approved":
        views.line(f"[dim]next: modelyard up --env {env}[/dim]")


def _flat(value: Any, path: str) -> "Iterator[tuple[str, object]]":
    """Return the single values of a card's section by their paths; names and values of one thing are one line."""
    if isinstance(value, dict) and {"name", "value"} <= value.keys():
        yield str(value["name"]), value["value"]
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, item in enumerate(value, start=1):
            yield from _flat(item, f"{path} {number}" if len(value) > 1 else path)
    else:
        yield path, value


def _metrics(version: "ModelVersion") -> str:
    return "  ".join(f"{name} {value:.4f}" for name, value in version.metrics.items())


def _json(version: "ModelVersion") -> dict[str, Any]:
    return {
        "version": version.version,
        "arn": version.arn,
        "status": version.status,
        "created": version.created.isoformat(),
        "metrics": dict(version.metrics),
    }
