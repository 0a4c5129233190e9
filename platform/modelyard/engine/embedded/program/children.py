"""Child processes that run programs: forked from a process that has Pulumi loaded, or started from nothing.

Loading Pulumi takes longer than most programs do. So the first program of this process starts a *forker*, a process
without threads that loads Pulumi once and forks a child for each program (`forker.py` is what it does). A child is as
separate as one started from nothing: it has its own session, streams, folder and environment. Where the environment has
a variable that only a new interpreter would heed, the program has a virtual environment of its own, or the system can't
fork safely, a child is started from nothing.
"""

import atexit
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

LAUNCHER = "modelyard.engine.embedded.program.launcher"
HEADER = struct.Struct("!I")
_ROOT = Path(__file__).parents[4]
# A program in another virtual environment finds what that has, and of ours this package alone.
_ELSEWHERE = f"""
import runpy, sys
try:
    import pulumi
except ImportError:
    sys.exit(f"pulumi is not installed in {{sys.prefix}}\\n  -> {{sys.executable}} -m pip install pulumi")
sys.path.append({str(_ROOT)!r})
import modelyard.engine.embedded.program.sdk
sys.path.remove({str(_ROOT)!r})
runpy.run_module({LAUNCHER!r}, run_name="__main__", alter_sys=True)
"""
_AT_START = ("PYTHON", "LD_", "LC_", "LANG", "MALLOC_", "GRPC_", "OTEL_", "TRACEPARENT", "PULUMI_OTEL_")
_ANYTIME = {"PYTHONUNBUFFERED"}
_TASKS = Path("/proc/self/task")


class Child(Protocol):
    """A program that runs; its standard output and error come as one stream."""

    output: IO[str]

    def wait(self, timeout: float) -> int | None:
        """Return the exit code, negative for a signal; none if it still runs after so many seconds."""

    def kill(self) -> None:
        """End it at once."""

    def close(self) -> None:
        """Let go of its streams."""


def start(arguments: Sequence[str], environment: Mapping[str, str], python: Path | None = None) -> Child:
    """Start a program.

    Args:
        arguments: those of the launcher.
        environment: all of the program's environment variables.
        python: that of the program's own virtual environment; where there is none, this process's does as well.
    """
    if python is not None and python.exists() and not python.parent.parent.samefile(sys.prefix):
        return _Spawned([str(python), "-P", "-u", "-c", _ELSEWHERE, *arguments], environment)
    if sys.platform == "linux" and _forkable(environment):
        forker = _Forker.shared()
        with suppress(OSError):  # it has gone, killed for memory perhaps: the next one may live longer
            return forker.start(arguments, environment)
        forker.close()
    return _Spawned([sys.executable, "-P", "-u", "-m", LAUNCHER, *arguments], environment)


def may_fork_from_here() -> None:
    """Let this very process, with all it has loaded, be the one that children are forked from.

    It is for a command line, whose process is its own from the start. Where the first program finds a second thread, a
    forker is started after all.
    """
    _Forker.from_here = True


def prepare() -> None:
    """Start the forker now; a program that starts later finds it ready."""
    if sys.platform == "linux":
        _Forker.shared()


def _alone() -> bool:
    """Tell whether this process has one thread, those of libraries included."""
    return len(list(_TASKS.iterdir())) == 1


def _start_forker() -> tuple[socket.socket, int]:
    mine, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-u", "-m", LAUNCHER, "--serve", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    process.returncode = 0  # `_Forker.close` waits for it
    return mine, process.pid


def _fork_here() -> tuple[socket.socket, int]:
    mine, theirs = socket.socketpair()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _become_forker(theirs)
    theirs.close()
    return mine, pid


def _become_forker(control: socket.socket) -> None:
    try:
        from modelyard.engine.embedded.program import forker, launcher  # noqa: F401 - the second is there for its children

        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        kept = control.fileno()
        os.closerange(3, kept)
        os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))
        if not sys.flags.safe_path:
            del sys.path[0]  # the folder of the command, which is no program's business
        forker.serve(control)
    finally:
        os._exit(1)


def _forkable(environment: Mapping[str, str]) -> bool:
    """Tell whether a forked child would heed an environment as a new interpreter does."""
    if environment.get("TRACEPARENT"):
        return False
    names = {name for name in (*environment, *os.environ) if name.startswith(_AT_START)} - _ANYTIME
    return all(environment.get(name, "") == os.environ.get(name, "") for name in names)


class _Spawned:
    """A child that was started from nothing."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches the engine alone, which ends the program in order
            env=dict(environment),
        )
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        self.output = self._process.stdout

    def wait(self, timeout: float) -> int | None:
        """Return the exit code, if it has ended."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Let go of its streams."""
        for stream in (self._process.stdin, self.output):
            if stream is not None:
                stream.close()


class _Forked:
    """A child of the forker, which tells its exit code through a socket and kills it when that is closed."""

    def __init__(self, status: socket.socket, leash: int, output: int) -> None:
        self._status, self._leash = status, leash
        self.output: IO[str] = os.fdopen(output, encoding="utf-8", errors="replace")

    def wait(self, timeout: float) -> int | None:
        """Return the exit code, if it has ended."""
        self._status.settimeout(timeout)
        try:
            told = self._status.recv(16)
        except TimeoutError:
            return None
        return int(told) if told else -signal.SIGKILL  # the forker is gone: the child ends with its standard input

    def kill(self) -> None:
        """End it."""
        with suppress(OSError):
            self._status.shutdown(socket.SHUT_WR)
            self.wait(timeout=5.0)

    def close(self) -> None:
        """Let go of its streams."""
        self._status.close()
        self.output.close()
        os.close(self._leash)


class _Forker:
    """The process that children are forked from.

    Args:
        control: takes requests; the forker ends when it is closed.
        pid: its process, a child of this one.
    """

    current: "_Forker | None" = None
    from_here = False
    _starting = threading.Lock()

    def __init__(self, control: socket.socket, pid: int) -> None:
        self._control, self._pid, self._owner = control, pid, os.getpid()
        self._lock = threading.Lock()
        atexit.register(self.close)

    @classmethod
    def shared(cls) -> "_Forker":
        """Return this process's forker, started now if there is none."""
        with cls._starting:
            if cls.current is None or cls.current._owner != os.getpid():
                cls.current = cls(*(_fork_here() if cls.from_here and _alone() else _start_forker()))
            return cls.current

    def start(self, arguments: Sequence[str], environment: Mapping[str, str]) -> Child:
        """Fork a child.

        Raises:
            OSError: the forker has gone.
        """
        request = json.dumps({"arguments": list(arguments), "environment": dict(environment)}).encode()
        stdin, leash = os.pipe()
        output, stdout = os.pipe()
        mine, theirs = socket.socketpair()
        try:
            with self._lock:
                socket.send_fds(self._control, [HEADER.pack(len(request))], [stdin, stdout, theirs.fileno()])
                self._control.sendall(request)
        finally:
            theirs.close()
            os.close(stdin)
            os.close(stdout)
        return _Forked(mine, leash, output)

    def close(self) -> None:
        """End the forker, and with it what it has forked."""
        type(self).current = None
        atexit.unregister(self.close)
        self._control.close()
        if self._owner == os.getpid():
            with suppress(ChildProcessError):
                os.waitpid(self._pid, 0)
