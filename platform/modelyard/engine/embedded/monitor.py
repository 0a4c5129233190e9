"""The two services a Pulumi program talks to, `pulumirpc.ResourceMonitor` and `pulumirpc.Engine`, as one object."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, resource_pb2, resource_pb2_grpc

from modelyard import wire
from modelyard.engine.base import Severity
from modelyard.engine.embedded import registration, requests
from modelyard.engine.embedded.goals import Goal
from modelyard.engine.embedded.plugins import ProviderCallError
from modelyard.engine.embedded.references import read_stack_reference
from modelyard.engine.embedded.run import Run, describe, now
from modelyard.engine.embedded.state import PROVIDER_PREFIX, STACK_REFERENCE_TYPE, Resource, make_urn
from modelyard.engine.plan import Op
from modelyard.errors import DeploymentError

_SEVERITIES = {
    engine_pb2.DEBUG: Severity.DEBUG,
    engine_pb2.INFO: Severity.INFO,
    engine_pb2.WARNING: Severity.WARNING,
    engine_pb2.ERROR: Severity.ERROR,
}
_FEATURES = {
    "secrets": resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    "resourceReferences": resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    "outputValues": resource_pb2.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    "deletedWith": resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    "replaceWith": resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    "aliasSpecs": resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
}


class Monitor(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """Answers a program; what it asks for is carried out at once.

    Args:
        run: the deployment.
        on_finished: called once, when the program has registered everything; it may take its time.
    """

    def __init__(self, run: Run, on_finished: Callable[[], None]) -> None:
        self._run = run
        self._on_finished = on_finished
        self._defaults_lock = threading.Lock()
        self._defaults: dict[str, str] = {}
        self.finished = False

    def GetDeploymentInfo(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Describe the deployment."""
        deployment = self._run.deployment
        return resource_pb2.DeploymentInfo(
            project=deployment.project,
            stack=deployment.stack,
            organization="organization",
            dryRun=self._run.preview,
            parallel=deployment.options.parallel,
            supportedFeatures=list(_FEATURES.values()),
        )

    def SupportsFeature(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Tell whether the engine has a feature."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _FEATURES)

    def RegisterResource(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Bring a resource to what the program wants."""
        done = self._guarded(context, lambda: self._register(request))
        made = done.resource
        return resource_pb2.RegisterResourceResponse(
            urn=made.urn,
            id=made.id,
            object=wire.to_struct(made.outputs if made.custom else {}),
            result=resource_pb2.Result.ValueType(done.outcome),
            unknown=done.unknown,
        )

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Keep what a component, or the stack itself, gives out."""
        resource = self._run.snapshot.current(request.urn)
        if resource is not None:
            outputs = wire.from_struct(request.outputs)
            if not self._run.preview:  # what a failure keeps from being known stays as it was
                kept = resource.outputs if self._run.failed else {}
                outputs = {**kept, **{key: value for key, value in outputs.items() if not wire.has_unknown(value)}}
            changed = resource.outputs != outputs
            updated = replace(resource, outputs=outputs, modified=now() if changed else resource.modified)
            self._run.record(self._run.snapshot.end(None, put=updated), durable=changed)
        return empty_pb2.Empty()

    def ReadResource(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Read a resource that somebody else manages."""
        made = self._guarded(context, lambda: self._read(request))
        return resource_pb2.ReadResourceResponse(
            urn=made.urn, id=made.id, properties=wire.to_struct(made.outputs), result=resource_pb2.SUCCESS
        )

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Call a provider's function."""
        response = self._guarded(context, lambda: self._invoke(request))
        return resource_pb2.ResourceInvokeResponse(
            **{"return": getattr(response, "return"), "failures": response.failures}
        )

    def SignalAndWaitForShutdown(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Delete what is left over, while the program still answers callbacks."""
        self.finish()
        return empty_pb2.Empty()

    def Log(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Pass on what the program says; this never raises, or the program would hang."""
        severity = _SEVERITIES.get(request.severity, Severity.INFO)
        if severity is Severity.ERROR and self._run.stopping.is_set():
            severity = Severity.DEBUG  # only a consequence of what stopped the deployment, which has been told
        self._run.say(severity, request.message.rstrip(), request.urn)
        return empty_pb2.Empty()

    def GetRootResource(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Return the stack's own URN."""
        return engine_pb2.GetRootResourceResponse(urn=self._run.root)

    def SetRootResource(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Take the stack's own URN."""
        self._run.root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def RequirePulumiVersion(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Accept any range: this engine follows the SDK it is installed with."""
        return engine_pb2.RequirePulumiVersionResponse()

    def finish(self) -> None:
        """Do what is left when the program has registered everything; only the first call does."""
        if not self.finished:
            self.finished = True
            self._on_finished()

    def _guarded(self, context: Any, work: Callable[[], Any]) -> Any:
        if self._run.stopping.is_set():
            context.abort(grpc.StatusCode.UNAVAILABLE, "the deployment is stopping")
        try:
            return work()
        except ProviderCallError as error:
            self._run.stop_for(error)
            context.abort(grpc.StatusCode.UNAVAILABLE, "the deployment is stopping")
        except DeploymentError as error:
            self._run.say(Severity.ERROR, f"{error}" + (f"\n  -> {error.hint}" if error.hint else ""))
            self._run.stopping.set()
            context.abort(grpc.StatusCode.UNAVAILABLE, str(error))

    def _register(self, request: Any) -> registration.Registered:
        requests.refuse_unsupported(request)
        goal = requests.goal(self._run.deployment, request)
        wanted = goal.resource
        if wanted.custom and not wanted.is_provider:
            provider = request.provider or self._default_provider(wanted.type, request.version)
            goal = replace(goal, resource=replace(wanted, provider=provider))
        done = registration.register(self._run, goal)
        if not wanted.parent and not wanted.custom:
            self._run.root = self._run.root or wanted.urn
        return done

    def _read(self, request: Any) -> Resource:
        deployment = self._run.deployment
        wanted = Resource(
            urn=make_urn(deployment.stack, deployment.project, request.parent, request.type, request.name),
            type=request.type,
            custom=True,
            external=True,
            id=request.id,
            inputs=wire.from_struct(request.properties),
            parent=request.parent,
            dependencies=tuple(request.dependencies),
            provider=request.provider or self._default_provider(request.type, request.version),
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
        )
        self._run.seen.add(wanted.urn)
        if request.type == STACK_REFERENCE_TYPE:
            made = read_stack_reference(self._run, wanted)
        else:
            found, outputs, _ = self._run.plugins.of(wanted.provider).read(wanted)
            if not found:
                raise DeploymentError(f"there is no {request.type} with the id {request.id!r}")
            made = replace(wanted, id=found, outputs=outputs)
        index, old = self._run.snapshot.index(made.urn), self._run.snapshot.before(made.urn)
        if old is not None and index is not None and not old.external:  # ours until now: it goes when the program ends
            self._run.record(self._run.snapshot.end(None, put=made, mark=(index, replace(old, delete=True))))
        else:
            self._run.record(self._run.snapshot.end(None, put=made, drop=index), durable=False)
        self._run.done(describe(Op.READ, made))
        return made

    def _invoke(self, request: Any) -> provider_pb2.InvokeResponse:
        provider = request.provider or self._default_provider(request.tok, request.version)
        plugin = self._run.plugins.of(provider)
        return plugin.invoke(request.tok, wire.from_struct(request.args), preview=self._run.preview)

    def _default_provider(self, token: str, version: str) -> str:
        """Return the reference of a package's default provider, registered when it is first needed."""
        package = token.split(":")[0]
        name = "default" + (f"_{version.replace('.', '_')}" if version else "")
        with self._defaults_lock:
            if (key := f"{package}/{name}") not in self._defaults:
                self._defaults[key] = self._register_default(package, name, version)
            return self._defaults[key]

    def _register_default(self, package: str, name: str, version: str) -> str:
        deployment, type_ = self._run.deployment, f"{PROVIDER_PREFIX}{package}"
        prefix = f"{package}:"
        inputs: wire.Props = {
            key.removeprefix(prefix): wire.Secret(value) if key in self._run.secret_keys else value
            for key, value in deployment.config.items()
            if key.startswith(prefix)
        }
        wanted = Resource(
            urn=make_urn(deployment.stack, deployment.project, "", type_, name),
            type=type_,
            custom=True,
            inputs=requests.provider_inputs(inputs, version),
        )
        if package == "pulumi":
            return requests.builtin_reference(self._run, wanted)
        made = registration.register(self._run, Goal(resource=wanted)).resource
        return f"{made.urn}::{made.id}"
