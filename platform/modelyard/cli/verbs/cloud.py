"""`modelyard cloud`: the local cloud as a background process."""

from typing import Annotated, Any

import typer

from modelyard.cli.options import AsJson, Environment

Port = Annotated[
    int | None,
    typer.Option("--port", min=1, max=65535, help="TCP port; by default what the settings say, or a free one."),
]
Region = Annotated[str, typer.Option("--region", help="The AWS region for clients.")]
Lines = Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines.")]
Step = Annotated[str, typer.Option("--step", help="Move it on by a time such as 90s, 15m, 1h or 2d.")]
Speed = Annotated[float | None, typer.Option("--speed", min=0.01, max=86400, help="Seconds that pass in one of ours.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on showing lines as they come.")]

Service = Annotated[str | None, typer.Option("--service", help="Show this service operation by operation.")]


def register(application: typer.Typer) -> None:
    """Add the verbs."""
    cloud = typer.Typer(help="The local cloud: an AWS on this machine.", no_args_is_help=True)
    for verb in (start, status, stop, reset, logs, coverage, clock):
        cloud.command(verb.__name__)(verb)
    cloud.command("env")(environment)
    application.add_typer(cloud, name="cloud")


def start(port: Port = None, env: Environment = "dev", json: AsJson = False) -> None:
    """Start the local cloud in the background; if it runs already, show it."""
    from modelyard import project
    from modelyard.cli import deploy
    from modelyard.localcloud import daemon

    info = daemon.start(project.home(), port or _port_of(env))
    deploy.warn_of_damage(info)
    _show(info, json)


def status(json: AsJson = False) -> None:
    """Show whether the local cloud runs, and where."""
    from modelyard import project
    from modelyard.errors import CloudError
    from modelyard.localcloud import daemon

    info = daemon.status(project.home())
    if info is None and not json:
        raise CloudError("the local cloud is not running", hint="modelyard cloud start")
    _show(info, json)
    if info is None:
        raise typer.Exit(1)


def stop(json: AsJson = False) -> None:
    """Stop the local cloud; what it holds is saved and comes back with the next start."""
    from modelyard import project
    from modelyard.cli import views
    from modelyard.localcloud import daemon

    was_running = daemon.stop(project.home())
    if json:
        views.document({"running": False, "stopped": was_running})
    else:
        views.line(
            "stopped; its resources come back with 'modelyard cloud start'" if was_running else "it was not running"
        )


def reset(json: AsJson = False) -> None:
    """Forget everything in the local cloud and the state of all stacks; start it anew if it was running."""
    from modelyard import project
    from modelyard.cli import deploy, views
    from modelyard.localcloud import daemon

    info = daemon.reset(project.home())
    deploy.forget(project.home())
    if not json:
        views.line("everything in the local cloud is forgotten")
    if info is not None or json:
        _show(info, json)


def logs(lines: Lines = 50, follow: Follow = False, json: AsJson = False) -> None:
    """Show the local cloud's own log."""
    from modelyard import project
    from modelyard.cli import views
    from modelyard.cli.tail import last, tail
    from modelyard.errors import CloudError
    from modelyard.localcloud import daemon

    path = daemon.log_path(project.home())
    if not path.exists():
        raise CloudError("the local cloud has never been started here", hint="modelyard cloud start")
    if json:
        views.document({"path": str(path), "lines": last(path, lines)})
    else:
        tail(path, lines, follow=follow)


def clock(step: Step = "", speed: Speed = None, json: AsJson = False) -> None:
    """Show, step or speed the clock by which schedules, alarms and rollouts of the local cloud go.

    A step stops at each instant at which something is due, and goes on once what came of it is done.
    """
    from modelyard import project
    from modelyard.cli import views
    from modelyard.errors import CloudError
    from modelyard.localcloud import daemon

    seconds = _seconds(step) if step else None
    info = daemon.status(project.home())
    if info is None:
        raise CloudError("the local cloud is not running", hint="modelyard cloud start")
    asked = {"step": seconds, "speed": speed}
    shown = daemon.clock(info, **{key: value for key, value in asked.items() if value is not None})
    if json:
        views.document(shown)
        return
    pace = "" if shown["speed"] == 1 else f", {shown['speed']:g} times as fast as ours"
    views.line(f"it is [bold]{shown['time']}[/bold] in the local cloud{pace}")
    if step:
        views.line(f"{shown['fired']} schedules fired")
    for due in shown["next"]:
        views.line(f"[dim]next: {due['arn']} at {due['time']}[/dim]")


