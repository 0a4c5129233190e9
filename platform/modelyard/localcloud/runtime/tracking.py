"""Tracking servers: a real MLflow for each, on SQLite, with artifacts in the local cloud's S3.

MLflow is no dependency of the local cloud. The Python that `MODELYARD_MLFLOW_PYTHON` names runs it, or else the cloud's
own where MLflow is installed. Where there is none, a tracking server exists but is inactive, and says what to install.
"""

import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.runtime.process import Process, clean_environment

KIND = "MlflowTrackingServer"
VARIABLE = "MODELYARD_MLFLOW_PYTHON"
START_TIMEOUT_SECONDS = 180.0
_PROBE_TIMEOUT_SECONDS = 30
_PROBE = """
import importlib.metadata, importlib.util, sys
missing = [name for name in ("mlflow", "flask", "sqlalchemy", "boto3") if importlib.util.find_spec(name) is None]
print(" ".join(missing) if missing else importlib.metadata.version("mlflow"))
sys.exit(1 if missing else 0)
"""
_log = logging.getLogger(__name__)

Key = tuple[str, str]
Document = dict[str, Any]


@dataclass(frozen=True)
class Interpreter:
    """A Python that may have MLflow.

    Args:
        python: its path.
        version: MLflow's version; empty if it has none.
        problem: why it can't run MLflow, and what to do; empty if it can.
    """

    python: str
    version: str = ""
    problem: str = ""


