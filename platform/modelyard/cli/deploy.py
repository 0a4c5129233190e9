"""Putting a deployment together: the project's stacks, the environment's settings, the cloud and the engine."""

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from modelyard import project as projects
from modelyard.cli import contract, event_log, views
from modelyard.cli.deployment_view import DeploymentView, as_json, combined
from modelyard.cli.engines import check, engine_of, plugins_of
from modelyard.cli.options import Choices, Cloud
from modelyard.cli.policies import Check, Guard, foreseeing
from modelyard.engine import stack_file
from modelyard.engine.base import Deployment, Engine, Event, EventSink, Result
from modelyard.errors import CloudError, DeploymentError, UsageError
from modelyard.localcloud import daemon
from modelyard.previews import records
from modelyard.project import Project, StackFolder
from modelyard.settings import files
from modelyard.settings.environment import EnvironmentSettings
from modelyard.settings.model import ModelSettings
from modelyard.targets import AWS, Target

STATE_FOLDER = "state"
_ENVIRONMENT = re.compile(r"[a-z][a-z0-9-]{0,30}")
Work = Callable[[Engine, Deployment, EventSink], Result]


@dataclass(frozen=True, kw_only=True)
class Session:
    """One command on one environment of one project.

    Args:
        project: where the user stands.
        environment: the environment, or a branch stack's name.
        settings: its settings.
        home: the folder that keeps state and the local cloud.
        config: configuration for the stacks.
        choices: the command's options.
    """

    project: Project
    environment: str
    settings: EnvironmentSettings | ModelSettings
    home: Path
    config: dict[str, str]
    choices: Choices

    @property
    def state(self) -> Path:
        """Return the backend's folder: below the home, or where `--backend file://...` says."""
        return state_folder(self.home, self.choices)

    @property
    def cloud_port(self) -> int | None:
        """Return the port that the settings want the local cloud on, if they say so."""
        return getattr(self.settings, "cloud_port", None)

    def target(self, *, start: bool) -> Target:
        """Return the cloud that the command works on; the local one is started when it isn't running and may be.

        Raises:
            CloudError: the local cloud isn't running and is not to be started, or it can't be.
        """
        return cloud_of(self.choices, self.home, self.settings.region, start=start, port=self.cloud_port)

    def deployment(self, stack: StackFolder, target: Target) -> Deployment:
        """Describe one of the project's stacks."""
        described = deployment(self.state, stack.project, self.environment, target, self.choices)
        return replace(described, program=stack.path, config={"aws:region": self.settings.region, **self.config})

    def guard(self, stacks: list[StackFolder], target: Target, checks: Sequence[Check] = ()) -> Guard:
        """Return what holds the stacks to the policy pack, and to further checks.

        Raises:
            SettingsError: an exemption of the environment can't hold.
        """
        deployments = [self.deployment(stack, target) for stack in stacks]
        return Guard(self.settings, deployments, target, engine_of(self.choices), checks)

    def keep(self) -> None:
        """Have the local cloud save what was just done; AWS needs no telling."""
        keep_cloud_of(self.choices, self.home)


def session(
    environment: str,
    *,
    settings_name: str | None = None,
    config: dict[str, str] | None = None,
    choices: Choices | None = None,
) -> Session:
    """Open a session where the user stands.

    Args:
        environment: the environment, or a branch stack's name.
        settings_name: the settings file's name, when it is not the environment's.
        config: configuration for the stacks.
        choices: the command's options.

    Raises:
        UsageError: the user stands in no project, or the options don't go together.
        SettingsError: the environment is unknown or its settings are not valid.
    """
    if not _ENVIRONMENT.fullmatch(environment):
        raise UsageError(
            f"{environment!r} is no name of an environment",
            hint="use up to 31 lower-case letters, digits and dashes, such as --env dev",
        )
    choices = check(choices or Choices(env=environment))
    project = projects.find()
    kind: Any = EnvironmentSettings if project.kind == "platform" else ModelSettings
    settings = files.load(kind, project.environments / f"{settings_name or environment}.yaml")
    return Session(
        project=project,
        environment=environment,
        settings=settings,
        home=projects.home(),
        config=config or {},
        choices=choices,
    )


def deployment(state: Path, project: str, stack: str, target: Target, choices: Choices) -> Deployment:
    """Describe a stack; without a program it can only be destroyed."""
    return Deployment(
        project=project,
        stack=stack,
        program=Path(),
        state=state,
        environment=target.environment,
        plugins=plugins_of(target),
        options=choices.options(),
        backend=choices.backend,
        secrets_provider=choices.secrets_provider,
    )


def state_folder(home: Path, choices: Choices) -> Path:
    """Return the backend's folder: below the home, or where `--backend file://...` says."""
    given = choices.backend
    return Path(given.removeprefix("file://")) if given.startswith("file://") else home / STATE_FOLDER


def cloud_of(choices: Choices, home: Path, region: str, *, start: bool, port: int | None = None) -> Target:
    """Return the cloud that a command works on; the local one is started when it isn't running and may be.

    Raises:
        CloudError: the local cloud isn't running and is not to be started, or it can't be.
    """
    return AWS if choices.cloud is Cloud.AWS else target(home, region, start=start, port=port)


def keep_cloud_of(choices: Choices, home: Path) -> None:
    """Have the local cloud, if the command worked on it, save what was just done."""
    if choices.cloud is Cloud.LOCAL:
        keep(home)


