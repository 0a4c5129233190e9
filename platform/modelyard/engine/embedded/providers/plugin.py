"""One resource provider, called through Pulumi's own provider protocol."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from modelyard import wire
from modelyard.engine.embedded.providers.packages import INTERNAL
from modelyard.engine.embedded.providers.providercalls import (
    ProviderCallError,
    failure_text,
    marked,
    plain,
    translated,
)
from modelyard.engine.embedded.requests.assets import with_contents, without_contents
from modelyard.engine.embedded.requests.hooks import Hooks, Moment
from modelyard.engine.embedded.state.resource import PROVIDER_PREFIX, Resource
from modelyard.engine.embedded.steps.autonaming import Proposal
from modelyard.engine.plan import Difference
from modelyard.errors import DeploymentError

_ENGINE_OPTIONS = frozenset({"version", "pluginDownloadURL", "pluginChecksums", INTERNAL})


class Plugin:
    """One configured provider.

    Args:
        servicer: a `pulumirpc.ResourceProvider` servicer, or the stub of one in another process.
        provider: the provider resource, whose inputs configure it.
        hooks: run before and after what it does.
    """

    def __init__(self, servicer: Any, provider: Resource, hooks: Hooks) -> None:
        self.servicer = servicer
        self.provider = provider
        self._hooks = hooks
        config = {key: value for key, value in wire.reveal(provider.inputs).items() if key not in _ENGINE_OPTIONS}
        self.known = not wire.has_unknown(config)
        self.accepts_outputs = self.accepts_secrets = False
        if self.known:
            self._configure(config)

    def _configure(self, config: wire.Props) -> None:
        with translated():
            response = self.servicer.Configure(
                provider_pb2.ConfigureRequest(
                    urn=self.provider.urn,
                    name=self.provider.name,
                    type=self.provider.type,
                    id=self.provider.id,
                    args=wire.to_struct(config),
                    variables=_variables(self.provider, config),
                    acceptSecrets=True,
                    acceptResources=False,
                    sends_old_inputs=True,
                    sends_old_inputs_to_delete=True,
                ),
                None,
            )
        self.accepts_outputs = response is not None and response.acceptOutputs
        self.accepts_secrets = response is not None and response.acceptSecrets
        self.previews = response is not None and response.supportsPreview  # if not, a preview may not call it

    def diff_config(self, old: Resource) -> Difference:
        """Compare another provider resource's configuration with this one's; one that can't tell sees no difference."""
        try:
            with translated():
                response = self.servicer.DiffConfig(
                    provider_pb2.DiffRequest(
                        id=old.id,
                        urn=old.urn,
                        olds=external(old.outputs),
                        old_inputs=external(old.inputs),
                        news=external(self.provider.inputs),
                    ),
                    None,
                )
        except ProviderCallError:
            return Difference()
        return Difference(changed=bool(response.diffs), paths=tuple(response.diffs), replaces=tuple(response.replaces))

    def cancel(self) -> None:
        """Ask the provider to end what it is doing; one that can't goes on."""
        with suppress(ProviderCallError), translated():
            self.servicer.Cancel(empty_pb2.Empty(), None)

    def _sent(self, props: Mapping[str, Any]) -> Any:
        """Write properties for the provider: with what is secret marked, if it understands that."""
        return marked(props) if self.accepts_secrets else plain(props)

    def _recalled(self, props: Mapping[str, Any]) -> Any:
        """Write properties that the provider has to compare or find again, but not to make anything of."""
        return self._sent(without_contents(props))

    def check(
        self, resource: Resource, old: Mapping[str, Any] | None, seed: bytes, proposal: Proposal | None = None
    ) -> wire.Props:
        """Validate inputs and fill in defaults and names.

        Args:
            resource: the resource, with the program's inputs.
            old: its inputs in the state, if it is to stay.
            seed: what random parts of names are made of.
            proposal: how to name it, if the stack's configuration says so.

        Raises:
            ProviderCallError: an input is not valid; the message names it.
        """
        if not self.known:
            return resource.inputs
        with translated():
            response = self.servicer.Check(
                provider_pb2.CheckRequest(
                    urn=resource.urn,
                    name=resource.name,
                    type=resource.type,
                    olds=self._sent(old or {}),
                    news=self._sent(resource.inputs),
                    randomSeed=seed,
                    autonaming=_autonaming(proposal),
                ),
                None,
            )
        if response.failures:
            raise ProviderCallError(failure_text(resource, response.failures))
        return wire.from_struct(response.inputs)

    def diff(self, old: Resource, inputs: Mapping[str, Any], ignored: Sequence[str] = ()) -> Difference:
        """Compare a live resource with inputs that were checked, but for the paths to ignore."""
        if not self.known:
            return Difference(changed=wire.reveal(old.inputs) != wire.reveal(dict(inputs)))
        with translated():
            response = self.servicer.Diff(
                provider_pb2.DiffRequest(
                    id=old.id,
                    urn=old.urn,
                    name=old.name,
                    type=old.type,
                    olds=self._recalled(old.outputs),
                    news=self._recalled(inputs),
                    old_inputs=self._recalled(old.inputs),
                    ignoreChanges=ignored,
                ),
                None,
            )
        unknown = response.changes == provider_pb2.DiffResponse.DIFF_UNKNOWN
        differs = unknown and wire.reveal(old.inputs) != wire.reveal(dict(inputs))
        return Difference(
            changed=response.changes == provider_pb2.DiffResponse.DIFF_SOME or bool(response.replaces) or differs,
            paths=tuple(response.detailedDiff) or tuple(response.diffs),
            replaces=tuple(response.replaces),
            delete_first=response.deleteBeforeReplace,
        )

    def create(self, resource: Resource, *, preview: bool) -> tuple[str, wire.Props]:
        """Make a resource, or say what it would be; returns its id and outputs."""
        moment = Moment(verb="create", new=resource)
        with self._hooked(moment):
            made, outputs = self._hooks.attempt(moment, lambda: self._create(resource, preview=preview))
        self._hooks.after(_done(moment, made, outputs))
        return made, outputs

    def _create(self, resource: Resource, *, preview: bool) -> tuple[str, wire.Props]:
        if not self.known or (preview and not self.previews):
            return "", resource.inputs
        request = provider_pb2.CreateRequest(
            urn=resource.urn,
            name=resource.name,
            type=resource.type,
            properties=self._sent(resource.inputs),
            preview=preview,
            timeout=_timeout(resource, "create"),
        )
        with translated():
            response = self.servicer.Create(request, None)
        if not response.id and not preview:
            raise ProviderCallError("its provider gave it no id")
        return response.id, wire.from_struct(response.properties)

    def update(self, old: Resource, new: Resource, *, preview: bool) -> wire.Props:
        """Change a resource in place, or say what it would be; returns its outputs."""
        moment = Moment(verb="update", old=old, new=replace(new, id=old.id))
        with self._hooked(moment):
            outputs = self._hooks.attempt(moment, lambda: self._update(old, new, preview=preview))
        self._hooks.after(_done(moment, old.id, outputs))
        return dict(outputs)

    def _update(self, old: Resource, new: Resource, *, preview: bool) -> wire.Props:
        if not self.known or (preview and not self.previews):
            return new.inputs
        request = provider_pb2.UpdateRequest(
            id=old.id,
            urn=new.urn,
            name=new.name,
            type=new.type,
            olds=self._recalled(old.outputs),
            news=self._sent(new.inputs),
            old_inputs=self._recalled(old.inputs),
            preview=preview,
            timeout=_timeout(new, "update"),
            ignoreChanges=new.ignore_changes,
        )
        with translated():
            return wire.from_struct(self.servicer.Update(request, None).properties)

    def delete(self, resource: Resource) -> None:
        """Delete a resource; one that is gone already is a success."""
        request = provider_pb2.DeleteRequest(
            id=resource.id,
            urn=resource.urn,
            name=resource.name,
            type=resource.type,
            properties=self._recalled(resource.outputs),
            old_inputs=self._recalled(resource.inputs),
            timeout=_timeout(resource, "delete"),
        )

        def work() -> None:
            with translated():
                self.servicer.Delete(request, None)

        with _as_call():
            self._hooks.attempt(Moment(verb="delete", old=resource), work)

    @contextmanager
    def _hooked(self, moment: Moment) -> Iterator[None]:
        with _as_call():
            self._hooks.before(moment)
            yield

    def read(self, resource: Resource) -> tuple[str, wire.Props, wire.Props]:
        """Read a live resource; returns its id (empty when it is gone), outputs and inputs."""
        request = provider_pb2.ReadRequest(
            id=resource.id,
            urn=resource.urn,
            name=resource.name,
            type=resource.type,
            properties=self._recalled(resource.outputs),
            inputs=self._recalled(resource.inputs),
        )
        with translated():
            response = self.servicer.Read(request, None)
        outputs, inputs = wire.from_struct(response.properties), wire.from_struct(response.inputs)
        return response.id, with_contents(resource.inputs, outputs), with_contents(resource.inputs, inputs)

    def list(self, resource: Resource) -> list[str]:
        """List the ids of the live resources of a type that could be a resource, as far as its provider can tell."""
        with translated():
            asked = provider_pb2.ListRequest(token=resource.type, query=plain(resource.inputs))
            found = self.servicer.List(asked, None)
            return [item.result.id for item in found if item.WhichOneof("response") == "result"]

    def invoke(self, token: str, args: Mapping[str, Any], *, preview: bool) -> provider_pb2.InvokeResponse:
        """Call one of the provider's functions; one that isn't configured yet gives nothing."""
        if not self.known:
            return provider_pb2.InvokeResponse()
        with translated():
            response: provider_pb2.InvokeResponse = self.servicer.Invoke(
                provider_pb2.InvokeRequest(tok=token, args=self._sent(args), preview=preview), None
            )
            return response


