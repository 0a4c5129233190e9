"""A plain moto, our own local cloud, and a caller that speaks Pulumi's protocol to the provider."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer
from pulumi.runtime.proto import provider_pb2

from modelyard.localcloud.provider import registry
from modelyard.localcloud.provider.servicer import AwsProvider
from modelyard.wire import Props, from_struct, reveal, to_struct


@dataclass
class Caller:
    """Calls a provider as an engine does.

    Args:
        provider: the provider.
        made: what was created and still exists: token, identifier and state, in order.
    """

    provider: AwsProvider
    made: list[tuple[str, str, Props]] = field(default_factory=list)

    def configure(self, **config: Any) -> None:
        self.provider.Configure(provider_pb2.ConfigureRequest(args=to_struct(config)), None)

    def check(self, token: str, news: Props, olds: Props | None = None, name: str = "thing", seed: bytes = b"") -> Any:
        request = provider_pb2.CheckRequest(
            urn=urn(token, name), olds=to_struct(olds or {}), news=to_struct(news), randomSeed=seed
        )
        return self.provider.Check(request, None)

    def checked(self, token: str, news: Props, olds: Props | None = None, name: str = "thing") -> Props:
        response = self.check(token, news, olds, name)
        assert [(failure.property, failure.reason) for failure in response.failures] == []
        return from_struct(response.inputs)

    def diff(self, token: str, old: Props, new: Props, ignore: tuple[str, ...] = (), state: Props | None = None) -> Any:
        request = provider_pb2.DiffRequest(
            id="x",
            urn=urn(token),
            olds=to_struct(state or {}),
            old_inputs=to_struct(old),
            news=to_struct(new),
            ignoreChanges=ignore,
        )
        return self.provider.Diff(request, None)

    def create(self, token: str, inputs: Props, *, preview: bool = False) -> tuple[str, Props]:
        request = provider_pb2.CreateRequest(urn=urn(token), properties=to_struct(inputs), preview=preview, timeout=60)
        response = self.provider.Create(request, None)
        outputs = from_struct(response.properties)
        if not preview:
            self.made.append((token, response.id, outputs))
        return response.id, outputs

    def make(self, token: str, news: Props, name: str = "thing") -> tuple[str, Props]:
        """Check and create."""
        return self.create(token, self.checked(token, news, name=name))

    def read(self, token: str, resource_id: str, state: Props, inputs: Props | None = None) -> Any:
        request = provider_pb2.ReadRequest(
            id=resource_id, urn=urn(token), properties=to_struct(state), inputs=to_struct(inputs or {})
        )
        return self.provider.Read(request, None)

    def update(
        self, token: str, resource_id: str, state: Props, old: Props, new: Props, *, preview: bool = False
    ) -> Props:
        request = provider_pb2.UpdateRequest(
            id=resource_id,
            urn=urn(token),
            olds=to_struct(state),
            old_inputs=to_struct(old),
            news=to_struct(new),
            preview=preview,
        )
        return from_struct(self.provider.Update(request, None).properties)

    def delete(self, token: str, resource_id: str, state: Props) -> None:
        request = provider_pb2.DeleteRequest(id=resource_id, urn=urn(token), properties=to_struct(state))
        self.provider.Delete(request, None)

    def list(self, token: str) -> set[str]:
        responses = self.provider.List(provider_pb2.ListRequest(token=token), None)
        return {response.result.id for response in responses}

    def invoke(self, token: str, args: Props) -> Props:
        response = self.provider.Invoke(provider_pb2.InvokeRequest(tok=token, args=to_struct(args)), None)
        result: Props = reveal(from_struct(getattr(response, "return")))
        return result

    def clear(self) -> None:
        """Delete what was made, last first."""
        for token, resource_id, state in reversed(self.made):
            self.delete(token, resource_id, state)
        self.made.clear()


def urn(token: str, name: str = "thing") -> str:
    """Return the URN of a resource of a test."""
    return f"urn:pulumi:test::project::{token}::{name}"


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """A plain moto."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def cloud_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Our own local cloud, in a process of its own."""
    home = tmp_path_factory.mktemp("home")
    command = [sys.executable, "-m", "modelyard.localcloud.server", "--home", str(home), "--port", "0"]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield _address(home, process)
    finally:
        process.terminate()
        process.wait(30)


def _address(home: Path, process: "subprocess.Popen[bytes]") -> str:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        port = home / "cloud" / "port"
        if port.is_file() and port.read_text():
            address = f"http://127.0.0.1:{port.read_text()}"
            with urllib.request.urlopen(f"{address}/_modelyard/health", timeout=5):  # noqa: S310 - our own server
                return address
        time.sleep(0.05)
    pytest.fail(f"the local cloud did not start: {(home / 'log').read_text()}")


class World(Caller):
    """A caller that also makes what other resources need."""

    def vpc(self) -> str:
        return self.make("aws:ec2/vpc:Vpc", {"cidrBlock": "10.7.0.0/16"}, name="net")[0]

    def subnet(self, vpc_id: str) -> str:
        inputs = {"vpcId": vpc_id, "cidrBlock": "10.7.1.0/24", "availabilityZone": "us-east-1a"}
        return self.make("aws:ec2/subnet:Subnet", inputs)[0]

    def group(self) -> str:
        return self.make("aws:ec2/securityGroup:SecurityGroup", {"vpcId": self.vpc()}, name="group")[0]

    def bucket(self) -> str:
        return self.make("aws:s3/bucket:Bucket", {"forceDestroy": True}, name="store")[0]

    def key(self) -> str:
        return self.make("aws:kms/key:Key", {"deletionWindowInDays": 7})[0]

    def topic(self) -> str:
        return self.make("aws:sns/topic:Topic", {}, name="news")[0]