def target(home: Path, region: str, *, start: bool, port: int | None = None) -> Target:
    """Return the local cloud as a target.

    Args:
        home: the folder that it lives in.
        region: the region that programs work in.
        start: whether to start it when it is not running.
        port: the port to start it on; a free one when it is not given.

    Raises:
        CloudError: it isn't running and is not to be started, or it can't be.
    """
    info = daemon.status(home)
    if info is None and not start:
        raise CloudError("the local cloud is not running", hint="modelyard cloud start")
    if info is None:
        info = daemon.start(home, port)
        views.note(f"started the local cloud at {info.endpoint_url}")
        warn_of_damage(info)
    return Target(endpoint_url=info.endpoint_url, environment=daemon.environment(info, region))


def warn_of_damage(info: daemon.CloudInfo) -> None:
    """Say so if a local cloud that was just started could not read its saved state."""
    if info.damage:
        views.warning(f"the local cloud: {info.damage}\n  -> modelyard refresh, then modelyard up, for each stack")


def forget(home: Path) -> None:
    """Drop the state of all stacks, and the records of branches: the cloud they were deployed to is empty now."""
    for name in (STATE_FOLDER, records.FOLDER):
        shutil.rmtree(home / name, ignore_errors=True)


def keep(home: Path) -> None:
    """Have the local cloud save what was just done, before it is reported as done."""
    if info := daemon.status(home):
        daemon.save(info)


def show(verb: str, described: Deployment, work: Work, choices: Choices) -> Result:
    """Carry out a deployment and show it."""
    view = DeploymentView(described.title, verb, silent=choices.json, full=getattr(choices, "diff", False))
    path = getattr(choices, "event_log", None)
    log = event_log.opened(path) if path else None

    def sink(event: Event) -> None:
        view.event(event)
        if log is not None:
            log.event(event, planning=verb == "preview")

    if log is not None:
        log.start(described)
    view.start()
    try:
        result = work(engine_of(choices), described, sink)
        view.end(result)
    finally:
        view.close()
    if log is not None:
        log.end(result)
    return result


def deploy(verb: str, opened: Session, stacks: list[str], work: Work, *, start: bool) -> list[Result]:
    """Carry out a deployment of one stack after the other, and end the command if one fails.

    Args:
        verb: what is done, for people to read.
        opened: the session.
        stacks: names of stacks; all of them when there are none.
        work: what to do to each.
        start: whether to start the local cloud when it is not running.

    Raises:
        DeploymentError: a stack failed.
    """
    results, document = carry_out(verb, opened, stacks, work, start=start)
    finish(results, document if opened.choices.json else None)
    return results


def carry_out(
    verb: str, opened: Session, stacks: list[str], work: Work, *, start: bool, checks: Sequence[Check] = ()
) -> tuple[list[Result], dict[str, Any]]:
    """Carry out a deployment of one stack after the other, up to the first that fails.

    Args:
        verb: what is done, for people to read.
        opened: the session.
        stacks: names of stacks; all of them when there are none.
        work: what to do to each.
        start: whether to start the local cloud when it is not running.
        checks: what the plan of an `up` has to hold to, besides the policies.

    Returns:
        What came of it, and the same as a document.
    """
    selected = opened.project.select(stacks)
    if verb == "up":
        contract.refuse_misfit(opened)
    cloud = opened.target(start=start)
    work = _watched(verb, work, opened, lambda: opened.guard(selected, cloud, checks))
    results, documents = [], []
    assumed: dict[str, Mapping[str, Any]] = {}
    for stack in selected:
        described = replace(opened.deployment(stack, cloud), assumed=dict(assumed))
        if verb == "up" and stack_file.keep(described):
            views.note(f"wrote {stack_file.path(described)}: what Pulumi needs to know of {described.title}")
        result = show(verb, described, work, opened.choices)
        results.append(result)
        if verb == "preview":
            assumed[described.title] = result.outputs
        documents.append(as_json(stack.project, opened.environment, result))
        if result.outcome != "succeeded":
            break
    if verb != "preview":
        opened.keep()
    return results, combined(documents, opened.environment)


def _watched(verb: str, work: Work, opened: Session, guard: Callable[[], Guard]) -> Work:
    """Return the work as it is held to the policies: an `up` to all of them, a preview to what may not be lost."""
    if verb == "up":
        return guard().guarded(work)
    return foreseeing(work, opened.settings) if verb == "preview" else work


def finish(results: list[Result], document: dict[str, Any] | None) -> None:
    """Write the document, if one is wanted, and end the command with 1 if anything failed.

    Raises:
        DeploymentError: something failed, or was stopped.
    """
    if document is not None:
        views.document(document)
    if any(result.outcome == "cancelled" for result in results):
        raise DeploymentError("stopped; what was done is saved", hint="type the same again to go on")
    if any(result.outcome != "succeeded" for result in results):
        raise DeploymentError(
            "the deployment failed; what succeeded is saved",
            hint="mend what the lines above say, then type the same again",
        )


def refuse_changes(results: list[Result], hint: str) -> None:
    """Fail where anything changed, or would, though nothing was expected to.

    Raises:
        DeploymentError: there are changes.
    """
    if any(result.has_changes for result in results):
        raise DeploymentError("there are changes, and none were expected", hint=hint)


def confirm_protected(opened: Session, yes_really: str | None) -> bool:
    """Check that a protected environment may be destroyed.

    Returns:
        Whether the environment is protected, and its resources' protection has to be lifted.

    Raises:
        UsageError: it is protected and was not named.
    """
    if yes_really is not None and yes_really != opened.environment:
        raise UsageError(
            f"--yes-really names {yes_really!r}, not the environment {opened.environment!r}",
            hint=f"modelyard destroy --env {opened.environment} --yes-really {opened.environment}",
        )
    if opened.settings.protect and yes_really is None:
        raise UsageError(
            f"the environment {opened.environment!r} is protected (protect: true in its settings)",
            hint=f"modelyard destroy --env {opened.environment} --yes-really {opened.environment}",
        )
    return opened.settings.protect
