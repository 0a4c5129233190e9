"""The Pulumi CLI as an engine: preview, up, destroy and refresh, and what is known of a stack."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from modelyard import wire
from modelyard.engine import stack_file
from modelyard.engine.base import Deployment, EventSink, Outcome, Result, Severity, Update, Verb
from modelyard.engine.embedded.state.store import StackStore
from modelyard.engine.pulumi_cli import arguments, cli, failures, history, scratch, workspace
from modelyard.engine.pulumi_cli.events import ROOT_TYPE, Tail, Translator
from modelyard.engine.pulumi_cli.hosting import hosted
from modelyard.engine.pulumi_cli.serving import served
from modelyard.engine.pulumi_cli.workspace import Workspace
from modelyard.errors import StateError

_SECRETS_KEYS = ("secretsprovider", "encryptedkey", "encryptionsalt")


class PulumiEngine:
    """Runs programs with the Pulumi CLI; see `modelyard.engine.base.Engine`.

    The CLI is found and checked by Pulumi's Automation API, and driven by its words and its event log: the API's own
    `Stack` would start four more processes for each deployment, and change the stack that the user has selected.
    """

    def preview(self, deployment: Deployment, sink: EventSink, *, verb: Verb = "up") -> Result:
        """Plan without changing anything; a stack that isn't there yet, or stands on one that isn't, is played out."""
        with self._opened(deployment, writes=False) as space:
            if scratch.is_needed(space):
                space = scratch.backend(space)
            result = self._deploy(space, sink, verb, preview=True)
        return replace(result, verb="preview")

    def up(self, deployment: Deployment, sink: EventSink) -> Result:
        """Make the cloud what the program says; its gate is asked at once, as the CLI can't wait before a change."""
        started = time.perf_counter()
        cli.find()  # without it nothing can be asked
        answers = tuple(deployment.gate()) if deployment.gate else ()
        for answer in answers:
            sink(answer)
        if any(it.severity is Severity.ERROR for it in answers):
            seconds = time.perf_counter() - started
            return Result(verb="up", outcome="failed", changes=(), outputs={}, seconds=seconds, diagnostics=answers)
        result = self._change(deployment, sink, "up")
        return replace(result, diagnostics=(*answers, *result.diagnostics))

    def destroy(self, deployment: Deployment, sink: EventSink, *, unprotect: bool = False) -> Result:
        """Delete all that the state holds; the program is not run."""
        return self._change(deployment, sink, "destroy", unprotect=unprotect)

    def refresh(self, deployment: Deployment, sink: EventSink) -> Result:
        """Make the state what the cloud says."""
        return self._change(deployment, sink, "refresh")

    def export_state(self, deployment: Deployment) -> dict[str, Any]:
        """Return the stack's state as `pulumi stack export` does.

        Raises:
            StateError: there is no such stack.
        """
        with self._opened(deployment) as space:
            return _exported(space)

    def import_state(self, deployment: Deployment, document: Mapping[str, Any], *, force: bool = False) -> None:
        """Take an exported state for the stack's.

        Raises:
            StateError: it is not a valid state, or another stack's and not forced.
        """
        with self._opened(deployment) as space:
            if not space.has_state:
                _init(space)
            file = space.folder / "state.json"
            file.write_text(json.dumps(document), encoding="utf-8")
            done = _run(space, ["stack", "import", "--file", str(file), *(["--force"] if force else [])])
            if done.code:
                raise StateError(
                    f"this state can't be imported: {failures.essence(done.said)}", hint="--force takes it all the same"
                )

    def history(self, deployment: Deployment) -> list[Update]:
        """Return what was done to the stack, newest first."""
        with self._opened(deployment) as space:
            return history.updates(json.loads(_ok(space, ["stack", "history", "--json"]) or "[]"))

    def cancel(self, deployment: Deployment) -> str:
        """Stop the deployment that is changing the stack, or break the lock that a dead one left; say which."""
        with self._opened(deployment) as space:
            _ok(space, ["cancel", "--yes"])
        return f"the deployment of {deployment.title} that held the stack's lock was cancelled, and the lock is gone"

    def remove(self, deployment: Deployment) -> None:
        """Forget a stack that has no resources, and its history; its settings file stays.

        Raises:
            StateError: it has resources, or somebody is changing it.
        """
        with self._opened(deployment) as space:
            if space.has_state is not False:
                _ok(space, ["stack", "rm", "--yes", "--preserve-config"])

    def stacks(self, deployment: Deployment) -> list[str]:
        """List the stacks of the backend of a deployment, whatever its own, each as `project/stack`."""
        if (folder := workspace.file_folder(workspace.backend_url(deployment))) is not None and not folder.is_dir():
            return []
        with self._opened(deployment) as space:
            words = ["stack", "ls", "--all", "--json", "--fully-qualify-stack-names", "--non-interactive"]
            done = cli.run(words, folder=space.folder, environment=space.environment)
            if done.code:
                raise failures.translated(deployment, done.said)
            return ["/".join(it["name"].split("/")[-2:]) for it in json.loads(done.stdout)]

    @contextmanager
    def _opened(self, deployment: Deployment, *, writes: bool = True) -> Iterator[Workspace]:
        cli.find()
        with served(deployment.plugins) as environment, workspace.opened(deployment, environment, writes=writes) as it:
            yield it

    def _change(self, deployment: Deployment, sink: EventSink, verb: Verb, *, unprotect: bool = False) -> Result:
        with self._opened(deployment) as space:
            _fold(space)
            if space.has_state is False:
                _init(space)
            if unprotect:
                _ok(space, ["state", "unprotect", "--all", "--yes"])
            result = self._deploy(space, sink, verb, preview=False)
            if verb == "up":
                _keep_secrets(space)
            return result

    def _deploy(self, space: Workspace, sink: EventSink, verb: Verb, *, preview: bool) -> Result:
        deployment, started = space.deployment, time.perf_counter()
        translator = Translator(sink, verb)
        words = arguments.words(
            verb,
            deployment.options,
            preview=preview,
            stack=deployment.stack,
            config_file=str(space.settings),
            event_log=str(space.event_log),
        )
        with hosted(deployment) as host:
            done = _watched(space, words + host, translator)
            if done.code and not translator.result and failures.is_missing_stack(done.said):
                space = scratch.backend(space) if preview else _init(space)
                done = _watched(space, words + host, translator)
        if done.code and not translator.result and not done.cancelled:
            error = failures.translated(deployment, done.said)
            if not translator.has_begun:
                raise error
            translator.give_up(str(error))
        state = {} if preview else _exported(space, show_secrets=True)
        translator.close()
        return Result(
            verb=verb,
            outcome=_outcome(done),
            changes=tuple(translator.changes),
            outputs={} if verb == "destroy" else translator.outputs if preview else _outputs(state),
            seconds=time.perf_counter() - started,
            diagnostics=tuple(translator.diagnostics),
        )


