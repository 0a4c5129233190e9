"""The model servers behind one endpoint, as one configuration describes them."""

import random
import shutil
import socket
import sys
import time
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


class FleetError(Exception):
    """A model can't be served; the message is the endpoint's FailureReason."""


@dataclass(frozen=True)
class Artifact:
    """What one container serves.

    Args:
        data_url: its `model.tar.gz`; empty if it has none.
        environment: its own variables.
    """

    data_url: str
    environment: dict[str, str]


@dataclass
class Server:
    """One model server.

    Args:
        variant: the production variant.
        weight: its share of the traffic.
        port: where it listens.
        process: its process.
        logs: its log stream.
        pool: connections to it.
    """

    variant: str
    weight: float
    port: int
    process: Process
    logs: LogStream
    pool: urllib3.HTTPConnectionPool = field(init=False)

    def __post_init__(self) -> None:
        self.pool = urllib3.HTTPConnectionPool("127.0.0.1", self.port, maxsize=16, retries=False)

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Send one invocation and return status, headers and body."""
        answer = self.pool.request(
            "POST", "/invocations", body=body, headers=headers, timeout=INVOKE_TIMEOUT_SECONDS, redirect=False
        )
        return answer.status, dict(answer.headers), answer.data

    def stop(self) -> None:
        """End it."""
        self.process.stop()
        self.logs.close()
        self.pool.close()


class Fleet:
    """All model servers of one deployment.

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
        self._folder = folder
        self.servers: dict[str, Server] = {}

    def start(self, variants: list[dict[str, Any]]) -> None:
        """Start a server for each variant and wait until all answer.

        Raises:
            FleetError: one does not; those that were started are stopped.
        """
        try:
            for variant in variants:
                name = variant["VariantName"]
                weight = float(variant.get("InitialVariantWeight", 1.0))
                self.servers[name] = self._launch(name, weight, self._artifact(variant))
            for server in self.servers.values():
                _await_ping(server)
        except (FleetError, objects.ObjectError) as error:
            self.stop()
            raise FleetError(str(error)) from error

    def choose(self, variant: str | None) -> Server | None:
        """Return the server of a variant, or any by weight; None if there is no such variant."""
        if variant:
            return self.servers.get(variant)
        servers = list(self.servers.values())
        weights = [server.weight for server in servers]
        return random.choices(servers, weights if any(weights) else None)[0]

    def stop(self) -> None:
        """End all servers and delete their files."""
        for server in self.servers.values():
            server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _artifact(self, variant: dict[str, Any]) -> Artifact:
        model = self._host.collection(self._region, "Model").get(variant.get("ModelName", ""))
        if model is None:
            raise FleetError(f'Could not find model "{variant.get("ModelName", "")}".')
        containers = model.get("Containers") or [model.get("PrimaryContainer") or {}]
        if len(containers) != 1:
            raise FleetError("The local cloud serves models of one container, not inference pipelines.")
        return self._resolve(containers[0])

    def _resolve(self, container: dict[str, Any]) -> Artifact:
        """Return what a container serves; a model package gives what the container leaves open."""
        package_name = container.get("ModelPackageName")
        inner: dict[str, Any] = {}
        if package_name:
            package = self._host.collection(self._region, "ModelPackage").get(package_name)
            if package is None:
                raise FleetError(f"Could not find model package {package_name}.")
            inner = package["InferenceSpecification"]["Containers"][0]
        url = container.get("ModelDataUrl") or inner.get("ModelDataUrl") or _data_source(container or inner)
        return Artifact(
            url or _data_source(inner), (inner.get("Environment") or {}) | (container.get("Environment") or {})
        )

    def _launch(self, variant: str, weight: float, artifact: Artifact) -> Server:
        container = Container(self._folder / variant)
        model = container.folder("/opt/ml/model")
        self._fetch(artifact, container, model)
        environment = clean_environment(self._host.clients.endpoint_url, self._region, container.root)
        environment |= {"SM_MODEL_DIR": str(model), **container.rewrite_all(artifact.environment)}
        logs = LogStream(
            self._host.client("logs", self._region),
            f"/aws/sagemaker/Endpoints/{self._endpoint}",
            f"{variant}/i-{self._folder.name.rjust(17, '0')}",
        )
        port = _free_port()
        command = [sys.executable, "-m", "modelyard.localcloud.runtime.model_server"]
        command += ["--model-dir", str(model), "--port", str(port)]
        return Server(variant, weight, port, Process(command, model, environment, logs.write), logs)

    def _fetch(self, artifact: Artifact, container: Container, model: Path) -> None:
        s3 = self._host.client("s3", self._region)
        if not artifact.data_url:
            raise FleetError("The local cloud serves models that have a ModelDataUrl.")
        archives = [(artifact.data_url, model)]
        code = artifact.environment.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
        if code.startswith("s3://"):
            archives.append((code, model / "code"))
        for number, (uri, folder) in enumerate(archives):
            archive = container.root / f"{number}.tar.gz"
            objects.download_file(s3, uri, archive)
            objects.unpack(archive, folder)
            archive.unlink()


def _data_source(container: dict[str, Any]) -> str:
    return str(container.get("ModelDataSource", {}).get("S3DataSource", {}).get("S3Uri", ""))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_ping(server: Server) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            if server.pool.request("GET", "/ping", timeout=2).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
    raise FleetError(
        f"The primary container for production variant {server.variant} did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint."
    )
