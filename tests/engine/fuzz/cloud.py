"""A cloud of objects in memory, with a truth of its own about who made what, and its provider."""

import functools
import random
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from engine.fuzz.life import Life
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from modelyard import wire

MUTATING = ("create", "update", "delete")
COMPUTED = ("out", "arn")


class CallFault(StrEnum):
    """What happens at one call of the provider; calls that change nothing know only failures and deaths."""

    FAIL_BEFORE = "fail before"
    FAIL_AFTER = "fail after"  # what was asked for is done, and the answer is an error
    PARTIAL = "partial"  # it is done but for its last part, and the answer says so
    KILL_BEFORE = "kill before"
    KILL_AFTER = "kill after"
    INTERRUPT = "interrupt"  # the user types Ctrl-C meanwhile


@dataclass(frozen=True)
class Object:
    """One object in the cloud.

    Args:
        urn: what the request that made it called it; empty for what somebody else made.
        props: its inputs.
    """

    id: str
    type: str
    urn: str
    props: Mapping[str, Any]

    @property
    def outputs(self) -> dict[str, Any]:
        """Return what the cloud says of it."""
        return {**self.props, "out": f"out-{self.props.get('value')}", "arn": f"arn:{self.id}"}


@dataclass(frozen=True)
class Call:
    """One call that reached the cloud and had, or had not, its effect."""

    verb: str
    urn: str
    id: str
    done: bool = True


@dataclass
class Cloud:
    """The objects, and how the cloud misbehaves towards the process of the moment.

    Args:
        objects: by id.
        calls: those of the operation of the moment that change something.
        denied: what was made by calls that answered with an error and no id, and has no tag to be known by.
        watch: called before each call that changes something, with verb, URN and id.
    """

    objects: dict[str, Object] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    faults: Mapping[int, CallFault] = field(default_factory=dict)
    life: Life = field(default_factory=Life)
    denied: set[str] = field(default_factory=set)
    watch: Callable[[str, str, str], None] | None = None
    count: int = 0
    made: int = 0
    hit: bool = False

    def begin(self, life: Life, faults: Mapping[int, CallFault]) -> None:
        """Meet a new process."""
        self.life, self.faults, self.count, self.hit = life, faults, 0, False
        self.calls = []

    def new_id(self, prefix: str) -> str:
        """Return an id that nothing had before."""
        self.made += 1
        return f"{prefix}-{self.made}"

    def remove(self, gone: str) -> None:
        """Remove an object, and all that is within it."""
        self.objects.pop(gone, None)
        for inner in [it.id for it in self.objects.values() if it.props.get("within") == gone]:
            self.remove(inner)

    def next_fault(self) -> CallFault | None:
        """Return what happens at this call."""
        self.life.check()
        fault = self.faults.get(self.count)
        self.count += 1
        self.hit = self.hit or fault is not None
        return fault


class NotWholeError(Exception):
    """An object was made, or changed, but isn't ready."""

    def __init__(self, id: str, properties: Mapping[str, Any]) -> None:  # noqa: A002 - its name
        super().__init__(f"{id} is not ready")
        self.id, self.properties, self.reasons = id, dict(properties), [f"{id} is not ready"]


def _interrupt() -> None:
    """Type Ctrl-C; from another thread it would be felt later, perhaps when the operation is over."""
    if threading.current_thread() is threading.main_thread():
        signal.raise_signal(signal.SIGINT)


