"""The two services a Pulumi program talks to, `pulumirpc.ResourceMonitor` and `pulumirpc.Engine`, as one object."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, resource_pb2, resource_pb2_grpc

from modelyard import wire
from modelyard.engine.base import Severity
from modelyard.engine.embedded.program.callbacks import RequestError
from modelyard.engine.embedded.providers.default_providers import DefaultProviders
from modelyard.engine.embedded.providers.enginehost import EngineService
from modelyard.engine.embedded.providers.providercalls import ProviderCallError
from modelyard.engine.embedded.requests import reading as requests
from modelyard.engine.embedded.requests.assets import with_hashes
from modelyard.engine.embedded.requests.constructs import Constructs
from modelyard.engine.embedded.requests.goals import Goal
from modelyard.engine.embedded.requests.hooks import Moment
from modelyard.engine.embedded.requests.transforms import Transforms
from modelyard.engine.embedded.run import RefusedError, Run, now, told
from modelyard.engine.embedded.state.resource import Resource, make_urn
from modelyard.engine.embedded.steps import reads, registration
from modelyard.errors import DeploymentError

_FEATURES = {
    "secrets": resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    "resourceReferences": resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    "outputValues": resource_pb2.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    "aliasSpecs": resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    "replacementTrigger": resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    "deletedWith": resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    "replaceWith": resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    "transforms": resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    "invokeTransforms": resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    "parameterization": resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    "resourceHooks": resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    "errorHooks": resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
}


class Monitor(resource_pb2_grpc.ResourceMonitorServicer, EngineService):
    """Answers a program; what it asks for is carried out at once.

    Args:
        run: the deployment.
        on_finished: called once, when the program has registered everything; it may take its time.
    """

    def __init__(self, run: Run, on_finished: Callable[[], None]) -> None:
        super().__init__(run)
        self._on_finished = on_finished
        self._hooks = run.plugins.hooks
        self._transforms = Transforms(self._hooks.callbacks)
        self._packages = DefaultProviders(run, self._register_default)
        self._constructs = Constructs(run)
        self._components: dict[str, Moment] = {}
        self.address = ""
        self.finished = False

    def GetDeploymentInfo(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Describe the deployment."""
        deployment = self._run.deployment
        return resource_pb2.DeploymentInfo(
            project=deployment.project,
            stack=deployment.stack,
            organization="organization",
            config=dict(deployment.config),
            configSecretKeys=sorted(self._run.secret_keys),
            dryRun=self._run.preview,
            parallel=deployment.options.parallel,
            supportedFeatures=list(_FEATURES.values()),
        )

    def SupportsFeature(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Tell whether the engine has a feature."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _FEATURES)

    def RegisterResource(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Bring a resource to what the program wants."""
        return self._guarded(context, lambda: self._register(request))

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Keep what a component, or the stack itself, gives out."""
        self._guarded(context, lambda: self._take_outputs(request))
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

    def Call(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Call a method of a component."""
        return self._guarded(context, lambda: self._call(request))

    def RegisterStackTransform(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Transform all resources that come."""
        self._transforms.add_to_stack(request)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Transform all function calls that come."""
        self._transforms.add_to_invokes(request)
        return empty_pb2.Empty()

    def RegisterResourceHook(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Take in a function that runs before or after steps."""
        self._guarded(context, lambda: self._hooks.register(request))
        return empty_pb2.Empty()

    def RegisterErrorHook(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Take in a function that is asked when a step failed."""
        self._guarded(context, lambda: self._hooks.register_for_errors(request))
        return empty_pb2.Empty()

    def RegisterPackage(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Take in a package that later requests refer to."""
        reference = self._guarded(context, lambda: self._packages.add(request))
        return resource_pb2.RegisterPackageResponse(ref=reference)

    def SignalAndWaitForShutdown(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Delete what is left over, while the program still answers callbacks."""
        self.finish()
        self._hooks.callbacks.close()
        return empty_pb2.Empty()

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
        except RequestError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except RefusedError:
            context.abort(grpc.StatusCode.UNAVAILABLE, "the deployment was refused")
        except ProviderCallError as error:
            self._run.stop_for(DeploymentError(told(error)))
            context.abort(grpc.StatusCode.UNAVAILABLE, "the deployment is stopping")
        except DeploymentError as error:
            self._run.say(Severity.ERROR, told(error))
            self._run.stopping.set()
            context.abort(grpc.StatusCode.UNAVAILABLE, str(error))

    def _register(self, asked: Any) -> resource_pb2.RegisterResourceResponse:
        request = self._transforms.applied(asked)
        goal = requests.goal(self._run.deployment, request)
        wanted = goal.resource
        if wanted.is_provider:
            self._packages.identify(request)
            goal = requests.goal(self._run.deployment, request)
        elif wanted.custom or request.remote:
            request.provider = self._packages.provider(wanted.type, request)
            goal = replace(goal, resource=replace(wanted, provider=request.provider))
        response = self._constructs.construct(request, self.address) if request.remote else self._carry_out(goal)
        self._transforms.registered(response.urn, asked, request)
        return response

    def _carry_out(self, goal: Goal) -> resource_pb2.RegisterResourceResponse:
        wanted = goal.resource
        if not wanted.custom:
            self._components[wanted.urn] = self._component(wanted)
            self._hooks.before(self._components[wanted.urn])
        done = registration.register(self._run, goal)
        made = done.resource
        if not wanted.parent and not wanted.custom:
            self._run.root = self._run.root or wanted.urn
        return resource_pb2.RegisterResourceResponse(
            urn=made.urn,
            id=made.id,
            object=wire.to_struct(made.outputs if made.custom else {}),
            result=resource_pb2.Result.ValueType(done.outcome),
            unknown=done.unknown,
        )

    def _component(self, wanted: Resource) -> Moment:
        """Return what is about to happen to a component, for its hooks; one that stays as it is has none of them."""
        old = self._run.snapshot.before(wanted.urn)
        if old is None:
            return Moment(verb="create", new=wanted)
        if old.inputs == wanted.inputs:
            return Moment(verb="update", old=old, new=replace(wanted, resource_hooks={}))
        return Moment(verb="update", old=old, new=wanted)

    def _take_outputs(self, request: Any) -> None:
        resource = self._run.snapshot.current(request.urn)
        if resource is None:
            return
        if request.urn == self._run.root:
            self._run.outputs_before = resource.outputs
        outputs = with_hashes(wire.from_struct(request.outputs), self._run.deployment.program)
        if not self._run.preview:  # what a failure keeps from being known stays as it was
            kept = resource.outputs if self._run.failed else {}
            outputs = {**kept, **{key: value for key, value in outputs.items() if not wire.has_unknown(value)}}
        changed = resource.outputs != outputs
        if changed:
            self._run.admit()
        updated = replace(resource, outputs=outputs, modified=now() if changed else resource.modified)
        self._run.record(self._run.snapshot.end(None, put=updated), durable=changed)
        if moment := self._components.pop(request.urn, None):
            hooked = replace(updated, resource_hooks=moment.resource.resource_hooks)
            self._hooks.after(replace(moment, new=hooked, done=True))

    def _read(self, request: Any) -> Resource:
        deployment = self._run.deployment
        parents = self._transforms.parents_provider(request.parent, request.type)
        request.provider = request.provider or parents
        wanted = Resource(
            urn=make_urn(deployment.stack, deployment.project, request.parent, request.type, request.name),
            type=request.type,
            custom=True,
            external=True,
            id=request.id,
            inputs=with_hashes(wire.from_struct(request.properties), deployment.program),
            parent=request.parent,
            dependencies=tuple(request.dependencies),
            provider=self._packages.provider(request.type, request),
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
        )
        return reads.read(self._run, wanted)

    def _invoke(self, asked: Any) -> provider_pb2.InvokeResponse:
        request = self._transforms.invocation(asked)
        plugin = self._run.plugins.of(self._packages.provider(request.tok, request))
        try:
            return plugin.invoke(request.tok, wire.from_struct(request.args), preview=self._run.preview)
        except ProviderCallError as error:
            raise RequestError(f"invocation of {request.tok} returned an error: {error}", hint=error.hint) from error

    def _call(self, request: Any) -> provider_pb2.CallResponse:
        provider = self._constructs.provider_of_call(request, self._transforms)
        provider = provider or self._packages.provider(request.tok, request)
        return self._constructs.call(request, provider, self.address)

    def _register_default(self, wanted: Resource) -> str:
        made = registration.register(self._run, Goal(resource=wanted)).resource
        return f"{made.urn}::{made.id}"
