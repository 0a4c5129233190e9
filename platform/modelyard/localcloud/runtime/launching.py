"""One model server: its model fetched from S3, its process started and asked whether it answers."""

import contextlib
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import urllib3

from modelyard.localcloud.runtime import objects
from modelyard.localcloud.runtime.container import Container
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.logs import LogStream
from modelyard.localcloud.runtime.objects import ObjectError
from modelyard.localcloud.runtime.process import Process, clean_environment

START_TIMEOUT_SECONDS = 240.0
INVOKE_TIMEOUT_SECONDS = 60.0
PRIMARY = "primary"
_ASK_SECONDS = 0.01


class FleetError(Exception):
    """A model can't be served; the message is the endpoint's FailureReason."""


@dataclass(frozen=True)
class Artifact:
    """What one container serves.

    Args:
        data_url: its `model.tar.gz`, or the prefix of many; empty if it has none.
        environment: its own variables.
        multi: it serves many models, each on demand.
        hostname: what errors and direct invocations call it.
        following: the further containers of its model.
        direct: each container is asked by its hostname, not one after the other.
    """

    data_url: str
    environment: dict[str, str]
    multi: bool = False
    hostname: str = PRIMARY
    following: "tuple[Artifact, ...]" = ()
    direct: bool = False


@dataclass(frozen=True)
class Request:
    """One invocation, as a model server gets it.

    Args:
        body: the payload.
        headers: those that are passed on.
        timeout_seconds: how long each container may take.
        container: the hostname of the container, for a model whose containers are asked directly.
    """

    body: bytes
    headers: dict[str, str]
    timeout_seconds: float
    container: str = ""