@dataclass
class Life:
    """Takes a resource type through its whole life.

    Args:
        world: makes what the type needs.
    """

    world: World

    def __call__(
        self, token: str, inputs: Any, update: Props | None = None, replace: Props | None = None, stays: Any = None
    ) -> None:
        """Check, create, read, compare, change, and delete twice; each step with its exact outcome.

        Args:
            token: the type.
            inputs: makes what the resource needs and returns its inputs.
            update: inputs to change in place.
            replace: inputs whose change has to force a replacement.
            stays: what is still there after the deletion, where AWS has no way to take it away.
        """
        world = self.world
        news = world.checked(token, inputs(world))
        assert world.checked(token, inputs_of(news), olds=news) == news
        resource_id, state = world.create(token, news)
        given = {name: value for name, value in news.items() if name != "__defaults"}
        assert given.keys() - state.keys() == set()
        assert {name: narrowed(value, state[name]) for name, value in given.items()} == given
        assert self._read(token, resource_id, state, news) == (state, news)
        assert changes(world.diff(token, news, news)) == ([], [])
        assert resource_id in world.list(token)
        self._import(token, resource_id, news)
        state, news = self._update(token, resource_id, state, news, update or {})
        if replace:
            _, replaces = changes(world.diff(token, news, {**news, **replace}))
            assert replaces == sorted(replace)
        self._delete(token, resource_id, state, stays)

    def _import(self, token: str, resource_id: str, news: Props) -> None:
        """What an import finds is stable, and is what the program says but for what AWS does not tell."""
        state, found = self._read(token, resource_id, {}, {})
        again = self.world.checked(token, inputs_of(found), olds=found)
        assert changes(self.world.diff(token, found, again, state=state)) == ([], [])
        changed, replaces = changes(self.world.diff(token, found, news, state=state))
        assert set(changed) - registry.resource_type(token).unread == set()
        assert replaces == []

    def _read(self, token: str, resource_id: str, state: Props, inputs: Props) -> tuple[Props, Props]:
        response = self.world.read(token, resource_id, state, inputs)
        assert response.id == resource_id
        return from_struct(response.properties), from_struct(response.inputs)

    def _update(self, token: str, resource_id: str, state: Props, old: Props, update: Props) -> tuple[Props, Props]:
        if not update:
            return state, old
        new = self.world.checked(token, {**inputs_of(old), **update}, olds=old)
        changed, replaces = changes(self.world.diff(token, old, new))
        assert set(changed) - {"tagsAll"} == set(update)
        assert replaces == []
        updated = self.world.update(token, resource_id, state, old, new)
        assert {name: narrowed(value, updated.get(name)) for name, value in update.items()} == update
        assert self._read(token, resource_id, updated, new) == (updated, new)
        return updated, new

    def _delete(self, token: str, resource_id: str, state: Props, stays: Any) -> None:
        self.world.delete(token, resource_id, state)
        left = from_struct(self.world.read(token, resource_id, state).properties)
        assert left == ({**state, **stays} if stays else {})
        assert resource_id not in self.world.list(token)
        self.world.delete(token, resource_id, state)


def inputs_of(checked: Props) -> Props:
    """Return what the program gave, out of checked inputs."""
    hidden = {"__defaults", "tagsAll", *checked["__defaults"]}
    return {name: value for name, value in checked.items() if name not in hidden}


def narrowed(wanted: Any, value: Any) -> Any:
    """Return a value without the members that the wanted one does not name; AWS adds its own to nested ones."""
    if isinstance(wanted, dict) and isinstance(value, dict) and wanted:
        return {key: narrowed(item, value[key]) for key, item in wanted.items() if key in value}
    if isinstance(wanted, list) and isinstance(value, list) and len(wanted) == len(value):
        return [narrowed(*pair) for pair in zip(wanted, value, strict=True)]
    return [] if wanted == [] and value is None else value


def changes(response: Any) -> tuple[list[str], list[str]]:
    """Return what changed and what of it forces a replacement."""
    return list(response.diffs), list(response.replaces)


@pytest.fixture
def world(moto_url: str) -> Iterator[World]:
    """A world on a plain moto; what it made is deleted afterwards."""
    yield from _world(moto_url)


@pytest.fixture
def local_world(cloud_url: str) -> Iterator[World]:
    """A world on our own local cloud; what it made is deleted afterwards."""
    yield from _world(cloud_url)


def _world(url: str) -> Iterator[World]:
    made = World(AwsProvider(url))
    made.configure(region="us-east-1")
    yield made
    made.clear()


@pytest.fixture
def life(world: World) -> Life:
    """A whole life on a plain moto."""
    return Life(world)


@pytest.fixture
def local_life(local_world: World) -> Life:
    """A whole life on our own local cloud."""
    return Life(local_world)
