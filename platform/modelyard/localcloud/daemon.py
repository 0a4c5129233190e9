"""The local cloud as a background process: start it, see it, stop it."""

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from modelyard.errors import CloudError

HOST = "127.0.0.1"
HEALTH_PATH = "/_modelyard/health"
SAVE_PATH = "/_modelyard/save"
CLOCK_PATH = "/_modelyard/clock"
CLOCK_TIMEOUT_SECONDS = 7200.0
START_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 30.0
_CLOCK_TOLERANCE_SECONDS = 2.0
_ACCOUNT = "123456789012"
# Jobs could read the server's environment out of `/proc`: what the caller keeps to itself is not in it.
_SECRET = re.compile(r"^AWS_|SECRET|TOKEN|PASSWORD|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY", re.IGNORECASE)


@dataclass(frozen=True)
class CloudInfo:
    """One running local cloud.

    Args:
        pid: process id of its server.
        port: TCP port on 127.0.0.1.
        endpoint_url: what `AWS_ENDPOINT_URL` is to be.
        home: the `.modelyard` folder it belongs to.
        started_at: when the process was created, in seconds since the epoch.
        damage: what of its saved state could not be read when it started; empty if all could.
    """

    pid: int
    port: int
    endpoint_url: str
    home: Path
    started_at: float
    damage: str = ""


def folder(home: Path) -> Path:
    """Return the folder that holds everything of a local cloud."""
    return home / "cloud"


def log_path(home: Path) -> Path:
    """Return the server's log file."""
    return folder(home) / "cloud.log"


def environment(info: CloudInfo, region: str) -> dict[str, str]:
    """Return the environment variables that point an AWS client to the local cloud.

    The SageMaker SDK asks STS at AWS's own address for the account that its default bucket is named after, whatever
    the variables say; a bucket in its configuration it takes as it is. The user's own configuration wins over this one.
    """
    return {
        "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": str(_sdk_configuration(info, region)),
        "AWS_ENDPOINT_URL": info.endpoint_url,
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _sdk_configuration(info: CloudInfo, region: str) -> Path:
    """Write the SageMaker SDK's configuration for a region, if it isn't there."""
    modules = {"Session": {"DefaultS3Bucket": f"sagemaker-{region}-{_ACCOUNT}"}, "TelemetryOptOut": True}
    text = json.dumps({"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": modules}}}, indent=1)
    path = folder(info.home) / f"sagemaker-sdk-{region}.yaml"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path


def start(home: Path, port: int | None = None) -> CloudInfo:
    """Start the local cloud, or return the one that runs.

    Args:
        home: the `.modelyard` folder.
        port: the port to listen on; None takes the one used last if it is free, else a free one.

    Raises:
        CloudError: the port is in use, or the server did not come up.
    """
    home = home.resolve()
    with _lock(home):
        running = status(home)
        if running is None:
            return _launch(home, _choose_port(home, port))
        if port not in (None, running.port):
            raise CloudError(
                f"the local cloud already runs on port {running.port}",
                hint="stop it first: modelyard cloud stop",
            )
        return running


def status(home: Path) -> CloudInfo | None:
    """Return the running local cloud, or None; a file that a dead server left behind does not count."""
    info = _recorded(home.resolve())
    return info if info and _is_alive(info) and _answers(info) else None


def stop(home: Path, timeout: float = STOP_TIMEOUT_SECONDS) -> bool:
    """Stop the local cloud and wait until its state is saved and no job or endpoint of it is left.

    Args:
        home: the `.modelyard` folder.
        timeout: seconds until what is left is killed.

    Returns:
        Whether one was running.
    """
    with _lock(home.resolve()):
        return _stop(home.resolve(), timeout)


def save(info: CloudInfo) -> None:
    """Have the local cloud save its state now, so that what was reported as done survives a crash."""
    request = urllib.request.Request(info.endpoint_url + SAVE_PATH, method="POST")  # noqa: S310 - our own address
    with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(request, timeout=30):  # noqa: S310
        pass


