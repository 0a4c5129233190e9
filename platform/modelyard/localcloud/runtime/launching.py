"""One model server: its model fetched from S3, its process started and asked whether it answers."""

import contextlib
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from modelyard.localcloud.runtime import objects
from modelyard.localcloud.runtime.container import Container
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.logs import LogStream
from modelyard.localcloud.runtime.process import Process, clean_environment

START_TIMEOUT_SECONDS = 240.0
INVOKE_TIMEOUT_SECONDS = 60.0
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
    """

    data_url: str
    environment: dict[str, str]
    multi: bool = False


@dataclass(eq=False)
class Server:
    """One model server.

    Args:
        variant: the production variant.
        port: where it listens.
        process: its process.
        logs: its log stream.
        pool: connections to it.
        in_flight: the invocations that it answers now.
    """

    variant: str
    port: int
    process: Process
    logs: LogStream
    pool: urllib3.HTTPConnectionPool = field(init=False)
    in_flight: int = 0

    def __post_init__(self) -> None:
        self.pool = urllib3.HTTPConnectionPool("127.0.0.1", self.port, maxsize=32, retries=False)

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process.poll() is None

    def post(
        self, body: bytes, headers: dict[str, str], timeout: float = INVOKE_TIMEOUT_SECONDS
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one invocation and return status, headers and body."""
        answer = self.pool.request("POST", "/invocations", body=body, headers=headers, timeout=timeout, redirect=False)
        return answer.status, dict(answer.headers), answer.data

    def await_ping(self) -> None:
        """Wait until it answers.

        Raises:
            FleetError: it ended, or did not answer in time.
        """
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline and self.alive:
            try:
                if self.pool.request("GET", "/ping", timeout=2).status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                time.sleep(_ASK_SECONDS)
        raise FleetError(
            f"The primary container for production variant {self.variant} did not pass the ping health check. "
            "Please check CloudWatch logs for this endpoint."
        )

    def stop(self) -> None:
        """End it."""
        self.process.stop()
        self.logs.close()
        self.pool.close()


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
        if len(containers) != 1:
            raise FleetError("The local cloud serves models of one container, not inference pipelines.")
        container = containers[0]
        inner = self._packaged(container.get("ModelPackageName"))
        url = container.get("ModelDataUrl") or inner.get("ModelDataUrl") or _data_source(container or inner)
        environment = (inner.get("Environment") or {}) | (container.get("Environment") or {})
        return Artifact(url or _data_source(inner), environment, container.get("Mode") == "MultiModel")

    def launch(self, variant: str, number: int, artifact: Artifact) -> Server:
        """Start a server; it may not answer yet.

        Raises:
            FleetError: the model has no data.
            ObjectError: its data can't be fetched.
        """
        container = self._container(variant, artifact)
        model = container.folder("/opt/ml/model")
        environment = clean_environment(self._host.clients.endpoint_url, self._region, container.root)
        environment |= {"SM_MODEL_DIR": str(model), **container.rewrite_all(artifact.environment)}
        logs = LogStream(
            self._host.client("logs", self._region),
            f"/aws/sagemaker/Endpoints/{self._endpoint}",
            f"{variant}/i-{self.folder.name[-14:]}{number:03d}",
        )
        port = _free_port()
        command = [sys.executable, "-m", "modelyard.localcloud.runtime.model_server"]
        command += ["--model-dir", str(model), "--port", str(port)]
        process = Process(command, model, environment, logs.write, opt_ml=container.ml)
        return Server(variant, port, process, logs)

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
        key = f"{variant}/{artifact.data_url}"
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


@contextlib.contextmanager
def answering(server: Server) -> Iterator[Server]:
    """Count an invocation as under way."""
    server.in_flight += 1
    try:
        yield server
    finally:
        server.in_flight -= 1


def _data_source(container: dict[str, Any]) -> str:
    return str(container.get("ModelDataSource", {}).get("S3DataSource", {}).get("S3Uri", ""))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