def interpreter() -> Interpreter:
    """Look for a Python that has MLflow, and all that a server of it needs."""
    python = os.environ.get(VARIABLE) or sys.executable
    remedy = (
        f"pip install mlflow boto3, or set {VARIABLE} to a Python that has them; then 'modelyard cloud stop' and "
        "'modelyard cloud start'"
    )
    try:
        done = subprocess.run(
            [python, "-c", _PROBE], capture_output=True, text=True, timeout=_PROBE_TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Interpreter(python, problem=f"{python} can't be run ({error}): {remedy}")
    said = done.stdout.strip()
    if done.returncode:
        return Interpreter(python, problem=f"{python} has no {said or 'usable Python'}: {remedy}")
    return Interpreter(python, version=said)


class TrackingServers:
    """All tracking servers that run.

    Args:
        host: the local cloud.
        find: looks for a Python with MLflow.
    """

    def __init__(self, host: Host, find: Callable[[], Interpreter] = interpreter) -> None:
        self._host = host
        self._find = find
        self._running: dict[Key, Process] = {}
        self._starting: set[Key] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()

    def start(self, region: str, name: str, status: str) -> None:
        """Start a server in the background; its status becomes the given one once it answers, or can't be run."""
        self._starting.add((region, name))
        thread = threading.Thread(target=self._begin, args=(region, name, status), name=name, daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        thread.start()

    def stop(self, region: str, name: str) -> None:
        """Stop a server; its runs and models stay."""
        with self._lock:
            process = self._running.pop((region, name), None)
        if process:
            process.stop()
        self._host.collection(region, KIND).update(name, IsActive="Inactive")

    def forget(self, region: str, name: str) -> None:
        """Stop a server and delete its database; what is in S3 of it stays."""
        self.stop(region, name)
        shutil.rmtree(self._folder(region, name), ignore_errors=True)

    def recover(self) -> None:
        """Run again what ran when the cloud stopped."""
        for region, document in self._documents():
            self._host.collection(region, KIND).update(document["TrackingServerName"], IsActive="Inactive")
            if document["TrackingServerStatus"] not in ("Stopped", "Stopping"):
                self.start(region, document["TrackingServerName"], _settled(document["TrackingServerStatus"]))

    def close(self) -> None:
        """End all servers because the cloud stops; the documents stay as they are."""
        self._closing.set()
        with self._lock:
            processes = list(self._running.values())
            self._running.clear()
        stoppers = [threading.Thread(target=process.stop) for process in processes]
        for thread in stoppers:
            thread.start()
        for thread in [*stoppers, *self._threads]:
            thread.join(timeout=20)

    def summaries(self) -> list[Document]:
        """Return the name, address and state of each server, and why one does not run."""
        return [
            {
                "name": document["TrackingServerName"],
                "url": document["TrackingServerUrl"],
                "active": document["IsActive"] == "Active",
                "starting": (region, document["TrackingServerName"]) in self._starting,
                "problem": document.get("Problem") or "",
            }
            for region, document in self._documents()
        ]

    def _documents(self) -> list[tuple[str, Document]]:
        regions = sorted(self._host.store.regions())
        return [(region, document) for region in regions for document in self._host.collection(region, KIND).all()]

    def _folder(self, region: str, name: str) -> Path:
        return self._host.folder / "tracking" / region / name

    def _begin(self, region: str, name: str, status: str) -> None:
        try:
            self._start(region, name, status)
        finally:
            self._starting.discard((region, name))

    def _start(self, region: str, name: str, status: str) -> None:
        documents = self._host.collection(region, KIND)
        document = documents.get(name)
        found = self._find()
        if document is None or self._closing.is_set():
            return
        if found.problem:
            _log.warning("tracking server %s: %s", name, found.problem)
            self._settle(region, name, status, Problem=found.problem)
            return
        port = document["Port"] if _is_free(document["Port"]) else free_port()
        documents.update(name, Port=port, TrackingServerUrl=url(port), MlflowVersion=found.version, Problem="")
        process = self._launch(region, document, found.python, port)
        if _answers(process, port, self._closing):
            self._keep(region, name, status, process)
        elif not self._closing.is_set():
            problem = f"MLflow did not start: read {self._folder(region, name) / 'mlflow.log'}"
            _log.warning("tracking server %s: %s", name, problem)
            process.stop()
            self._settle(region, name, f"{_doing(status)}Failed", Problem=problem)
        else:
            process.stop()

    def _keep(self, region: str, name: str, status: str, process: Process) -> None:
        """Let a server that answers be the one, unless it was deleted or the cloud stops meanwhile."""
        with self._lock:
            wanted = not self._closing.is_set() and self._host.collection(region, KIND).get(name) is not None
            before = self._running.pop((region, name), None)
            if wanted:
                self._running[region, name] = process
        for other in (before, None if wanted else process):
            if other:
                other.stop()
        if wanted:
            self._settle(region, name, status, IsActive="Active")
        elif not self._closing.is_set():
            shutil.rmtree(self._folder(region, name), ignore_errors=True)

    def _settle(self, region: str, name: str, status: str, **changes: Any) -> None:
        moment = now()
        self._host.collection(region, KIND).update(
            name, TrackingServerStatus=status, LastModifiedTime=moment, **changes
        )

    def _launch(self, region: str, document: Document, python: str, port: int) -> Process:
        folder = self._folder(region, document["TrackingServerName"])
        folder.mkdir(parents=True, exist_ok=True)
        endpoint = self._host.clients.endpoint_url
        environment = clean_environment(endpoint, region, folder) | {
            "MLFLOW_S3_ENDPOINT_URL": endpoint,
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        }
        environment.pop("PYTHONDONTWRITEBYTECODE")  # it is large: compiled once, it starts in a third of the time
        command = [python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
        command += ["--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}"]
        command += ["--artifacts-destination", document["ArtifactStoreUri"]]
        log = folder / "mlflow.log"

        def write(line: str) -> None:
            with log.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")

        return Process(command, folder, environment, write)


def url(port: int) -> str:
    """Return the address of a server."""
    return f"http://127.0.0.1:{port}"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _answers(process: Process, port: int, closing: threading.Event) -> bool:
    """Wait until a server is healthy; false when it ends or never is."""
    pool = urllib3.HTTPConnectionPool("127.0.0.1", port, retries=False)
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None and not closing.is_set():
        try:
            if pool.request("GET", "/health", timeout=2).status == 200:
                return True
        except urllib3.exceptions.HTTPError:
            pass
        closing.wait(0.1)
    return False


def _doing(status: str) -> str:
    """Return the word of what was being done, as in `CreateFailed`."""
    return {"Created": "Create", "Updated": "Update", "Started": "Start"}.get(status, "Start")


def _settled(status: str) -> str:
    """Return the status that a server has once it runs again."""
    return {"Creating": "Created", "Updating": "Updated", "Starting": "Started"}.get(status, status)
