"""`modelyard model`: a model's versions in the registry."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from modelyard.cli.options import AsJson, Environment

if TYPE_CHECKING:
    from modelyard.models.registry import ModelVersion

Version = Annotated[int | None, typer.Argument(metavar="[VERSION]", help="The version; the newest by default.")]
Note = Annotated[str, typer.Option("--note", help="Why; kept with the version.")]


def register(application: typer.Typer) -> None:
    """Add the verbs."""
    model = typer.Typer(help="The model's versions.", no_args_is_help=True)
    model.command("list")(list_)
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