@dataclass(frozen=True)
class Reply:
    """What came back of an invocation.

    Args:
        status: the model server's.
        headers: its headers.
        body: its body; empty where it is read part by part.
        container: who of the model's containers answered.
        parts: the body's parts as they arrive, where they were asked for.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    container: str = PRIMARY
    parts: Iterable[bytes] = ()


@dataclass(eq=False)
class Server:
    """The model server of one container, and those of the containers that follow it.

    Args:
        variant: the production variant.
        port: where it listens.
        process: its process.
        logs: its log stream.
        hostname: the container's.
        direct: its followers are asked by their names, not one after the other.
        following: the servers of the model's further containers.
        pool: connections to it.
        in_flight: the invocations that it answers now.
        lost: nobody listens at its port any more.
    """

    variant: str
    port: int
    process: Process
    logs: LogStream
    hostname: str = PRIMARY
    direct: bool = False
    following: "list[Server]" = field(default_factory=list)
    pool: urllib3.HTTPConnectionPool = field(init=False)
    in_flight: int = 0
    lost: bool = False

    def __post_init__(self) -> None:
        self.pool = urllib3.HTTPConnectionPool("127.0.0.1", self.port, maxsize=32, retries=False)

    @property
    def all(self) -> "list[Server]":
        """It and all that follow."""
        return [self, *self.following]

    @property
    def alive(self) -> bool:
        """Whether all its processes run."""
        return not self.lost and all(server.process.poll() is None for server in self.all)

    def post(self, request: Request, *, stream: bool = False) -> Reply:
        """Send one invocation through the model's containers.

        Args:
            request: the invocation.
            stream: return as soon as the last container begins to answer.
        """
        if self.direct:
            chosen = next(server for server in self.all if server.hostname == request.container)
            return chosen._ask(request.body, request.headers, request.timeout_seconds, stream=stream)
        reply = Reply(200, {}, request.body)
        *before, last = self.all
        # What the caller wants to get is the last container's to make.
        inner = {name: value for name, value in request.headers.items() if name.upper() != "ACCEPT"}
        for server in before:
            reply = server._ask(reply.body, inner, request.timeout_seconds)
            if reply.status >= 400:
                return reply
            inner["CONTENT-TYPE"] = content_type(reply.headers)
        headers = {**request.headers, "CONTENT-TYPE": inner["CONTENT-TYPE"]} if before else request.headers
        return last._ask(reply.body, headers, request.timeout_seconds, stream=stream)

    def _ask(self, body: bytes, headers: dict[str, str], timeout: float, *, stream: bool = False) -> Reply:
        answer = self.pool.request(
            "POST",
            "/invocations",
            body=body,
            headers=headers,
            timeout=timeout,
            redirect=False,
            preload_content=not stream,
        )
        parts = _parts(answer) if stream else ()
        return Reply(answer.status, dict(answer.headers), b"" if stream else answer.data, self.hostname, parts)

    def await_ping(self) -> None:
        """Wait until it answers, and all that follow.

        Raises:
            FleetError: one ended, or did not answer in time.
        """
        for server in self.all:
            server._await_own()

    def _await_own(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.pool.request("GET", "/ping", timeout=2).status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                time.sleep(_ASK_SECONDS)
        raise FleetError(
            f"The {self.hostname} container for production variant {self.variant} did not pass the ping health check. "
            "Please check CloudWatch logs for this endpoint."
        )

    def stop(self) -> None:
        """End it, and all that follow."""
        for server in self.all:
            server.process.stop()
            server.logs.close()
            server.pool.close()


class Launcher:
    """Starts the model servers of one deployment.

    Args:
        host: the local cloud.
        region: the endpoint's.
        endpoint: its name.
        folder: where the models are extracted; it is the deployment's own.
    """

    def __init__(self, host: Host, region: str, endpoint: str, folder: Path) -> None:
        self._host = host
        self._region = region
        self._endpoint = endpoint
        self.folder = folder
        self._fetched: dict[str, Container] = {}

    def artifact(self, model_name: str) -> Artifact:
        """Return what a model serves; a model package gives what its container leaves open.

        Raises:
            FleetError: there is no such model, or it is of a kind that can't be served here.
        """
        model = self._host.collection(self._region, "Model").get(model_name)
        if model is None:
            raise FleetError(f'Could not find model "{model_name}".')
        containers = model.get("Containers") or [model.get("PrimaryContainer") or {}]
        if len(containers) == 1:
            return self._artifact(containers[0], PRIMARY)
        mode = (model.get("InferenceExecutionConfig") or {}).get("Mode", "Serial")
        first, *others = (
            self._artifact(container, container.get("ContainerHostname") or f"container-{number}")
            for number, container in enumerate(containers, 1)
        )
        return replace(first, following=tuple(others), direct=mode == "Direct")

    def _artifact(self, container: dict[str, Any], hostname: str) -> Artifact:
        inner = self._packaged(container.get("ModelPackageName"))
        url = container.get("ModelDataUrl") or inner.get("ModelDataUrl") or _data_source(container or inner)
        environment = (inner.get("Environment") or {}) | (container.get("Environment") or {})
        return Artifact(url or _data_source(inner), environment, container.get("Mode") == "MultiModel", hostname)

    def launch(self, variant: str, number: int, artifact: Artifact) -> Server:
        """Start a server, with one for each further container; they may not answer yet.

        Raises:
            FleetError: the model has no data.
            ObjectError: its data can't be fetched.
        """
        server = self._launch(variant, number, artifact)
        try:
            server.following += [self._launch(variant, number, other) for other in artifact.following]
        except (FleetError, ObjectError):
            server.stop()
            raise
        return server

    def _launch(self, variant: str, number: int, artifact: Artifact) -> Server:
        container = self._container(variant, artifact)
        model = container.folder("/opt/ml/model")
        environment = clean_environment(self._host.clients.endpoint_url, self._region, container.root)
        environment |= {"SM_MODEL_DIR": str(model), **container.rewrite_all(artifact.environment)}
        suffix = "" if artifact.hostname == PRIMARY else f"/{artifact.hostname}"
        logs = LogStream(
            self._host.client("logs", self._region),
            f"/aws/sagemaker/Endpoints/{self._endpoint}",
            f"{variant}/i-{self.folder.name[-14:]}{number:03d}{suffix}",
        )
        port = _free_port()
        command = [sys.executable, "-m", "modelyard.localcloud.runtime.model_server"]
        command += ["--model-dir", str(model), "--port", str(port)]
        process = Process(command, model, environment, logs.write, opt_ml=container.ml)
        return Server(variant, port, process, logs, artifact.hostname, artifact.direct)

    def _packaged(self, package_name: str | None) -> dict[str, Any]:
        if not package_name:
            return {}
        package = self._host.collection(self._region, "ModelPackage").get(package_name)
        if package is None:
            raise FleetError(f"Could not find model package {package_name}.")
        inner: dict[str, Any] = package["InferenceSpecification"]["Containers"][0]
        return inner

    def _container(self, variant: str, artifact: Artifact) -> Container:
        """Return the folder of a model, fetched once for all of a variant's servers."""
        key = f"{variant}/{artifact.hostname}/{artifact.data_url}"
        if key not in self._fetched:
            if not artifact.data_url:
                raise FleetError("The local cloud serves models that have a ModelDataUrl.")
            container = Container(self.folder / f"{variant}-{len(self._fetched)}")
            self._fetch(artifact, container, container.folder("/opt/ml/model"))
            self._fetched[key] = container
        return self._fetched[key]

    def _fetch(self, artifact: Artifact, container: Container, model: Path) -> None:
        s3 = self._host.client("s3", self._region)
        archives = [(artifact.data_url, model)]
        code = artifact.environment.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
        if code.startswith("s3://"):
            archives.append((code, model / "code"))
        for number, (uri, folder) in enumerate(archives):
            if uri.endswith("/"):  # uncompressed, as a ModelDataSource may be
                objects.download_prefix(s3, uri, folder)
                continue
            archive = container.root / f"{number}.tar.gz"
            objects.download_file(s3, uri, archive)
            objects.unpack(archive, folder)
            archive.unlink()


def content_type(headers: Mapping[str, str]) -> str:
    """Return what a body is, as its headers say."""
    return next((value for name, value in headers.items() if name.lower() == "content-type"), "text/plain")


def _parts(answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """Yield a body's chunks; one that nobody reads to its end costs its connection."""
    with contextlib.closing(answer):
        yield from answer.stream()


def _data_source(container: dict[str, Any]) -> str:
    return str(container.get("ModelDataSource", {}).get("S3DataSource", {}).get("S3Uri", ""))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
