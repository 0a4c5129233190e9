"""The provider that Pulumi itself is: stack references, stashes, and looking up resources of this deployment."""

import uuid
from collections.abc import Callable
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from modelyard import wire
from modelyard.engine.base import Severity
from modelyard.engine.embedded.requests.references import stack_outputs, stack_resources
from modelyard.engine.embedded.run import Run
from modelyard.engine.embedded.state.resource import STACK_REFERENCE_TYPE
from modelyard.errors import DeploymentError

STASH_TYPE = "pulumi:index:Stash"
_INPUT = {STACK_REFERENCE_TYPE: "name", STASH_TYPE: "input"}


class BuiltinProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers for the package `pulumi`; source: `pkg/resource/deploy/builtins.go` of Pulumi.

    Args:
        run: the deployment.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Need nothing."""
        return provider_pb2.ConfigureResponse(acceptSecrets=True, acceptResources=True, supportsPreview=True)

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Take the configuration as it is."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """See no difference."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Check that the one input is there and is the only one."""
        wanted, given = _input(request.type), set(request.news.fields)
        failures = [
            provider_pb2.CheckFailure(property=key, reason=f"unknown property {key!r}")
            for key in sorted(given - {wanted})
        ]
        if wanted not in given:
            failures.append(provider_pb2.CheckFailure(property=wanted, reason=f"missing required property {wanted!r}"))
        if request.type == STACK_REFERENCE_TYPE:
            self._run.say(
                Severity.WARNING,
                "creating a stack reference is deprecated: read it with pulumi.StackReference",
                request.urn,
            )
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Compare the one input; another stack's reference is another resource."""
        key = _input(request.type)
        if request.news.fields[key] == request.old_inputs.fields[key]:
            return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)
        replaces = [key] if request.type == STACK_REFERENCE_TYPE else []
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_SOME, diffs=[key], replaces=replaces)

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Read the stack, or keep the value."""
        made = "" if request.preview else str(uuid.uuid4())
        if request.type == STACK_REFERENCE_TYPE:
            outputs = stack_outputs(self._run, _text(request.properties, "name"))
            return provider_pb2.CreateResponse(id=made, properties=wire.to_struct(outputs))
        kept = request.properties.fields["input"]
        response = provider_pb2.CreateResponse(id=made)
        response.properties.fields["input"].CopyFrom(kept)
        response.properties.fields["output"].CopyFrom(kept)
        return response

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Note a stash's new input; the value it was made with stays."""
        response = provider_pb2.UpdateResponse()
        response.properties.fields["input"].CopyFrom(request.news.fields["input"])
        response.properties.fields["output"].CopyFrom(request.olds.fields["output"])
        return response

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Forget it."""
        return empty_pb2.Empty()

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Read the stack anew; a stash is what it was."""
        if not request.inputs.fields:
            kind = "stack reference" if request.type == STACK_REFERENCE_TYPE else "stash"
            raise DeploymentError(f"a {kind} can't be imported", hint="take its import_ out of the program")
        properties = request.properties
        if request.type == STACK_REFERENCE_TYPE:
            properties = wire.to_struct(stack_outputs(self._run, _text(request.inputs, "name") or request.id))
        return provider_pb2.ReadResponse(id=request.id, inputs=request.inputs, properties=properties)

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Answer one of the three functions."""
        functions: dict[str, Callable[[Any], wire.Props]] = {
            "pulumi:pulumi:readStackOutputs": lambda args: stack_outputs(self._run, _text(args, "name")),
            "pulumi:pulumi:readStackResourceOutputs": lambda args: stack_resources(self._run, _text(args, "stackName")),
            "pulumi:pulumi:getResource": lambda args: self._resource(_text(args, "urn")),
        }
        if request.tok not in functions:
            raise DeploymentError(f"there is no function {request.tok!r}")
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(wire.to_struct(functions[request.tok](request.args)))
        return response

    def _resource(self, urn: str) -> wire.Props:
        found = self._run.snapshot.current(urn) if urn in self._run.seen else None
        if found is None:
            raise DeploymentError(f"unknown resource {urn}")
        return {"urn": urn, "id": found.id, "provider": found.provider, "state": found.outputs}


def _input(type_: str) -> str:
    if type_ not in _INPUT:
        raise DeploymentError(f"there is no resource type {type_!r}")
    return _INPUT[type_]


def _text(props: Any, key: str) -> str:
    return str(props.fields[key].string_value) if key in props.fields else ""
