"""`modelyard pipeline`: run a model's pipeline."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modelyard.cli.options import AsJson, Environment

if TYPE_CHECKING:
    from modelyard.models.pipelines import Execution, StepRun

Parameters = Annotated[
    list[str] | None, typer.Option("--set", "-p", metavar="NAME=VALUE", help="A pipeline parameter; may be repeated.")
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Only start it.")]


def register(application: typer.Typer) -> None:
    """Add the verbs."""
    pipeline = typer.Typer(help="The model's pipeline.", no_args_is_help=True)
    pipeline.command("run")(run)
    pipeline.command("list")(list_)
    application.add_typer(pipeline, name="pipeline")


def run(env: Environment = "dev", set_: Parameters = None, no_wait: NoWait = False, json: AsJson = False) -> None:
    """Run the pipeline and follow its steps."""
    from modelyard.cli import views
    from modelyard.cli.model import open_model
    from modelyard.errors import DeploymentError, UsageError
    from modelyard.models import pipelines

    parameters = {}
    for pair in set_ or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--set {pair!r} has no value", hint="--set accuracy_threshold=0.95")
        parameters[name] = value
    model = open_model(env)
    execution = pipelines.start(model, parameters)
    if not json:
        views.line(f"[bold]pipeline {views.escaped(model.pipeline)}[/bold] [dim]{execution.arn.split('/')[-1]}[/dim]")
    if not no_wait:
        execution = pipelines.follow(model, execution, (lambda step: None) if json else _show)
    if json:
        views.document(_json(model.pipeline, execution))
    elif not no_wait:
        views.line(f"  {execution.status}" + (f": {views.escaped(execution.reason)}" if execution.reason else ""))
    if not no_wait and execution.status != "Succeeded":
        reason = execution.reason or f"the pipeline ended as {execution.status}"
        raise DeploymentError(reason, hint="modelyard cloud logs, or read the steps' logs in CloudWatch Logs")


def list_(env: Environment = "dev", json: AsJson = False) -> None:
    """List the pipeline's executions, the newest first."""
    from modelyard.cli import views
    from modelyard.cli.model import open_model
    from modelyard.models import pipelines

    model = open_model(env)
    found = pipelines.executions(model)
    if json:
        views.document([_json(model.pipeline, execution) for execution in found])
    else:
        views.table(
            ("execution", "status", "started"),
            [(it.arn.split("/")[-1], it.status, _time(it.started)) for it in found],
        )


def _show(step: "StepRun") -> None:
    from modelyard.cli import views

    style = {"Succeeded": "green", "Failed": "red"}.get(step.status, "dim")
    if step.status in ("Starting", "Executing"):
        return
    views.line(
        f"  [{style}]{step.status:<10}[/{style}] {views.escaped(step.name):<28} [dim]{step.seconds:6.1f} s  "
        f"{views.escaped(step.detail)}[/dim]"
    )


def _json(pipeline: str, execution: "Execution") -> dict[str, Any]:
    return {
        "pipeline": pipeline,
        "execution": execution.arn,
        "status": execution.status,
        "started": execution.started.isoformat(),
        **({"reason": execution.reason} if execution.reason else {}),
        "steps": [
            {"name": it.name, "status": it.status, "duration_s": round(it.seconds, 3), "detail": it.detail}
            for it in execution.steps
        ],
    }


def _time(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")
