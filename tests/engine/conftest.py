"""A provider whose cloud is a dict, and a stack to run programs on."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from modelyard import wire
from modelyard.engine.base import Deployment, Event, Result
from modelyard.engine.embedded.engine import EmbeddedEngine
from modelyard.engine.embedded.store import StackStore
from modelyard.engine.plan import Op

HEADER = """
import pulumi

class Thing(pulumi.CustomResource):
    out: pulumi.Output[str]
    def __init__(self, name, opts=None, **props):
        super().__init__("fake:index:Thing", name, {"out": None, **props}, opts)
"""


class FakeProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Things: `fixed` forces a replacement, `fixed_name` one that deletes first, `fail` fails the call it names."""

    def __init__(self, cloud: dict[str, dict[str, Any]], calls: list[str]) -> None:
        self.cloud, self.calls = cloud, calls

    def Configure(self, request, context):
        return provider_pb2.ConfigureResponse(acceptSecrets=True)

    def DiffConfig(self, request, context):
        old, new = wire.from_struct(request.old_inputs), wire.from_struct(request.news)
        changed = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
        return provider_pb2.DiffResponse(diffs=changed, replaces=[key for key in changed if key == "region"])

    def List(self, request, context):
        for found in list(self.cloud):
            yield provider_pb2.ListResponse(result=provider_pb2.ListResponse.Result(id=found))

    def Check(self, request, context):
        news = wire.from_struct(request.news)
        failures = [provider_pb2.CheckFailure(property="bad", reason="it is bad")] if "bad" in news else []
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request, context):
        old, new = wire.from_struct(request.old_inputs), wire.from_struct(request.news)
        paths = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
        changes = provider_pb2.DiffResponse.DIFF_SOME if paths else provider_pb2.DiffResponse.DIFF_NONE
        replaces = [path for path in paths if path.startswith("fixed")]
        return provider_pb2.DiffResponse(
            changes=changes, diffs=paths, replaces=replaces, deleteBeforeReplace="fixed_name" in replaces
        )

    def Create(self, request, context):
        props = wire.from_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        self._call("create", request, props)
        made = f"id-{request.name}-{len(self.calls)}"
        self.cloud[made] = {**props, "out": f"out-{props.get('value', '')}"}
        return provider_pb2.CreateResponse(id=made, properties=wire.to_struct(self.cloud[made]))

    def Update(self, request, context):
        props = wire.from_struct(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=request.news)
        self._call("update", request, props)
        self.cloud[request.id] = {**props, "out": f"out-{props.get('value', '')}"}
        return provider_pb2.UpdateResponse(properties=wire.to_struct(self.cloud[request.id]))

    def Delete(self, request, context):
        self._call("delete", request, wire.from_struct(request.properties))
        self.cloud.pop(request.id, None)
        return empty_pb2.Empty()

    def Read(self, request, context):
        props = self.cloud.get(request.id)
        if props is None:
            return provider_pb2.ReadResponse()
        if props.get("fail") == "read":
            raise RuntimeError("not now")
        inputs = {key: value for key, value in props.items() if key != "out"}
        return provider_pb2.ReadResponse(id=request.id, properties=wire.to_struct(props), inputs=wire.to_struct(inputs))

    def Invoke(self, request, context):
        if request.tok == "fake:index:fail":
            raise RuntimeError("boom: access denied")
        return provider_pb2.InvokeResponse(**{"return": wire.to_struct({"echo": wire.from_struct(request.args)})})

    def _call(self, verb: str, request: Any, props: dict[str, Any]) -> None:
        self.calls.append(f"{verb} {request.name}")
        if props.get("fail") == verb:
            raise RuntimeError(f"{request.name} does not want to {verb}")


class Bench:
    """One stack, its cloud, and what happened to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "program"
        self.program.mkdir(parents=True)
        (self.program / "Pulumi.yaml").write_text("name: bench\nruntime: python\n")
        self.cloud: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.events: list[Event] = []
        self.engine = EmbeddedEngine()
        self.config: dict[str, str] = {}

    def deployment(self, stack: str = "dev") -> Deployment:
        return Deployment(
            project="bench",
            stack=stack,
            program=self.program,
            state=self.folder / "state",
            config=self.config,
            plugins={"fake": lambda: FakeProvider(self.cloud, self.calls)},
        )

    def write(self, program: str) -> None:
        (self.program / "__main__.py").write_text(HEADER + textwrap.dedent(program))

    def up(self, program: str | None = None) -> Result:
        return self._run(self.engine.up, program)

    def preview(self, program: str | None = None) -> Result:
        return self._run(self.engine.preview, program)

    def destroy(self, *, unprotect: bool = False) -> Result:
        self.calls.clear()
        return self.engine.destroy(self.deployment(), self.events.append, unprotect=unprotect)

    def refresh(self) -> Result:
        return self.engine.refresh(self.deployment(), self.events.append)

    def store(self, stack: str = "dev") -> StackStore:
        return StackStore(self.folder / "state", "bench", stack)

    @staticmethod
    def ops(result: Result) -> dict[str, Op]:
        """Map the names of things to what happened to them."""
        return {change.name: change.op for change in result.changes if change.type == "fake:index:Thing"}

    def _run(self, verb: Callable[..., Result], program: str | None) -> Result:
        if program is not None:
            self.write(program)
        self.calls.clear()
        return verb(self.deployment(), self.events.append)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