def _outcome(done: cli.Finished) -> Outcome:
    if done.cancelled and done.code:
        return "cancelled"
    return "failed" if done.code else "succeeded"


def _watched(space: Workspace, words: list[str], translator: Translator) -> cli.Finished:
    """Run a command that deploys, passing on its events as they come."""
    space.event_log.unlink(missing_ok=True)
    tail = Tail(space.event_log, translator.take)
    try:
        return cli.run(words, folder=space.program, environment=space.environment, meanwhile=tail.read)
    finally:
        tail.close()


def _run(space: Workspace, words: list[str]) -> cli.Finished:
    """Run a command that needs no program, in the scratch folder."""
    command = [*words, "--non-interactive", "--color", "never", "--stack", space.deployment.stack]
    return cli.run(command, folder=space.folder, environment=space.environment)


def _ok(space: Workspace, words: list[str]) -> str:
    done = _run(space, words)
    if done.code:
        raise failures.translated(space.deployment, done.said)
    return done.stdout


def _init(space: Workspace) -> Workspace:
    """Make the stack; its settings take what its secrets are encrypted with."""
    done = _run(space, ["stack", "init", "--no-select", "--secrets-provider", _secrets_provider(space)])
    if done.code and not failures.is_existing_stack(done.said):
        raise failures.translated(space.deployment, done.said)
    return space


def _secrets_provider(space: Workspace) -> str:
    """Pulumi Cloud has a secrets provider of its own, which is what a stack there gets if nothing else is asked for."""
    wanted = space.deployment.secrets_provider
    cloud = workspace.is_pulumi_cloud(workspace.backend_url(space.deployment))
    return "default" if cloud and wanted == "passphrase" else wanted


def _fold(space: Workspace) -> None:
    """Fold the journal of an embedded deployment that was killed into its checkpoint, the only file the CLI reads."""
    if (folder := space.file_backend) is not None:
        store = StackStore(folder, space.deployment.project, space.deployment.stack)
        if store.path.with_suffix(".journal").exists():
            with store.writing():
                pass


def _keep_secrets(space: Workspace) -> None:
    """Keep in the user's own file what the stack's secrets are encrypted with, unless only this machine can use it."""
    deployment = space.deployment
    if workspace.machine_bound(space) or space.program == space.folder:
        return
    found = stack_file.tops(space.settings.read_text(encoding="utf-8"), _SECRETS_KEYS)
    before = stack_file.read(deployment)
    after = stack_file.set_top(before, found)
    if after != before:
        stack_file.path(deployment).write_text(after, encoding="utf-8")


def _exported(space: Workspace, *, show_secrets: bool = False) -> dict[str, Any]:
    text = _ok(space, ["stack", "export", *(["--show-secrets"] if show_secrets else [])])
    document: dict[str, Any] = json.loads(text)
    return document


def _resources(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    return (state.get("deployment") or {}).get("resources") or []


def _outputs(state: Mapping[str, Any]) -> dict[str, Any]:
    root = next((item for item in _resources(state) if item["type"] == ROOT_TYPE), {})
    return {key: wire.walk(value, _revealed) for key, value in (root.get("outputs") or {}).items()}


def _revealed(part: Any) -> Any:
    if isinstance(part, dict) and part.get(wire.SIGNATURE_KEY) == wire.SECRET_SIGNATURE:
        return wire.Secret(json.loads(part["plaintext"]))
    return part
