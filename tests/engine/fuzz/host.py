"""Runs a program that is data against the engine's monitor, asking as Pulumi's SDK for Python does."""

from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import grpc
from engine.fuzz.programs import Program, Spec
from google.protobuf import empty_pb2
from pulumi.runtime.proto import alias_pb2, resource_pb2

from modelyard import wire
from modelyard.engine.base import Severity
from modelyard.engine.embedded.program.configuration import StackConfig
from modelyard.engine.embedded.requests.monitor import Monitor
from modelyard.engine.embedded.run import Run

CANARY = "canary-7f3a9c"


class AbortedError(Exception):
    """The engine refused a request."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self.code = code


class Context:
    """The context of a gRPC call, as far as the monitor needs one."""

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        raise AbortedError(code, details)


@dataclass(frozen=True)
class Made:
    """What the program knows of a resource it registered."""

    urn: str
    id: Any
    outputs: Mapping[str, Any]


@dataclass
class Host:
    """Runs one program.

    Args:
        program: what to register.
        width: how many requests it has under way at once, at most.
    """

    program: Program
    width: int = 1
    made: dict[str, Made] = field(default_factory=dict)

    def __call__(self, run: Run, monitor: Monitor, config: StackConfig) -> None:
        """Run the program to its end, as the engine's own host does."""
        self.made = {}
        try:
            self._register_all(run, monitor)
        except AbortedError:
            if not run.failed and not run.cancelled:
                run.say(Severity.ERROR, "the program ended before it had registered everything")
            return
        monitor.finish()

    def _register_all(self, run: Run, monitor: Monitor) -> None:
        deployment = run.deployment
        root = resource_pb2.RegisterResourceRequest(
            type="pulumi:pulumi:Stack", name=f"{deployment.project}-{deployment.stack}", supportsResultReporting=True
        )
        self.made[""] = self._made(run, monitor.RegisterResource(root, Context()))
        if self.width == 1:
            for spec in self.program:
                self.made[spec.name] = self._register(run, monitor, spec)
        else:
            self._register_side_by_side(run, monitor)
        exports = {spec.name: self.made[spec.name].outputs.get("out") for spec in self.program if spec.custom}
        self._give_out(monitor, self.made[""].urn, exports)
        monitor.SignalAndWaitForShutdown(empty_pb2.Empty(), Context())

    def _register_side_by_side(self, run: Run, monitor: Monitor) -> None:
        waiting = list(self.program)
        running: dict[Future[Made], str] = {}
        aborted: list[AbortedError] = []
        with ThreadPoolExecutor(self.width) as pool:
            while (waiting and not aborted) or running:
                ready = [spec for spec in waiting if spec.needs() <= self.made.keys() and not aborted]
                waiting = [spec for spec in waiting if spec not in ready]
                running |= {pool.submit(self._register, run, monitor, spec): spec.name for spec in ready}
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    name = running.pop(future)
                    try:
                        self.made[name] = future.result()
                    except AbortedError as error:
                        aborted.append(error)
        if aborted:
            raise aborted[0]

    def _register(self, run: Run, monitor: Monitor, spec: Spec) -> Made:
        if spec.external:
            return self._read(run, monitor, spec)
        request = self._request(spec)
        made = self._made(run, monitor.RegisterResource(request, Context()))
        if spec.kind == "Group":
            self._give_out(monitor, made.urn, {"label": spec.value})
        return made

    def _read(self, run: Run, monitor: Monitor, spec: Spec) -> Made:
        request = resource_pb2.ReadResourceRequest(
            id=spec.external,
            type=spec.type,
            name=spec.name,
            parent=self.made[spec.parent].urn,
            dependencies=[self.made[name].urn for name in spec.depends_on],
        )
        found = monitor.ReadResource(request, Context())
        return Made(found.urn, found.id or spec.external, wire.from_struct(found.properties))

    @staticmethod
    def _give_out(monitor: Monitor, urn: str, outputs: Mapping[str, Any]) -> None:
        request = resource_pb2.RegisterResourceOutputsRequest(urn=urn, outputs=wire.to_struct(outputs))
        monitor.RegisterResourceOutputs(request, Context())

    @staticmethod
    def _made(run: Run, response: Any) -> Made:
        failed = response.result != resource_pb2.SUCCESS
        unknown = failed or response.unknown or run.preview
        outputs = {} if failed else wire.from_struct(response.object)
        found = {key: wire.reveal(outputs.get(key, wire.UNKNOWN if unknown else None)) for key in ("out", "arn")}
        return Made(response.urn, (not failed and response.id) or (wire.UNKNOWN if unknown else ""), found)

    def _request(self, spec: Spec) -> Any:
        wanted = spec.properties()
        needed = {self.made[name].urn for name in (*spec.depends_on, *wanted.values())}
        request = resource_pb2.RegisterResourceRequest(
            type=spec.type,
            name=spec.name,
            parent=self.made[spec.parent].urn,
            custom=spec.kind != "Group",
            object=wire.to_struct(self._inputs(spec)),
            protect=spec.protect,
            dependencies=sorted(needed),
            propertyDependencies={key: _urns([self.made[name].urn]) for key, name in wanted.items()},
            retainOnDelete=spec.retain,
            ignoreChanges=["value"] if spec.ignore else [],
            deletedWith=self.made[spec.within].urn if spec.within else "",
            replace_with=[self.made[name].urn for name in spec.replace_with],
            importId=spec.imported,
            supportsResultReporting=True,
            aliasSpecs=True,
            aliases=[self._alias(former) for former in spec.formerly],
        )
        if spec.provider:
            request.provider = f"{self.made[spec.provider].urn}::{self.made[spec.provider].id}"
        if spec.delete_first is not None:
            request.deleteBeforeReplace, request.deleteBeforeReplaceDefined = spec.delete_first, True
        if spec.trigger:
            request.replacement_trigger.CopyFrom(wire.to_value(spec.trigger))
        return request

    def _alias(self, former: Any) -> Any:
        spec = alias_pb2.Alias.Spec(name=former.name)
        if former.parent in self.made and former.parent:
            spec.parentUrn = self.made[former.parent].urn
        else:
            spec.noParent = True
        return alias_pb2.Alias(spec=spec)

    def _inputs(self, spec: Spec) -> dict[str, Any]:
        if spec.kind == "Group":
            return {}
        inputs: dict[str, Any] = {
            "label": spec.name,
            "value": spec.value,
            "fixed": spec.fixed,
            "fixed_first": spec.fixed_first,
        }
        for key, name in spec.properties().items():
            inputs[key] = self.made[name].outputs["out"] if key == "made_of" else self.made[name].id
        if spec.secret:
            inputs["password"] = wire.Secret(f"{CANARY}-{spec.name}")
        return inputs


def _urns(urns: list[str]) -> Any:
    return resource_pb2.RegisterResourceRequest.PropertyDependencies(urns=urns)
