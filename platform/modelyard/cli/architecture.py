"""What the programs of an environment would make from nothing: planned against a state of its own, which is dropped.

It works before anything is deployed, and says the same afterwards.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from modelyard import wire
from modelyard.cli import deploy, views
from modelyard.cli.backends import backend
from modelyard.cli.engines import engine_of
from modelyard.cli.model import session_of
from modelyard.engine.base import Diagnostic, Event, Severity
from modelyard.errors import DeploymentError
from modelyard.graph.model import Graph, graph
from modelyard.localcloud import daemon
from modelyard.settings.model import ModelSettings
from modelyard.targets import Target


def open_session(environment: str) -> deploy.Session:
    """Open a session on an environment of the platform or of a model, or on a branch's stack.

    Raises:
        UsageError: the user stands in no project.
        SettingsError: the environment is unknown.
    """
    from modelyard import project

    return session_of(environment) if project.find().kind == "model" else deploy.session(environment)


def planned(opened: deploy.Session) -> Graph:
    """Return the graph of all that an environment's programs make.

    Raises:
        CloudError: it is a model's, and the local cloud with its registry is not running.
        DeploymentError: a program can't be planned.
    """
    with tempfile.TemporaryDirectory() as folder, lent_cloud(opened, Path(folder)) as target:
        assumed: dict[str, Mapping[str, Any]] = _deployed(opened)
        found = []
        for stack in opened.project.stacks:
            described = replace(opened.deployment(stack, target), state=Path(folder) / "state", assumed=dict(assumed))
            problems: list[str] = []
            result = engine_of(opened.choices).preview(described, lambda event, into=problems: _note(event, into))
            if result.outcome != "succeeded":
                raise DeploymentError(
                    f"{described.title} can't be planned: {'; '.join(problems) or result.outcome}",
                    hint=f"modelyard preview {stack.project} --env {opened.environment}",
                )
            assumed[described.title] = result.outputs
            found.append((stack.project, result.changes))
        return graph(found)


def _note(event: Event, problems: list[str]) -> None:
    if isinstance(event, Diagnostic) and event.severity is Severity.ERROR:
        problems.append(" ".join(event.message.split()))
    elif isinstance(event, Diagnostic) and event.severity is Severity.WARNING:
        views.warning(event.message)


@contextmanager
def lent_cloud(opened: deploy.Session, folder: Path) -> Iterator[Target]:
    """Lend the cloud that runs; without one, and for a platform, an empty one for the moment.

    Args:
        opened: the session.
        folder: what is there for the moment.
    """
    if isinstance(opened.settings, ModelSettings) or daemon.status(opened.home) is not None:
        yield opened.target(start=False)
        return
    info = daemon.start(folder)
    try:
        yield Target(endpoint_url=info.endpoint_url, environment=daemon.environment(info, opened.settings.region))
    finally:
        daemon.stop(folder)


def _deployed(opened: deploy.Session) -> dict[str, Mapping[str, Any]]:
    """Return what other projects' stacks export, which a model's program refers to."""
    if not isinstance(opened.settings, ModelSettings):
        return {}
    known = backend(opened.state, opened.choices)
    return {name: wire.mask(known.outputs(name)) for name in known.names()}
