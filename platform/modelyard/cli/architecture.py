"""What the programs of an environment make, all of it, before anything is deployed or afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from modelyard import project as projects
from modelyard.cli import deploy, policies
from modelyard.cli.engines import engine_of
from modelyard.cli.model import session_of
from modelyard.graph.model import Graph, graph
from modelyard.localcloud import daemon
from modelyard.policies.plan import staying
from modelyard.settings.model import ModelSettings
from modelyard.targets import Target


def open_session(environment: str) -> deploy.Session:
    """Open a session on an environment of the platform or of a model, or on a branch's stack.

    Raises:
        UsageError: the user stands in no project, or the name is none of an environment.
        SettingsError: the environment is unknown.
    """
    return session_of(environment) if projects.find().kind == "model" else deploy.session(environment)


def planned(opened: deploy.Session) -> Graph:
    """Return the graph of all that an environment's programs make.

    Raises:
        CloudError: it is a model's, and the local cloud with its registry is not running.
        DeploymentError: a program can't be planned.
    """
    with lent_cloud(opened) as target:
        deployments = [opened.deployment(stack, target) for stack in opened.project.stacks]
        return graph(staying(policies.plan(engine_of(opened.choices), deployments, target)))


@contextmanager
def lent_cloud(opened: deploy.Session) -> Iterator[Target]:
    """Lend the cloud that runs; without one, and for a platform, an empty one for the moment.

    A platform may stand in a network that is on AWS alone; what it looks up is taken to be there.
    """
    if isinstance(opened.settings, ModelSettings) or daemon.status(opened.home) is not None:
        yield replace(opened.target(start=False), assuming=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        info = daemon.start(Path(folder))
        try:
            environment = daemon.environment(info, opened.settings.region)
            yield Target(endpoint_url=info.endpoint_url, environment=environment, assuming=True)
        finally:
            daemon.stop(Path(folder))
