"""A provider whose cloud is a dict: called in process by the embedded engine, over gRPC by the Pulumi CLI."""

import functools
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import (
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
    status_pb2,
)

from modelyard import wire

DIFF = provider_pb2.DiffResponse
KIND = provider_pb2.PropertyDiff


@dataclass
class World:
    """What the provider works on, and how it is to misbehave.

    Args:
        cloud: live objects by id.
        calls: the calls that change something, and reads, in order: `create a`.
        faults: calls that fail, and with what message: `{"delete a": "not now"}`.
        listener: is told of each call when it begins.
        running: how many of those calls were under way at once, at most.
    """

    cloud: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    listener: Callable[[str], None] | None = None
    running: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def new_id(self, name: str) -> str:
        """Return the next id for a name: `a-1`, `a-2`."""
        with self._lock:
            self.made[name] = self.made.get(name, 0) + 1
            return f"{name}-{self.made[name]}"

    def begin(self) -> None:
        """Count a call that begins."""
        with self._lock:
            self._now += 1
            self.running = max(self.running, self._now)

    def end(self) -> None:
        """Count a call that ends."""
        with self._lock:
            self._now -= 1


class NotWholeError(Exception):
    """A resource was made, or changed, but isn't ready."""

    def __init__(self, id: str, properties: dict[str, Any], reasons: list[str]) -> None:  # noqa: A002 - its name
        super().__init__("; ".join(reasons))
        self.id, self.properties, self.reasons = id, properties, reasons


class _Status(grpc.Status):
    def __init__(self, error: Exception) -> None:
        self.code, self.details = grpc.StatusCode.UNKNOWN, str(error)
        self.trailing_metadata = ()
        if isinstance(error, NotWholeError):
            failed = provider_pb2.ErrorResourceInitFailed(
                id=error.id, properties=wire.to_struct(error.properties), reasons=error.reasons
            )
            detail = any_pb2.Any()
            detail.Pack(failed)
            status = status_pb2.Status(code=self.code.value[0], message=self.details, details=[detail])
            self.trailing_metadata = (("grpc-status-details-bin", status.SerializeToString()),)