def environment(region: Region = "us-east-1", json: AsJson = False) -> None:
    """Print the environment that points any AWS client to the local cloud: eval "$(modelyard cloud env)"."""
    import shlex

    from modelyard import project
    from modelyard.cli import deploy, views

    variables = deploy.target(project.home(), region, start=False).environment
    if json:
        views.document(dict(variables))
        return
    for name, value in variables.items():
        views.raw(f"export {name}={shlex.quote(value)}")


def _seconds(text: str) -> float:
    from modelyard.errors import UsageError

    units = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
    number = text[:-1] if text[-1] in units else text
    if not number.replace(".", "", 1).isdigit() or not 0 < float(number) * units.get(text[-1], 1) <= 366 * 86_400:
        raise UsageError(f"{text!r} is no time to step by", hint="modelyard cloud clock --step 1h")
    return float(number) * units.get(text[-1], 1)


def coverage(service: Service = None, json: AsJson = False) -> None:
    """Show which AWS operations the local cloud has: for all services how many, for one of them which."""
    from modelyard.cli import views
    from modelyard.errors import UsageError
    from modelyard.localcloud import coverage as found

    services = found.coverage()
    if service is None:
        kinds = (found.OURS, found.MOTO, found.NONE)
        counts: list[dict[str, Any]] = [
            {"service": item.service, **{kind: item.count(kind) for kind in kinds}} for item in services
        ]
        if json:
            views.document({"services": counts})
            return
        for item in counts:
            views.line(
                f"{item['service']:<24} runs {item['runs']:>3}   answers {item['answers']:>3}   none {item['none']:>3}"
            )
        views.line("[dim]runs: really done and held to AWS's model; answers: kept and described by moto[/dim]")
        return
    chosen = next((item for item in services if item.service == service), None)
    if chosen is None:
        names = ", ".join(item.service for item in services)
        raise UsageError(f"there is no service {service} here", hint=f"choose one of {names}")
    if json:
        views.document({"service": service, "operations": chosen.operations})
        return
    for name, kind in sorted(chosen.operations.items()):
        views.line(f"{kind:<8} {name}")


def _port_of(environment: str) -> int | None:
    """Return the port that an environment's settings ask for, where the user stands in a platform's repository."""
    from modelyard import project
    from modelyard.cli import deploy
    from modelyard.errors import UsageError

    try:
        found = project.find()
    except UsageError:
        return None
    known = found.kind == "platform" and (found.environments / f"{environment}.yaml").exists()
    return deploy.session(environment).cloud_port if known else None


def _show(info: Any, json: bool) -> None:
    from modelyard.cli import views
    from modelyard.localcloud import daemon

    servers = daemon.tracking(info) if info else []
    if json:
        running = {"port": info.port, "endpoint_url": info.endpoint_url, "pid": info.pid} if info else {}
        views.document({"running": info is not None, **running, **({"tracking": servers} if servers else {})})
        return
    views.line(f"the local cloud answers at [bold]{info.endpoint_url}[/bold] [dim](process {info.pid})[/dim]")
    for server in servers:
        idle = "is starting" if server["starting"] else "does not run"
        state = f"answers at [bold]{server['url']}[/bold]" if server["active"] else idle
        views.line(f"MLflow server {server['name']} {state}")
        if server["problem"]:
            views.warning(server["problem"])
    views.line('[dim]let other programs find it: eval "$(modelyard cloud env)"[/dim]')