def external(props: Mapping[str, Any]) -> Any:
    """Write a provider resource's properties without the engine's notes."""
    return plain({key: value for key, value in props.items() if key != INTERNAL})


def _variables(provider: Resource, config: wire.Props) -> dict[str, str]:
    """Return a configuration as providers took it before there were arguments."""
    prefix = f"{provider.type.removeprefix(PROVIDER_PREFIX)}:config:"
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
    return {f"{prefix}{key}": text for key, text in texts.items()}


def _done(moment: Moment, made: str, outputs: wire.Props) -> Moment:
    assert moment.new is not None  # noqa: S101 - a creation and an update have it
    marked = dict(wire.keep_secrets(moment.new.inputs, outputs))
    return replace(moment, new=replace(moment.new, id=made, outputs=marked), done=True)


@contextmanager
def _as_call() -> Iterator[None]:
    """Let a failed hook fail a step just as a failed provider call does."""
    try:
        yield
    except ProviderCallError:
        raise
    except DeploymentError as error:
        raise ProviderCallError(str(error), hint=error.hint) from error


def _autonaming(proposal: Proposal | None) -> Any:
    if proposal is None:
        return None
    options = provider_pb2.CheckRequest.AutonamingOptions
    return options(proposed_name=proposal.name, mode=options.Mode.Value(proposal.mode.upper()))


def _timeout(resource: Resource, operation: str) -> float:
    return float(resource.custom_timeouts.get(operation, 0) or 0)
