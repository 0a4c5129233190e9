"""Resource providers, called in this process through Pulumi's own provider protocol."""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import provider_pb2, resource_pb2

from modelyard import wire
from modelyard.engine.base import PluginFactory
from modelyard.engine.embedded.autonaming import Proposal
from modelyard.engine.embedded.state import PROVIDER_PREFIX, Resource, urn_type
from modelyard.engine.plan import Difference
from modelyard.errors import DeploymentError

_ENGINE_OPTIONS = frozenset({"version", "pluginDownloadURL", "pluginChecksums", "__internal"})


class ProviderCallError(DeploymentError):
    """A provider refused or failed a call.

    Args:
        message: why.
        id: what was made all the same, if anything.
        properties: what is known of it.
        reasons: what kept it from being whole.
    """

    def __init__(
        self,
        message: str,
        id: str = "",  # noqa: A002 - what the protocol calls it
        properties: wire.Props | None = None,
        reasons: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.id = id
        self.properties = properties or {}
        self.reasons = tuple(reasons) or (message,)


class Plugin:
    """One configured provider.

    Args:
        servicer: a `pulumirpc.ResourceProvider` servicer.
        inputs: the provider resource's own inputs.
    """

    def __init__(self, servicer: Any, inputs: Mapping[str, Any]) -> None:
        self._servicer = servicer
        self._inputs = dict(inputs)
        config = {key: value for key, value in wire.reveal(dict(inputs)).items() if key not in _ENGINE_OPTIONS}
        self.known = not wire.has_unknown(config)
        with _translated():
            servicer.Configure(
                provider_pb2.ConfigureRequest(
                    args=wire.to_struct(config),
                    acceptSecrets=True,
                    acceptResources=False,
                    sends_old_inputs=True,
                    sends_old_inputs_to_delete=True,
                ),
                None,
            )

    def diff_config(self, old: Resource) -> Difference:
        """Compare another provider resource's configuration with this one's; one that can't tell sees no difference."""
        try:
            with _translated():
                response = self._servicer.DiffConfig(
                    provider_pb2.DiffRequest(
                        id=old.id,
                        urn=old.urn,
                        olds=_plain(old.outputs),
                        old_inputs=_plain(old.inputs),
                        news=_plain(self._inputs),
                    ),
                    None,
                )
        except ProviderCallError:
            return Difference()
        return Difference(changed=bool(response.diffs), paths=tuple(response.diffs), replaces=tuple(response.replaces))

    def cancel(self) -> None:
        """Ask the provider to end what it is doing; one that can't goes on."""
        with suppress(ProviderCallError), _translated():
            self._servicer.Cancel(empty_pb2.Empty(), None)

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
        with _translated():
            response = self._servicer.Check(
                provider_pb2.CheckRequest(
                    urn=resource.urn,
                    name=resource.name,
                    type=resource.type,
                    olds=_plain(old or {}),
                    news=_plain(resource.inputs),
                    randomSeed=seed,
                    autonaming=_autonaming(proposal),
                ),
                None,
            )
        if response.failures:
            raise ProviderCallError("; ".join(_failure(item) for item in response.failures))
        return wire.from_struct(response.inputs)

    def diff(self, old: Resource, inputs: Mapping[str, Any]) -> Difference:
        """Compare a live resource with inputs that were checked."""
        with _translated():
            response = self._servicer.Diff(
                provider_pb2.DiffRequest(
                    id=old.id,
                    urn=old.urn,
                    name=old.name,
                    type=old.type,
                    olds=_plain(old.outputs),
                    news=_plain(inputs),
                    old_inputs=_plain(old.inputs),
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
        request = provider_pb2.CreateRequest(
            urn=resource.urn,
            name=resource.name,
            type=resource.type,
            properties=_plain(resource.inputs),
            preview=preview,
            timeout=_timeout(resource, "create"),
        )
        with _translated():
            response = self._servicer.Create(request, None)
        return response.id, wire.from_struct(response.properties)

    def update(self, old: Resource, new: Resource, *, preview: bool) -> wire.Props:
        """Change a resource in place, or say what it would be; returns its outputs."""
        request = provider_pb2.UpdateRequest(
            id=old.id,
            urn=new.urn,
            name=new.name,
            type=new.type,
            olds=_plain(old.outputs),
            news=_plain(new.inputs),
            old_inputs=_plain(old.inputs),
            preview=preview,
            timeout=_timeout(new, "update"),
        )
        with _translated():
            return wire.from_struct(self._servicer.Update(request, None).properties)

    def delete(self, resource: Resource) -> None:
        """Delete a resource; one that is gone already is a success."""
        request = provider_pb2.DeleteRequest(
            id=resource.id,
            urn=resource.urn,
            name=resource.name,
            type=resource.type,
            properties=_plain(resource.outputs),
            old_inputs=_plain(resource.inputs),
            timeout=_timeout(resource, "delete"),
        )
        with _translated():
            self._servicer.Delete(request, None)

    def read(self, resource: Resource) -> tuple[str, wire.Props, wire.Props]:
        """Read a live resource; returns its id (empty when it is gone), outputs and inputs."""
        request = provider_pb2.ReadRequest(
            id=resource.id,
            urn=resource.urn,
            name=resource.name,
            type=resource.type,
            properties=_plain(resource.outputs),
            inputs=_plain(resource.inputs),
        )
        with _translated():
            response = self._servicer.Read(request, None)
        return response.id, wire.from_struct(response.properties), wire.from_struct(response.inputs)

    def list(self, type_: str) -> list[str]:
        """List the ids of all live resources of a type."""
        with _translated():
            found = self._servicer.List(provider_pb2.ListRequest(token=type_), None)
            return [item.result.id for item in found if item.WhichOneof("response") == "result"]

    def invoke(self, token: str, args: Mapping[str, Any], *, preview: bool) -> provider_pb2.InvokeResponse:
        """Call one of the provider's functions."""
        with _translated():
            response: provider_pb2.InvokeResponse = self._servicer.Invoke(
                provider_pb2.InvokeRequest(tok=token, args=_plain(args), preview=preview), None
            )
            return response


class Plugins:
    """The providers of one deployment, configured when they are first needed.

    Args:
        factories: makes of providers by package name.
    """

    def __init__(self, factories: Mapping[str, PluginFactory]) -> None:
        self._factories = factories
        self._running: dict[str, Plugin] = {}
        self._lock = threading.Lock()

    def configure(self, provider: Resource) -> Plugin:
        """Start a provider for a provider resource, in place of the one it had."""
        package = provider.type.removeprefix(PROVIDER_PREFIX)
        with self._lock:
            reference = f"{provider.urn}::{provider.id}"
            self._running[reference] = Plugin(self._make(package), provider.inputs)
            return self._running[reference]

    def of(self, reference: str) -> Plugin:
        """Return the provider that a reference, `urn::id`, names.

        Raises:
            DeploymentError: no such provider was configured.
        """
        try:
            return self._running[reference]
        except KeyError:
            raise DeploymentError(f"the provider {reference!r} is not configured") from None

    def require(self, package: str) -> None:
        """Check that there is a provider for a package.

        Raises:
            DeploymentError: there is none.
        """
        self._make_checked(package)

    def restore(self, provider: Resource) -> None:
        """Start a provider from state, unless the program has configured it already."""
        if (
            f"{provider.urn}::{provider.id}" not in self._running
            and urn_type(provider.urn) != f"{PROVIDER_PREFIX}pulumi"
        ):
            self.configure(provider)

    def cancel(self) -> None:
        """Ask every provider to end what it is doing."""
        for plugin in list(self._running.values()):
            plugin.cancel()

    def _make(self, package: str) -> Any:
        return self._make_checked(package)()

    def _make_checked(self, package: str) -> PluginFactory:
        if package not in self._factories:
            known = ", ".join(sorted(self._factories)) or "none"
            raise DeploymentError(
                f"there is no provider for package {package!r} here (there is: {known})",
                hint="the embedded engine has the providers of the local cloud; run this program with 'pulumi up'",
            )
        return self._factories[package]


def _plain(props: Mapping[str, Any]) -> struct_pb2.Struct:
    return wire.to_struct(wire.reveal(dict(props)))


def _autonaming(proposal: Proposal | None) -> Any:
    if proposal is None:
        return None
    options = provider_pb2.CheckRequest.AutonamingOptions
    return options(proposed_name=proposal.name, mode=options.Mode.Value(proposal.mode.upper()))


def _failure(failure: Any) -> str:
    return f"{failure.property}: {failure.reason}" if failure.property else str(failure.reason)


def _timeout(resource: Resource, operation: str) -> float:
    return float(resource.custom_timeouts.get(operation, 0) or 0)


def timeouts(message: resource_pb2.RegisterResourceRequest.CustomTimeouts) -> dict[str, float]:
    """Read custom timeouts such as `1h30m` into seconds."""
    found = {}
    for operation in ("create", "update", "delete", "read"):
        if text := getattr(message, operation):
            found[operation] = _seconds(text)
    return found


def _seconds(text: str) -> float:
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)(h|ms|us|ns|m|s)", text))


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what a provider raises into one kind of failure."""
    try:
        yield
    except ProviderCallError:
        raise
    except grpc.RpcError as error:
        raise ProviderCallError(str(error.details() if hasattr(error, "details") else error)) from error
    except Exception as error:
        partial_id = getattr(error, "id", "")
        raise ProviderCallError(
            str(error) or type(error).__name__,
            partial_id,
            getattr(error, "properties", {}),
            getattr(error, "reasons", ()),
        ) from error
