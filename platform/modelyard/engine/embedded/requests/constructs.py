"""Components that a provider makes in its own process, and calls of their methods.

The provider registers what it makes at this engine's monitor itself. Source: `provider.Construct` and `provider.Call`
in `provider_plugin.go` of Pulumi.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.proto import alias_pb2, provider_pb2, resource_pb2

from modelyard import wire
from modelyard.engine.embedded.program.callbacks import RequestError
from modelyard.engine.embedded.providers.providercalls import ProviderCallError, translated
from modelyard.engine.embedded.requests import outputvalues
from modelyard.engine.embedded.requests.transforms import Transforms
from modelyard.engine.embedded.run import Run
from modelyard.engine.embedded.state.resource import PROVIDER_PREFIX

_SAME = (  # what a registration and a construction call by the same name
    "type",
    "name",
    "parent",
    "providers",
    "dependencies",
    "additionalSecretOutputs",
    "deletedWith",
    "ignoreChanges",
    "replaceOnChanges",
    "replace_with",
)


class Constructs:
    """Hands components to the providers that make them.

    Args:
        run: the deployment.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def construct(
        self, request: resource_pb2.RegisterResourceRequest, monitor: str
    ) -> resource_pb2.RegisterResourceResponse:
        """Have a component made.

        Args:
            request: the program's registration, with its provider.
            monitor: the address at which the provider registers what it makes.

        Raises:
            ProviderCallError: the provider failed.
        """
        plugin = self._run.plugins.of(request.provider)
        message = provider_pb2.ConstructRequest(
            **self._about(monitor),
            organization="organization",
            configSecretKeys=sorted(self._run.secret_keys),
            inputs=_inputs(request.object, keep_outputs=plugin.accepts_outputs),
            inputDependencies={
                key: provider_pb2.ConstructRequest.PropertyDependencies(urns=value.urns)
                for key, value in request.propertyDependencies.items()
            },
            **{name: getattr(request, name) for name in _SAME},
            **_optional(request),
        )
        message.aliases.extend(alias_pb2.Alias(urn=urn) for urn in request.aliasURNs)
        message.aliases.extend(request.aliases)
        try:
            with translated():
                response = plugin.servicer.Construct(message, None)
        except ProviderCallError as error:
            problem = f"{request.type} resource {request.name!r} has a problem: {error}"
            raise ProviderCallError(problem, unimplemented=error.unimplemented) from error
        found = _dependencies(response.state, response.stateDependencies)
        kind = resource_pb2.RegisterResourceResponse.PropertyDependencies
        return resource_pb2.RegisterResourceResponse(
            urn=response.urn,
            object=wire.to_struct(wire.from_struct(response.state)),
            propertyDependencies={key: kind(urns=urns) for key, urns in found.items()},
        )

    def provider_of_call(self, request: resource_pb2.ResourceCallRequest, transforms: Transforms) -> str:
        """Return the provider that answers a method call: the one it names or the component's own; empty for neither.

        Raises:
            RequestError: the call is of a resource that this deployment doesn't know.
        """
        own = request.args.fields["__self__"].struct_value.fields if "__self__" in request.args.fields else None
        if request.tok.startswith(PROVIDER_PREFIX):
            if own is None or "urn" not in own or "id" not in own:
                raise RequestError(f"{request.tok} needs the provider that it is called on (__self__)")
            return f"{own['urn'].string_value}::{own['id'].string_value}"
        if request.provider or own is None:
            return str(request.provider)
        urn = own["urn"].string_value if "urn" in own else ""
        registered = transforms.request(urn)
        if registered is None:
            raise RequestError(f"unknown resource {urn or '(__self__ has no urn)'}")
        return str(registered.provider)

    def call(self, request: resource_pb2.ResourceCallRequest, provider: str, monitor: str) -> provider_pb2.CallResponse:
        """Call a method of a component.

        Raises:
            ProviderCallError: it failed.
        """
        plugin = self._run.plugins.of(provider)
        found = _dependencies(request.args, request.argDependencies)
        message = provider_pb2.CallRequest(
            **self._about(monitor),
            tok=request.tok,
            args=_inputs(request.args, keep_outputs=plugin.accepts_outputs),
            argDependencies={
                key: provider_pb2.CallRequest.ArgumentDependencies(urns=urns) for key, urns in found.items()
            },
        )
        with translated():
            response = plugin.servicer.Call(message, None)
        returned = getattr(response, "return")
        kind = provider_pb2.CallResponse.ReturnDependencies
        found = _dependencies(returned, response.returnDependencies)
        return provider_pb2.CallResponse(
            failures=response.failures,
            returnDependencies={key: kind(urns=urns) for key, urns in found.items()},
            **{"return": wire.to_struct(wire.from_struct(returned))},
        )

    def _about(self, monitor: str) -> dict[str, Any]:
        deployment = self._run.deployment
        return {
            "project": deployment.project,
            "stack": deployment.stack,
            "config": dict(deployment.config),
            "dryRun": self._run.preview,
            "parallel": deployment.options.parallel,
            "monitorEndpoint": monitor,
            "accepts_output_values": True,
        }


def _optional(request: resource_pb2.RegisterResourceRequest) -> dict[str, Any]:
    """Return the options that a construction has only if the registration says so."""
    found: dict[str, Any] = {}
    for name in ("protect", "retainOnDelete", "replacement_trigger"):
        if request.HasField(name):
            found[name] = getattr(request, name)
    if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace:
        found["deleteBeforeReplace"] = request.deleteBeforeReplace
    if request.HasField("customTimeouts"):
        times = {name: getattr(request.customTimeouts, name) for name in ("create", "update", "delete")}
        found["customTimeouts"] = provider_pb2.ConstructRequest.CustomTimeouts(**times)
    if request.HasField("hooks"):
        binding = provider_pb2.ConstructRequest.ResourceHooksBinding()
        binding.ParseFromString(request.hooks.SerializeToString())
        found["resource_hooks"] = binding
    return found


def _inputs(props: struct_pb2.Struct, *, keep_outputs: bool) -> struct_pb2.Struct:
    return props if keep_outputs else wire.to_struct(wire.from_struct(props))


def _dependencies(props: struct_pb2.Struct, told: Mapping[str, Any]) -> dict[str, list[str]]:
    """Collect the resources that each property came from: those that were told, and those of output values in it."""
    found: dict[str, Iterable[str]] = {key: set(value.urns) for key, value in told.items()}
    for key, value in props.fields.items():
        found[key] = set(found.get(key, ())) | outputvalues.urns(value)
    return {key: sorted(urns) for key, urns in found.items()}