def tracking(info: CloudInfo) -> list[dict[str, Any]]:
    """Return the MLflow servers of a running cloud: name, url, whether it is active or starting, and what is wrong."""
    # The scheme and host are our own: http on 127.0.0.1.
    with urllib.request.urlopen(info.endpoint_url + HEALTH_PATH, timeout=5) as response:  # noqa: S310
        return list(json.load(response).get("tracking", []))


def clock(info: CloudInfo, **asked: float) -> dict[str, Any]:
    """Show the clock of a running cloud, or set it.

    Args:
        info: the cloud.
        asked: `step`, in seconds, or `speed`.
    """
    request = urllib.request.Request(info.endpoint_url + CLOCK_PATH, json.dumps(asked).encode())  # noqa: S310
    # A step waits for the work of all that was due.
    with urllib.request.urlopen(request, timeout=CLOCK_TIMEOUT_SECONDS) as response:  # noqa: S310 - our own address
        return dict(json.load(response))


def reset(home: Path) -> CloudInfo | None:
    """Forget all resources; a cloud that was running runs again, empty, on the same port."""
    home = home.resolve()
    with _lock(home):
        running = status(home)
        _stop(home, STOP_TIMEOUT_SECONDS)
        for path in folder(home).iterdir():
            if path.name not in {"lock", "port"}:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return _launch(home, running.port) if running else None


@contextlib.contextmanager
def _lock(home: Path) -> Iterator[None]:
    folder(home).mkdir(parents=True, exist_ok=True)
    with (folder(home) / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _recorded(home: Path) -> CloudInfo | None:
    try:
        record = json.loads((folder(home) / "cloud.json").read_text())
        pid, port, started_at = int(record["pid"]), int(record["port"]), float(record["started_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return CloudInfo(pid, port, f"http://{HOST}:{port}", home, started_at, str(record.get("damage", "")))


def _is_alive(info: CloudInfo) -> bool:
    try:
        process = psutil.Process(info.pid)
        same = abs(process.create_time() - info.started_at) < _CLOCK_TOLERANCE_SECONDS
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _answers(info: CloudInfo) -> bool:
    try:
        # The scheme and host are our own: http on 127.0.0.1.
        with urllib.request.urlopen(info.endpoint_url + HEALTH_PATH, timeout=5) as response:  # noqa: S310
            return bool(json.load(response)["pid"] == info.pid)
    except (OSError, urllib.error.URLError, ValueError, KeyError):
        return False


def _choose_port(home: Path, port: int | None) -> int:
    if port is not None:
        if not _is_free(port):
            raise CloudError(f"port {port} is in use", hint="choose another: modelyard cloud start --port PORT")
        return port
    try:
        last = int((folder(home) / "port").read_text())
    except (OSError, ValueError):
        return 0
    return last if _is_free(last) else 0


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _launch(home: Path, port: int) -> CloudInfo:
    (folder(home) / "cloud.json").unlink(missing_ok=True)
    command = [sys.executable, "-m", "modelyard.localcloud.server", "--home", str(home), "--port", str(port)]
    with log_path(home).open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=folder(home),
            env={name: value for name, value in os.environ.items() if not _SECRET.search(name)},
        )
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        info = _recorded(home)
        if info and info.pid == process.pid and _answers(info):
            return info
        time.sleep(0.02)
    process.kill()
    process.wait()
    last = (log_path(home).read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
    raise CloudError(f"the local cloud did not start: {last}", hint=f"read its log: {log_path(home)}")


def _stop(home: Path, timeout: float) -> bool:
    info = _recorded(home)
    if info is None or not _is_alive(info):
        (folder(home) / "cloud.json").unlink(missing_ok=True)
        return False
    server = psutil.Process(info.pid)
    family = [server, *_children(server)]
    server.terminate()
    _, left = psutil.wait_procs(family, timeout=timeout)
    for process in left:
        _kill(process)
    psutil.wait_procs(left, timeout=5)
    (folder(home) / "cloud.json").unlink(missing_ok=True)
    return True


def _children(process: psutil.Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return process.children(recursive=True)
    return []


def _kill(process: psutil.Process) -> None:
    """Kill a process that would not end, with its process group where it leads one."""
    with contextlib.suppress(psutil.Error, ProcessLookupError):
        if process.is_running() and os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
        elif process.is_running():
            process.kill()
