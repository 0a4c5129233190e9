"""One process that works on a stack whose cloud is a folder: what `test_processes.py` starts, kills and interrupts."""

import contextlib
import fcntl
import json
import time
from collections.abc import Callable
from pathlib import Path

from engine.fuzz.cloud import Provider
from engine.fuzz.host import Host
from engine.fuzz.programs import PACKAGE, Program, Spec
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from modelyard import wire
from modelyard.engine.base import Deployment, Options
from modelyard.engine.embedded.engine import EmbeddedEngine
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import StateError

SECONDS = 600.0


class FolderCloud:
    """Objects as files, which outlive the process."""

    def __init__(self, folder: Path, seconds: float = 0.0) -> None:
        self.folder, self.seconds = folder, seconds
        folder.mkdir(exist_ok=True)

    def next_fault(self) -> None:
        """Let nothing go wrong but what kills."""

    def props(self, name: str) -> dict[str, object] | None:
        """Return an object's inputs."""
        path = self.folder / name
        return json.loads(path.read_text()) if path.exists() else None


class FolderProvider(Provider):
    """Named resources in a folder."""

    def List(self, request, context):
        for path in sorted(self.cloud.folder.iterdir()):
            yield provider_pb2.ListResponse(result=provider_pb2.ListResponse.Result(id=path.name))

    def Create(self, request, context):
        props = wire.from_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        return provider_pb2.CreateResponse(id=props["name"], properties=self._put(props["name"], props, new=True))

    def Update(self, request, context):
        props = wire.from_struct(request.news)
        return provider_pb2.UpdateResponse(properties=self._put(request.id, props, new=False))

    def Delete(self, request, context):
        (self.cloud.folder / request.id).unlink(missing_ok=True)
        time.sleep(self.cloud.seconds)
        return empty_pb2.Empty()

    def Read(self, request, context):
        props = self.cloud.props(request.id)
        if props is None:
            return provider_pb2.ReadResponse()
        found = wire.to_struct(props)
        return provider_pb2.ReadResponse(id=request.id, properties=found, inputs=found)

    def _put(self, name, props, *, new):
        path = self.cloud.folder / name
        if new and path.exists():
            raise RuntimeError(f"{name} exists already")
        temporary = self.cloud.folder.with_name(f"{name}.tmp")
        temporary.write_text(json.dumps(props))
        temporary.replace(path)
        time.sleep(self.cloud.seconds)
        return wire.to_struct(props)


def deployment(folder: Path, seconds: float = 0.0, parallel: int = 1) -> Deployment:
    """Describe the stack to an engine."""
    cloud = FolderCloud(folder / "cloud", seconds)
    return Deployment(
        project="fuzz",
        stack="dev",
        program=folder / "program",
        state=folder / "state",
        plugins={PACKAGE: lambda: FolderProvider(cloud)},
        options=Options(parallel=parallel),
    )


def program(number: int) -> Program:
    """Return one of several programs, so that each deployment has something to create, change and delete."""
    names = [f"r{(number * 3 + place) % 11}" for place in range(6)]
    return tuple(
        Spec(name, "Named", value=number, ref=names[place - 1] if place else "") for place, name in enumerate(names)
    )


def run(folder: Path, number: int, seconds: float = 0.0, width: int = 1) -> str:
    """Deploy one of the programs."""
    engine = EmbeddedEngine(Host(program(number), width))
    result = engine.up(deployment(folder, seconds, width), lambda _: None)
    return result.outcome if result.outcome != "failed" else str(result)


def contend(folder: Path, rounds: int) -> str:
    """Try to change the stack again and again; returns how often it could, could not, and was not alone."""
    won = lost = crowded = 0
    count = folder / "count"
    for _ in range(rounds):
        try:
            with StackStore(folder / "state", "fuzz", "dev").writing(), (folder / "inside").open("a") as inside:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(inside, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    crowded -= 1
                crowded += 1
                count.write_text(str(int(count.read_text()) + 1 if count.exists() else 1))
            won += 1
        except StateError as error:
            lost += 1 if error.hint else 10**6
            time.sleep(0.002)
    return f"{won} {lost} {crowded}"


def main(say: Callable[[str], None], folder: Path, verb: str, number: int) -> None:
    """Do what the caller wants of this process."""
    if verb == "contend":
        say(contend(folder, number))
    elif verb == "hold":
        with StackStore(folder / "state", "fuzz", "dev").writing():
            say("holding")
            time.sleep(SECONDS)
    elif verb == "finish":
        say(run(folder, 1000))
    else:
        say("begun")
        try:
            say(run(folder, *((0, number / 10) if verb == "slow" else (number, 0.01, 1 + number % 2 * 3))))
        except KeyboardInterrupt:
            say("aborted")
