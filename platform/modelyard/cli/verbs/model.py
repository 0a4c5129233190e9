"""`modelyard model`: a model's versions in the registry, and who decides on them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from modelyard.cli.options import Choices, UpChoices, takes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelyard.models.registry import Decided, ModelVersion

Version = Annotated[int | None, typer.Argument(metavar="[VERSION]", help="The version; the newest by default.")]
Approved = Annotated[int | None, typer.Argument(metavar="[VERSION]", help="The version; the newest approved one.")]
Note = Annotated[str, typer.Option("--note", help="Why; kept with the version.")]
Force = Annotated[bool, typer.Option("--force", help="Do it though the model is worse; --note says why.")]
To = Annotated[str, typer.Option("--to", metavar="ENVIRONMENT", help="Where it goes, such as staging or prod.")]

_UNUSED = ("secrets_provider",)


def register(application: typer.Typer) -> None:
    """Add the verbs."""
    model = typer.Typer(help="The model's versions.", no_args_is_help=True)
    for name, verb in (("list", list_), ("show", show), ("approve", approve), ("reject", reject)):
        model.command(name)(verb)
    model.command("promote")(promote)
    model.command("rollback")(rollback)
    application.add_typer(model, name="model")


@takes(Choices, without=_UNUSED)
def list_(*, choices: Choices) -> None:
    """List the registered versions, the newest first, with what their evaluation measured."""
    from modelyard.cli import views
    from modelyard.cli.model import open_model
    from modelyard.models import registry

    found = registry.versions(open_model(choices.env, choices))
    if choices.json:
        views.document([_json(it) for it in found])
    elif found:
        views.table(("version", "status", "metrics"), [(it.version, it.status, _metrics(it)) for it in found])
    else:
        views.line("no model has been registered yet")
        views.line("[dim]next: modelyard pipeline run[/dim]")


@takes(Choices, without=_UNUSED)
def show(version: Version = None, *, choices: Choices) -> None:
    """Show a version: what it is of, who decided what about it and why, and its model card."""
    from modelyard.cli import views
    from modelyard.cli.model import open_model
    from modelyard.models import records, registry

    found = registry.find(open_model(choices.env, choices), version)
    decisions = records.history(found.properties)
    if choices.json:
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
    origin = {name: text for name, text in found.properties.items() if text not in decisions}
    if digest := found.evaluation.get("dataset", {}).get("digest"):
        origin["held-out data"] = f"digest {digest}"
    if origin:
        views.fields(dict(origin), "made from")
    if decisions:
        views.fields({str(number): text for number, text in enumerate(decisions, start=1)}, "decisions")
    for section, content in found.card.items():
        views.fields(dict(_flat(content, "")), section.replace("_", " "))


@takes(Choices, without=_UNUSED)
def approve(version: Version = None, note: Note = "", force: Force = False, *, choices: Choices) -> None:
    """Approve a version that is at least as good as the one in service; the next `up` deploys it."""
    from modelyard.cli import views
    from modelyard.cli.model import open_model
    from modelyard.models import registry

    done = registry.approve(open_model(choices.env, choices), version, note, force=force)
    _tell(done, choices)
    if not choices.json:
        views.line(f"[dim]next: modelyard up --env {choices.env}[/dim]")


@takes(Choices, without=_UNUSED)
def reject(version: Version = None, note: Note = "", *, choices: Choices) -> None:
    """Reject a version; it will not be deployed."""
    from modelyard.cli.model import open_model
    from modelyard.models import registry

    _tell(registry.reject(open_model(choices.env, choices), version, note), choices)


@takes(Choices, without=_UNUSED)
def promote(to: To, version: Approved = None, note: Note = "", force: Force = False, *, choices: Choices) -> None:
    """Copy an approved version to another environment, if it is at least as good as what is served there."""
    from modelyard import project as projects
    from modelyard.cli import deploy, views
    from modelyard.cli.model import open_model
    from modelyard.errors import UsageError
    from modelyard.models import promotion

    if to == choices.env:
        raise UsageError(f"the model is in {to} already", hint="--to names another environment, --env where it is from")
    source, there = open_model(choices.env, choices), open_model(to, choices)
    done = promotion.promote(source, there, to, version, note, force=force)
    deploy.keep_cloud_of(choices, projects.home())
    if choices.json:
        said = {"environment": to, "version": done.version, "arn": done.arn, "source": done.source}
        views.document({**said, "decision": done.decision.told, "gate": done.decision.gate})
        return
    views.line(f"{views.escaped(done.source.rpartition(':')[2])} is version [bold]{done.version}[/bold] of {to}")
    views.line(f"[dim]{views.escaped(done.decision.gate)}[/dim]")
    views.line(f"[dim]next: modelyard up --env {to}[/dim]")


@takes(UpChoices)
def rollback(note: Note = "", *, choices: UpChoices) -> None:
    """Reject the version in service and deploy the one that was approved before it."""
    from dataclasses import replace

    from modelyard.cli import deploy, views
    from modelyard.cli.model import open_model, session_of
    from modelyard.models import registry

    quiet = Choices(**{it: getattr(choices, it) for it in ("env", "json", "engine", "backend", "target")})
    gone, back = registry.roll_back(open_model(choices.env, quiet), note)
    # What the endpoint serves may be a function's doing, which the state doesn't know of.
    again = replace(choices, refresh=True, message=choices.message or gone.decision.told)
    opened = session_of(choices.env, again)
    opened.keep()
    if not choices.json:
        views.line(f"version {gone.version.version} is rejected, version [bold]{back.version}[/bold] is deployed again")
    deploy.deploy("up", opened, [], lambda engine, it, sink: engine.up(it, sink), start=True)


def _tell(done: "Decided", choices: Choices) -> None:
    from modelyard import project as projects
    from modelyard.cli import deploy, views

    deploy.keep_cloud_of(choices, projects.home())
    if choices.json:
        views.document({**_json(done.version), "decision": done.decision.told, "gate": done.decision.gate})
        return
    version = done.version
    views.line(f"version {version.version} is [bold]{version.status}[/bold] [dim]{_metrics(version)}[/dim]")
    if done.decision.gate:
        views.line(f"[dim]{views.escaped(done.decision.gate)}[/dim]")


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
    from modelyard.models import records

    return {
        "version": version.version,
        "arn": version.arn,
        "status": version.status,
        "created": version.created.isoformat(),
        "metrics": dict(version.metrics),
        "properties": dict(version.properties),
        "decisions": records.history(version.properties),
    }
