"""The instances of a transform job: a model server each."""

import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from modelyard.localcloud.runtime import artifacts
from modelyard.localcloud.runtime.container import Container
from modelyard.localcloud.runtime.jobs import JobError, Run
from modelyard.localcloud.runtime.logs import LogStream
from modelyard.localcloud.runtime.process import Process, clean_environment

LOG_GROUP = "/aws/sagemaker/TransformJobs"
START_TIMEOUT_SECONDS = 240.0
DEFAULT_TIMEOUT_SECONDS = 600.0
DEFAULT_RETRIES = 3


class InvocationError(Exception):
    """The model did not answer a request; the message is for the job's FailureReason."""


@dataclass(frozen=True)
class Client:
    """How a model is asked.

    Args:
        content_type: of requests.
        accept: of answers.
        timeout_seconds: for one request.
        retries: how often a request is sent again.
    """

    content_type: str
    accept: str
    timeout_seconds: float
    retries: int


class Instance:
    """One model server.

    Args:
        run: the job.
        container: its folder; the model is extracted into it.
        artifact: the model.
        environment: further variables.
    """

    def __init__(
        self, run: Run, container: Container, artifact: artifacts.ModelArtifact, environment: dict[str, str]
    ) -> None:
        artifacts.fetch(run.host.client("s3", run.region), artifact, container)
        model = container.path("/opt/ml/model")
        port = _free_port()
        variables = clean_environment(run.host.clients.endpoint_url, run.region, container.root)
        variables |= container.rewrite_all({"SM_MODEL_DIR": "/opt/ml/model", **artifact.environment, **environment})
        self._logs = LogStream(run.host.client("logs", run.region), LOG_GROUP, f"{run.name}/{container.root.name}")
        self._process = Process(_command(model, port), model, variables, self._logs.write, opt_ml=container.ml)
        self._pool = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=16, retries=False)

    def await_ready(self, stopping: threading.Event) -> None:
        """Wait until the model is loaded.

        Raises:
            JobError: it never is.
        """
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None and not stopping.is_set():
            try:
                if self._pool.request("GET", "/ping", timeout=2).status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                time.sleep(0.05)
        if not stopping.is_set():
            raise JobError("AlgorithmError: the model did not pass the ping health check; see the job's logs")

    def ask(self, body: bytes, client: Client) -> bytes:
        """Send one request.

        Raises:
            InvocationError: the model answers with an error, or not in time, however often it is asked.
        """
        said = ""
        for _ in range(client.retries + 1):
            try:
                answer = self._pool.request(
                    "POST",
                    "/invocations",
                    body=body,
                    headers={"Content-Type": client.content_type, "Accept": client.accept},
                    timeout=client.timeout_seconds,
                    redirect=False,
                )
            except urllib3.exceptions.HTTPError as error:
                said = f"no answer: {error}"
                if self._process.poll() is not None:
                    break
                continue
            if answer.status < 400:
                return bytes(answer.data)
            said = f"{answer.status}: {answer.data.decode(errors='replace')}"
            if answer.status < 500:
                break
        raise InvocationError(said)

    def stop(self) -> None:
        """End it."""
        self._process.stop()
        self._logs.close()
        self._pool.close()


def client_of(job: dict[str, Any]) -> Client:
    """Return how a job's model is asked."""
    settings = job.get("ModelClientConfig") or {}
    return Client(
        content_type=job["TransformInput"].get("ContentType") or "application/octet-stream",
        accept=job["TransformOutput"].get("Accept") or "",
        timeout_seconds=float(settings.get("InvocationsTimeoutInSeconds", DEFAULT_TIMEOUT_SECONDS)),
        retries=int(settings.get("InvocationsMaxRetries", DEFAULT_RETRIES)),
    )


def _command(model: Path, port: int) -> list[str]:
    server = [sys.executable, "-m", "modelyard.localcloud.runtime.model_server"]
    return [*server, "--model-dir", str(model), "--port", str(port)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
