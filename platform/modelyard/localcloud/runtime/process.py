"""One subprocess of a job or an endpoint: its clean environment, its output, its end."""

import contextlib
import functools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

GRACE_SECONDS = 10
_LEASH = Path(__file__).with_name("leash.py")
_PROBE_SECONDS = 20


class End(Enum):
    """Why a process ended."""

    EXITED = "exited"
    STOPPED = "stopped"
    TIMED_OUT = "timed out"


@dataclass(frozen=True)
class Outcome:
    """How a process ended; the exit code is 128 and the signal's number after a signal."""

    end: End
    exit_code: int


class Process:
    """A command on a leash: it dies with the local cloud, whatever becomes of that.

    Args:
        command: program and arguments.
        folder: its working folder.
        environment: all of its environment.
        on_line: called with each line that it writes, in a thread of its own.
        memory_bytes: the most memory that each of its processes may ask for; 0 is any.
        opt_ml: what it sees as `/opt/ml`, where this machine can show it; None is nothing.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        on_line: Callable[[str], None],
        *,
        memory_bytes: int = 0,
        opt_ml: Path | None = None,
    ) -> None:
        shown = opt_ml if opt_ml and can_show_opt_ml() else None
        self._popen = subprocess.Popen(
            [*_leash(memory_bytes, shown), *command],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._on_line = on_line
        self._reader = threading.Thread(target=self._read, name=f"output of {self._popen.pid}", daemon=True)
        self._reader.start()

    def run(self, stopping: threading.Event, timeout: float) -> Outcome:
        """Wait for the end.

        Args:
            stopping: set by whoever wants it to end early.
            timeout: seconds until it is ended.
        """
        deadline = time.monotonic() + timeout
        end = End.EXITED
        while self._popen.poll() is None:
            if stopping.wait(0.05):
                end = End.STOPPED
            elif time.monotonic() > deadline:
                end = End.TIMED_OUT
            if end is not End.EXITED:
                self.stop()
        self._close()
        return Outcome(end, self._popen.returncode)

    @property
    def pid(self) -> int:
        """The process that holds the leash; the command is its child."""
        return self._popen.pid

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self._popen.poll()

    def stop(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Ask the process to end and wait; it is killed after the grace period."""
        with contextlib.suppress(ProcessLookupError):
            self._popen.terminate()
        try:
            self._popen.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        self._close()

    def kill(self) -> None:
        """End it now: closing its standard input makes the leash kill the whole group."""
        if self._popen.stdin:
            self._popen.stdin.close()
        try:
            self._popen.wait(5)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    def _close(self) -> None:
        self._reader.join(timeout=5)
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe:
                pipe.close()

    def _read(self) -> None:
        if self._popen.stdout is None:
            return
        with contextlib.suppress(ValueError):
            for line in self._popen.stdout:
                self._on_line(line.decode(errors="replace").rstrip("\r\n"))


def _leash(memory_bytes: int, opt_ml: Path | None) -> list[str]:
    bounds = [str(GRACE_SECONDS), str(memory_bytes), str(opt_ml or "")]
    return [sys.executable, "-I", "-S", str(_LEASH), *bounds]


@functools.cache
def can_show_opt_ml() -> bool:
    """Whether a process on this machine can see a folder of ours as `/opt/ml`; asked once, by trying it."""
    if sys.platform != "linux":
        return False
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "here").touch()
        command = [*_leash(0, Path(folder)), "test", "-f", "/opt/ml/here"]
        # The leash holds on to its standard input: it must stay open.
        asked = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with asked:
            try:
                return asked.wait(_PROBE_SECONDS) == 0
            except subprocess.TimeoutExpired:
                asked.kill()
                return False


def clean_environment(endpoint_url: str, region: str, folder: Path, python: Path | None = None) -> dict[str, str]:
    """Return what every subprocess gets: the way to the local cloud and nothing of the server's own environment.

    Args:
        endpoint_url: the local cloud.
        region: the region of the job or endpoint.
        folder: where its temporary files and its home go.
        python: the Python that `python` and `python3` are; None is the cloud's own.
    """
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    programs = dict.fromkeys(str(each.parent) for each in (python, Path(sys.executable)) if each)
    return {
        "PATH": os.pathsep.join([*programs, os.environ.get("PATH", os.defpath)]),
        "HOME": str(folder),
        "TMPDIR": str(temporary),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