def reported(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let errors through in process; over gRPC turn them into the protocol's statuses."""

    @functools.wraps(method)
    def call(self: Any, request: Any, context: Any) -> Any:
        try:
            return method(self, request, context)
        except Exception as error:
            if not isinstance(context, grpc.ServicerContext):
                raise
            context.abort_with_status(_Status(error))

    return call


class FakeProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Things, whose inputs say how they behave.

    `fixed*` forces a replacement, `fixed_name` one that deletes first; `fail` names the call that fails, `partial` the
    one that leaves the resource half made; `bad` is refused by Check; `slow` is how many seconds a call takes; `mint`
    makes an output `token` that is a secret. A `fake:index:Detailed` tells its differences in detail, a
    `fake:index:Vague` leaves them to the engine, and a `fake:index:Named` has an input `name` that is made for it.
    """

    def __init__(self, world: World) -> None:
        self.world = world

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="9.0.0")

    def GetSchema(self, request, context):
        return provider_pb2.GetSchemaResponse(schema="{}")

    def Attach(self, request, context):
        return empty_pb2.Empty()

    def Cancel(self, request, context):
        return empty_pb2.Empty()

    def CheckConfig(self, request, context):
        news = wire.from_struct(request.news)
        failures = [provider_pb2.CheckFailure(property="bad", reason="it is bad")] if "bad" in news else []
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @reported
    def Configure(self, request, context):
        if "unconfigurable" in request.args.fields:
            raise RuntimeError("it can not be configured")
        return provider_pb2.ConfigureResponse(
            acceptSecrets="keeps_secrets" in request.args.fields,
            supportsPreview=True,
            acceptResources=True,
            supports_autonaming_configuration=True,
        )

    def DiffConfig(self, request, context):
        changed = _changed(request)
        some = DIFF.DIFF_SOME if changed else DIFF.DIFF_NONE
        return DIFF(changes=some, diffs=changed, replaces=[key for key in changed if key == "region"])

    def List(self, request, context) -> Iterator[Any]:
        for found in list(self.world.cloud):
            yield provider_pb2.ListResponse(result=provider_pb2.ListResponse.Result(id=found))

    @reported
    def Check(self, request, context):
        news = wire.from_struct(request.news)
        self._fault("check", request, news, noted=False)
        failures = [provider_pb2.CheckFailure(property="bad", reason="it is bad")] if "bad" in news else []
        inputs = {**_named(request), **news} if request.type.endswith(":Named") else news
        return provider_pb2.CheckResponse(inputs=wire.to_struct(inputs), failures=failures)

    @reported
    def Diff(self, request, context):
        self._fault("diff", request, wire.from_struct(request.news), noted=False)
        if request.type.endswith(":Vague"):
            return DIFF(changes=DIFF.DIFF_UNKNOWN)
        paths = _changed(request)
        changes = DIFF.DIFF_SOME if paths else DIFF.DIFF_NONE
        replaces = [path for path in paths if path.startswith("fixed")]
        details = _details(request) if request.type.endswith(":Detailed") else {}
        return DIFF(
            changes=changes,
            diffs=paths,
            replaces=replaces,
            deleteBeforeReplace="fixed_name" in replaces,
            detailedDiff=details,
            hasDetailedDiff=bool(details),
        )

    @reported
    def Create(self, request, context):
        props = wire.from_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        with self._call("create", request, props):
            made = self.world.new_id(request.name)
            return provider_pb2.CreateResponse(id=made, properties=self._store("create", made, props))

    @reported
    def Update(self, request, context):
        props = wire.from_struct(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=request.news)
        with self._call("update", request, props):
            return provider_pb2.UpdateResponse(properties=self._store("update", request.id, props))

    @reported
    def Delete(self, request, context):
        with self._call("delete", request, wire.from_struct(request.properties)):
            self.world.cloud.pop(request.id, None)
            return empty_pb2.Empty()

    @reported
    def Read(self, request, context):
        props = self.world.cloud.get(request.id)
        with self._call("read", request, props or {}):
            if props is None:
                return provider_pb2.ReadResponse()
            inputs = {key: value for key, value in props.items() if key not in ("out", "token")}
            state, known = wire.to_struct(props), wire.to_struct(inputs)
            if props.get("partial") == "read":
                raise NotWholeError(request.id, props, ["it is not ready"])
            return provider_pb2.ReadResponse(id=request.id, properties=state, inputs=known)

    @reported
    def Invoke(self, request, context):
        args = wire.from_struct(request.args)
        if request.tok == "fake:index:fail":
            raise RuntimeError("boom: access denied")
        if request.tok == "fake:index:refuse":
            failure = provider_pb2.CheckFailure(property="x", reason="it is not a number")
            return provider_pb2.InvokeResponse(failures=[failure])
        if request.tok == "fake:index:secret":
            return provider_pb2.InvokeResponse(**{"return": wire.to_struct({"key": wire.Secret(args.get("x"))})})
        return provider_pb2.InvokeResponse(**{"return": wire.to_struct({"echo": args})})

    @reported
    def Construct(self, request, context):
        """Make a remote component with one Thing in it, which has the component's inputs."""
        if "refuse" in request.inputs.fields:
            raise RuntimeError(f"{request.name} can not be constructed")
        with grpc.insecure_channel(request.monitorEndpoint) as channel:
            monitor = resource_pb2_grpc.ResourceMonitorStub(channel)
            made = monitor.RegisterResource(
                resource_pb2.RegisterResourceRequest(type=request.type, name=request.name, parent=request.parent)
            )
            inner = monitor.RegisterResource(
                resource_pb2.RegisterResourceRequest(
                    type="fake:index:Thing",
                    name=f"{request.name}-inner",
                    custom=True,
                    parent=made.urn,
                    object=request.inputs,
                    provider=request.providers.get("fake", ""),
                    acceptSecrets=True,
                )
            )
            outputs = wire.to_struct({"out": wire.from_struct(inner.object).get("out", wire.UNKNOWN)})
            monitor.RegisterResourceOutputs(resource_pb2.RegisterResourceOutputsRequest(urn=made.urn, outputs=outputs))
        return provider_pb2.ConstructResponse(urn=made.urn, state=outputs)

    @reported
    def Call(self, request, context):
        args = {key: value for key, value in wire.from_struct(request.args).items() if key != "__self__"}
        return provider_pb2.CallResponse(**{"return": wire.to_struct({"answer": f"{request.tok}: {args}"})})

    def _store(self, verb: str, made: str, props: dict[str, Any]) -> Any:
        known = wire.reveal(props)
        outputs = {**props, "out": f"out-{_shown(known.get('value', ''))}"}
        self.world.cloud[made] = wire.reveal(outputs)
        if "mint" in props:
            outputs["token"] = wire.Secret(f"token-{props['mint']}")
        if props.get("partial") == verb:
            raise NotWholeError(made, outputs, ["it is not ready"])
        return wire.to_struct(outputs)

    def _call(self, verb: str, request: Any, props: Mapping[str, Any]) -> "_Running":
        self._fault(verb, request, props)
        return _Running(self.world, float(props.get("slow") or 0))

    def _fault(self, verb: str, request: Any, props: Mapping[str, Any], *, noted: bool = True) -> None:
        call = f"{verb} {request.name}"
        if noted:
            self.world.calls.append(call)
            if self.world.listener is not None:
                self.world.listener(call)
        if call in self.world.faults:
            raise RuntimeError(self.world.faults[call])
        if props.get("fail") == verb:
            raise RuntimeError(f"{request.name} does not want to {verb}")


class _Running:
    def __init__(self, world: World, seconds: float) -> None:
        self._world, self._seconds = world, seconds

    def __enter__(self) -> None:
        self._world.begin()
        time.sleep(self._seconds)

    def __exit__(self, *_: object) -> None:
        self._world.end()


def _changed(request: Any) -> list[str]:
    old, new = (wire.reveal(wire.from_struct(it)) for it in (request.old_inputs, request.news))
    return [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]


def _named(request: Any) -> dict[str, Any]:
    """Make the input `name` as real providers do: the old one, else as the engine proposes, else from its seed."""
    old = wire.from_struct(request.olds).get("name")
    if old is not None:
        return {"name": old}
    asked = request.autonaming if request.HasField("autonaming") else None
    mode = provider_pb2.CheckRequest.AutonamingOptions.Mode
    if asked and asked.mode == mode.DISABLE:
        return {}
    if asked:
        return {"name": asked.proposed_name}
    return {"name": f"{request.name}-{request.randomSeed.hex()[:7]}"}


def _details(request: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    _compare("", wire.from_struct(request.old_inputs), wire.from_struct(request.news), found)
    return found


def _compare(path: str, old: Any, new: Any, found: dict[str, Any]) -> None:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            _compare(f"{path}.{key}" if path else key, old.get(key), new.get(key), found)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            pair = [items[index] if index < len(items) else None for items in (old, new)]
            _compare(f"{path}[{index}]", *pair, found)
    elif old != new:
        forced = path.startswith("fixed")
        kinds = (KIND.ADD, KIND.ADD_REPLACE) if old is None else (KIND.UPDATE, KIND.UPDATE_REPLACE)
        kinds = (KIND.DELETE, KIND.DELETE_REPLACE) if new is None else kinds
        found[path] = KIND(kind=kinds[forced], inputDiff=True)


def _shown(value: Any) -> str:
    """Write a value as text, the keys of an object in order: the wire keeps none."""
    return json.dumps(value, sort_keys=True, default=str) if isinstance(value, dict) else str(value)
