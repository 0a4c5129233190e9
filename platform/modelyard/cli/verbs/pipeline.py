"""`modelyard pipeline`: run a model's pipeline."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modelyard.cli.options import Choices, takes

if TYPE_CHECKING:
    from modelyard.errors import DeploymentError
    from modelyard.models.deployed import DeployedModel
    from modelyard.models.pipelines import Execution, StepRun

Parameters = Annotated[
    list[str] | None, typer.Option("--set", "-p", metavar="NAME=VALUE", help="A pipeline parameter; may be repeated.")
]
Step = Annotated[str, typer.Option("--step", help="The step; the one that failed by default.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Only start it.")]
Which = Annotated[
    str,
    typer.Option(
        "--pipeline", metavar="train|batch|MONITOR", help="Which one; a monitor's by what it watches, as data_quality."
    ),
]
_UNUSED = ("secrets_provider",)


def register(application: typer.Typer) -> None:
    """Add the verbs."""
    pipeline = typer.Typer(help="The model's pipeline.", no_args_is_help=True)
    pipeline.command("run")(run)
    pipeline.command("list")(list_)
    pipeline.command("logs")(logs)
    application.add_typer(pipeline, name="pipeline")


@takes(Choices, without=_UNUSED)
def run(set_: Parameters = None, no_wait: NoWait = False, pipeline: Which = "train", *, choices: Choices) -> None:
    """Run the pipeline and follow its steps."""
    from modelyard import project
    from modelyard.cli import deploy, views
    from modelyard.cli.model import open_model
    from modelyard.errors import UsageError
    from modelyard.models import pipelines

    json, home = choices.json, project.home()
    parameters = {}
    for pair in set_ or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--set {pair!r} has no value", hint="--set accuracy_threshold=0.95")
        parameters[name] = value
    model = open_model(choices.env, choices).running(pipeline)
    execution = pipelines.start(model, parameters)
    deploy.keep_cloud_of(choices, home)
    if not json:
        views.line(f"[bold]pipeline {views.escaped(model.pipeline)}[/bold] [dim]{execution.arn.split('/')[-1]}[/dim]")
    if not no_wait:
        execution = _followed(model, execution, json)
    deploy.keep_cloud_of(choices, home)
    if json:
        views.document(_json(model.pipeline, execution))
    elif not no_wait:
        views.line(f"  {execution.status}" + (f": {views.escaped(execution.reason)}" if execution.reason else ""))
    if not no_wait and execution.status != "Succeeded":
        raise _failure(choices.env, execution)


def _followed(model: "DeployedModel", execution: "Execution", json: bool) -> "Execution":
    from modelyard.errors import DeploymentError
    from modelyard.models import pipelines

    try:
        return pipelines.follow(model, execution, (lambda step: None) if json else _show)
    except KeyboardInterrupt:
        raise DeploymentError(
            "no longer watching; the pipeline itself goes on", hint="modelyard pipeline list"
        ) from None


@takes(Choices, without=_UNUSED)
def logs(step: Step = "", pipeline: Which = "train", *, choices: Choices) -> None:
    """Show what a step's job wrote in the newest execution: the step that failed, or the one that is named."""
    from modelyard.cli import views
    from modelyard.cli.model import open_model
    from modelyard.errors import UsageError
    from modelyard.models import pipelines

    model = open_model(choices.env, choices).running(pipeline)
    found = pipelines.executions(model)
    steps = pipelines.describe(model, found[0].arn).steps if found else ()
    with_jobs = [it for it in steps if it.job]
    chosen = [it for it in with_jobs if it.name == step or (not step and it.status == "Failed")] or (
        [] if step else with_jobs[-1:]
    )
    if not chosen:
        known = ", ".join(it.name for it in with_jobs) or "none: modelyard pipeline run"
        raise UsageError("there is no such step with a job", hint=f"there is: {known}")
    lines = pipelines.log(model, chosen[0])
    if choices.json:
        views.document({"step": chosen[0].name, "job": chosen[0].job, "lines": lines})
    else:
        views.raw("\n".join(lines) or "(it wrote nothing)")


def _failure(env: str, execution: "Execution") -> "DeploymentError":
    from modelyard.errors import DeploymentError

    failed = [it for it in execution.steps if it.status == "Failed"]
    if not failed:
        return DeploymentError(f"the pipeline ended as {execution.status}", hint=f"modelyard pipeline list --env {env}")
    hint = f"modelyard pipeline logs --env {env} --step {failed[0].name}" if failed[0].job else "see the reason above"
    return DeploymentError(f"the step {failed[0].name} failed", hint=hint)


@takes(Choices, without=_UNUSED)
def list_(pipeline: Which = "train", *, choices: Choices) -> None:
    """List the pipeline's executions, the newest first."""
    from modelyard.cli import views
    from modelyard.cli.model import open_model
    from modelyard.models import pipelines

    model = open_model(choices.env, choices).running(pipeline)
    found = pipelines.executions(model)
    if choices.json:
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
        f"{views.escaped(_readable(step.detail))}[/dim]"
    )


def _readable(detail: str) -> str:
    """Undo the escapes that SageMaker puts around a program's own message."""
    return detail.replace("\\n", "\n").replace('\\"', '"')


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
