"""Resource hooks: functions of the program that run before and after a resource is created, updated or deleted.

A failing hook before a step fails the step; one after it fails the deployment, though the step stays done. Error hooks
may ask for another attempt. Source: `Deployment.RunHooks`, `RunErrorHooks` and `withRetries` in Pulumi's
`pkg/resource/deploy`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from pulumi.runtime.proto import callback_pb2, resource_pb2

from modelyard import wire
from modelyard.engine.base import Severity
from modelyard.engine.embedded.program.callbacks import Callbacks, RequestError
from modelyard.engine.embedded.state.resource import Resource
from modelyard.errors import DeploymentError

Verb = Literal["create", "update", "delete"]
Speaker = Callable[[Severity, str, str], None]

BINDINGS = {
    "before_create": "BeforeCreate",
    "after_create": "AfterCreate",
    "before_update": "BeforeUpdate",
    "after_update": "AfterUpdate",
    "before_delete": "BeforeDelete",
    "after_delete": "AfterDelete",
    "on_error": "OnError",
}
"""The state's word for each kind of hook, by the protocol's."""
_MAX_ATTEMPTS = 100


def _unheard(severity: Severity, message: str, urn: str) -> None:
    """Take what nobody listens to."""


@dataclass(frozen=True)
class Hook:
    """A function of the program that a resource's steps call by its name."""

    callback: callback_pb2.Callback
    on_preview: bool = False
    ignore_errors: bool = False


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A step of one resource.

    Args:
        verb: what is done.
        old: the resource before, if it was there.
        new: the resource as it is to be or, after the step, as it is; none for a deletion.
        done: whether the step has been carried out.
    """

    verb: Verb
    old: Resource | None = None
    new: Resource | None = None
    done: bool = False

    @property
    def resource(self) -> Resource:
        """Return the resource that the step is about."""
        found = self.new or self.old
        assert found is not None  # noqa: S101 - a step is about a resource
        return found

    def hooks(self, when: str) -> list[str]:
        """Return the names of the hooks that the resource has for `Before`, `After` or `OnError`."""
        kind = when if when == "OnError" else f"{when}{self.verb.capitalize()}"
        return list(self.resource.resource_hooks.get(kind) or ())


@dataclass
class Hooks:
    """The hooks of one deployment's program; without a program there are none.

    Args:
        callbacks: reaches the program.
        preview: whether only hooks that ask for it run.
        say: takes what goes wrong without failing a step.
    """

    callbacks: Callbacks = field(default_factory=Callbacks)
    preview: bool = False
    say: Speaker = _unheard
    known: dict[str, Hook] = field(default_factory=dict)
    error_hooks: dict[str, Hook] = field(default_factory=dict)

    def register(self, request: resource_pb2.RegisterResourceHookRequest) -> None:
        """Take in a hook.

        Raises:
            RequestError: its name is empty or taken.
        """
        self._check(request.name)
        self.known[request.name] = Hook(request.callback, request.on_dry_run, request.ignore_errors)

    def register_for_errors(self, request: resource_pb2.RegisterErrorHookRequest) -> None:
        """Take in a hook that is asked when a step failed.

        Raises:
            RequestError: its name is empty or taken.
        """
        self._check(request.name)
        self.error_hooks[request.name] = Hook(request.callback)

    def before(self, moment: Moment) -> None:
        """Run the hooks before a step.

        Raises:
            DeploymentError: one failed or isn't there; the step must not be taken.
        """
        self._run(moment, "Before")

    def after(self, moment: Moment) -> None:
        """Run the hooks after a step; one that fails is told as an error."""
        try:
            self._run(moment, "After")
        except DeploymentError as error:
            self.say(Severity.ERROR, str(error), moment.resource.urn)

    def attempt(self, moment: Moment, work: Callable[[], Any]) -> Any:
        """Do a provider call, again as long as the resource's error hooks ask for it.

        Raises:
            DeploymentError: it failed for good, or a hook did.
        """
        failures: list[str] = []
        while True:
            try:
                return work()
            except DeploymentError as error:
                failures.insert(0, str(error))
                if not self._wants_another(moment, failures):
                    raise

    def _wants_another(self, moment: Moment, failures: list[str]) -> bool:
        if not moment.hooks("OnError"):
            return False
        urn = moment.resource.urn
        if len(failures) >= _MAX_ATTEMPTS:
            self.say(Severity.WARNING, f"maximum number of error hook retries ({_MAX_ATTEMPTS}) reached", urn)
            return False
        answers = [self._ask(name, moment, failures) for name in moment.hooks("OnError")]
        if any(answers):
            attempt = f"{len(failures)}/{_MAX_ATTEMPTS}"
            self.say(Severity.WARNING, f"retrying {moment.verb} due to on-error hook request ({attempt})", urn)
        return any(answers)

    def _ask(self, name: str, moment: Moment, failures: list[str]) -> bool:
        if name not in self.error_hooks:
            raise _missing(f'error hook "{name}"')
        request = resource_pb2.ErrorHookRequest(failed_operation=moment.verb, errors=failures, **_subject(moment))
        try:
            response = self.callbacks.call(self.error_hooks[name].callback, request, resource_pb2.ErrorHookResponse)
        except RequestError as error:
            raise DeploymentError(f'error hook "{name}" failed: {error}') from error
        if response.error:
            raise DeploymentError(f'error hook "{name}" failed: {response.error}')
        return bool(response.retry)

    def _run(self, moment: Moment, when: str) -> None:
        for name in moment.hooks(when):
            if name not in self.known:
                raise _missing(f'hook "{name}"')
            if self.preview and not self.known[name].on_preview:
                continue
            if problem := self._call(self.known[name], moment):
                if not self.known[name].ignore_errors:
                    raise DeploymentError(f'{when.lower()} hook "{name}" failed: {problem}')
                kind = f"{when}{moment.verb.capitalize()}"
                self.say(Severity.WARNING, f'{kind} hook "{name}" failed: {problem}', moment.resource.urn)

    def _call(self, hook: Hook, moment: Moment) -> str:
        """Call a hook; returns what went wrong, if anything."""
        request = resource_pb2.ResourceHookRequest(**_subject(moment))
        if moment.done and moment.new:
            request.new_outputs.CopyFrom(wire.to_struct(moment.new.outputs))
        try:
            return str(self.callbacks.call(hook.callback, request, resource_pb2.ResourceHookResponse).error)
        except RequestError as error:
            return str(error)

    def _check(self, name: str) -> None:
        if not name:
            raise RequestError("resource hook name cannot be empty")
        if name in self.known or name in self.error_hooks:
            raise RequestError(f"resource hook already registered for name {name!r}")


def bindings(request: resource_pb2.RegisterResourceRequest) -> dict[str, Any]:
    """Read which hooks a resource has, as the state keeps them."""
    found = {word: list(getattr(request.hooks, name)) for name, word in BINDINGS.items()}
    return {word: names for word, names in found.items() if names}


def _subject(moment: Moment) -> dict[str, Any]:
    """Make the fields that every hook's request has."""
    resource = moment.resource
    fields: dict[str, Any] = {"urn": resource.urn, "id": resource.id, "name": resource.name, "type": resource.type}
    if moment.new is not None:
        fields["new_inputs"] = wire.to_struct(moment.new.inputs)
    if moment.old is not None:
        fields["old_inputs"] = wire.to_struct(moment.old.inputs)
        fields["old_outputs"] = wire.to_struct(moment.old.outputs)
    return fields


def _missing(what: str) -> DeploymentError:
    return DeploymentError(
        f"{what} was not registered: the program isn't running, or no longer has it",
        hint="take the hook out of the program and run up, then try again",
    )


def delete_hooks(resources: Iterable[Resource]) -> dict[str, list[str]]:
    """Return the hooks that have to run when resources are deleted, by URN; they need the program."""
    found: dict[str, list[str]] = {}
    for resource in resources:
        for kind in ("BeforeDelete", "AfterDelete"):
            found.setdefault(resource.urn, []).extend(resource.resource_hooks.get(kind) or ())
    return {urn: names for urn, names in found.items() if names}