def _quiet(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let faults happen at a call that changes nothing."""

    @functools.wraps(method)
    def call(self: Any, request: Any, context: Any) -> Any:
        fault = self.cloud.next_fault()
        if fault in (CallFault.KILL_BEFORE, CallFault.KILL_AFTER):
            self.cloud.life.end()
        if fault is CallFault.INTERRUPT:
            _interrupt()
        elif fault is not None:
            raise RuntimeError(f"{method.__name__} of {request.name or request.urn} failed")
        return method(self, request, context)

    return call


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Resources of three kinds: `Named` ones have their name for an id, `Tagged` ones the stack's tag, `Plain` none.

    A changed input whose name begins with `fixed` forces a replacement, with `fixed_first` one that deletes first.
    """

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def Cancel(self, request, context):
        return empty_pb2.Empty()

    def Configure(self, request, context):
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def DiffConfig(self, request, context):
        changed = _changed(request)
        return provider_pb2.DiffResponse(diffs=changed, replaces=[key for key in changed if key.startswith("fixed")])

    def List(self, request, context) -> Iterator[Any]:
        if self.cloud.next_fault():
            raise RuntimeError("listing failed")
        for found in [it.id for it in self.cloud.objects.values() if it.type == request.token]:
            yield provider_pb2.ListResponse(result=provider_pb2.ListResponse.Result(id=found))

    @_quiet
    def Check(self, request, context):
        news = wire.from_struct(request.news)
        kind = request.type.rsplit(":", 1)[1]
        if kind == "Named":
            old = wire.from_struct(request.olds).get("name")
            seed = random.Random(request.randomSeed).getrandbits(32)
            news["name"] = old or f"{request.name}-{seed:08x}"
        if kind == "Tagged":
            news["tagsAll"] = {"stack": stack_of(request.urn)}
        return provider_pb2.CheckResponse(inputs=wire.to_struct(news))

    @_quiet
    def Diff(self, request, context):
        changed = _changed(request)
        replaces = [key for key in changed if key.startswith("fixed") or key == "name"]
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=replaces,
            deleteBeforeReplace=any(key.startswith("fixed_first") for key in replaces),
        )

    def Create(self, request, context):
        props = wire.from_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        made = props.get("name") or ""

        def effect() -> str:
            new = made or self.cloud.new_id(request.type.rsplit(":", 1)[1].lower())
            if new in self.cloud.denied:  # else nobody could ever make it
                self.cloud.remove(new)
                self.cloud.denied.discard(new)
            if new in self.cloud.objects:
                raise RuntimeError(f"{new} exists already")
            self.cloud.objects[new] = Object(new, request.type, request.urn, props)
            return new

        new = self._change("create", request, made, effect)
        return provider_pb2.CreateResponse(id=new, properties=wire.to_struct(self.cloud.objects[new].outputs))

    def Update(self, request, context):
        props = wire.from_struct(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=wire.to_struct(_foreseen(request, props)))

        def effect() -> str:
            if request.id not in self.cloud.objects:
                raise RuntimeError(f"there is no {request.id}")
            self.cloud.objects[request.id] = replace(self.cloud.objects[request.id], props=props)
            return str(request.id)

        self._change("update", request, request.id, effect)
        return provider_pb2.UpdateResponse(properties=wire.to_struct(self.cloud.objects[request.id].outputs))

    def Delete(self, request, context):
        def effect() -> str:
            self.cloud.remove(request.id)
            return ""

        self._change("delete", request, request.id, effect)
        return empty_pb2.Empty()

    @_quiet
    def Read(self, request, context):
        found = self.cloud.objects.get(request.id)
        if found is None or found.type != request.type:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=found.id, properties=wire.to_struct(found.outputs), inputs=wire.to_struct(found.props)
        )

    def _change(self, verb: str, request: Any, known: str, effect: Callable[[], str]) -> str:
        """Carry out what changes something, as the faults have it."""
        cloud = self.cloud
        fault = cloud.next_fault()
        if cloud.watch is not None:
            cloud.watch(verb, request.urn, known)
        if fault is CallFault.KILL_BEFORE:
            cloud.life.end()
        if fault is CallFault.FAIL_BEFORE:
            cloud.calls.append(Call(verb, request.urn, known, done=False))
            raise RuntimeError(f"{verb} of {request.name} failed")
        made = effect()
        cloud.calls.append(Call(verb, request.urn, made or known))
        self._answer(verb, request, made, fault)
        return made

    def _answer(self, verb: str, request: Any, made: str, fault: CallFault | None) -> None:
        """Let happen what happens after the effect."""
        if fault is CallFault.KILL_AFTER:
            self.cloud.life.end()
        if fault is CallFault.INTERRUPT:
            _interrupt()
        if fault is CallFault.FAIL_AFTER and verb == "create" and not request.type.endswith(":Tagged"):
            self.cloud.denied.add(made)
        if fault is CallFault.FAIL_AFTER or (fault is CallFault.PARTIAL and verb == "delete"):
            raise RuntimeError(f"{verb} of {request.name} failed, though it is done")
        if fault is CallFault.PARTIAL:
            raise NotWholeError(made, self.cloud.objects[made].outputs)


def stack_of(urn: str) -> str:
    """Return the stack that a URN belongs to."""
    return urn.split("::", 1)[0].removeprefix("urn:pulumi:")


def _foreseen(request: Any, props: Mapping[str, Any]) -> dict[str, Any]:
    """Say what an update will give: what is computed from a changed input is not known yet."""
    old = wire.from_struct(request.olds)
    computed = {key: old[key] for key in COMPUTED if key in old}
    if props.get("value") != old.get("value") and "out" in computed:
        computed["out"] = wire.UNKNOWN
    return {**props, **computed}


def _changed(request: Any) -> list[str]:
    old, new = wire.from_struct(request.old_inputs), wire.from_struct(request.news)
    return [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
