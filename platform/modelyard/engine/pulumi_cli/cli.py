"""Running the Pulumi CLI: found and checked by Pulumi's Automation API, started in a session of its own."""

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType
from typing import IO

from modelyard.engine.pulumi_cli import failures

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the last is the terminal closing
_PAUSE_SECONDS = 0.05
_GRACE_SECONDS = 10.0


@dataclass(frozen=True)
class Finished:
    """What a command came to.

    Args:
        code: its exit code.
        stdout: its standard output.
        stderr: its standard error.
        cancelled: whether the user stopped it.
    """

    code: int
    stdout: str
    stderr: str
    cancelled: bool = False

    @property
    def said(self) -> str:
        """Return all that it wrote, errors first."""
        return f"{self.stderr}\n{self.stdout}"


@cache
def find() -> str:
    """Return the command, once its version is known to fit the Automation API.

    Raises:
        DeploymentError: it is not installed, too old or too new.
    """
    from pulumi import automation

    try:
        automation.PulumiCommand()
    except FileNotFoundError:
        raise failures.missing() from None
    except automation.InvalidVersionError as error:
        if "Could not parse" not in str(error):  # a build without a version is a developer's own
            raise failures.unfit(str(error)) from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise failures.unfit(f"'pulumi version' failed: {error}") from error
    return "pulumi"


@dataclass
class Running:
    """A command that runs, and how to stop it.

    Args:
        process: its process.
        asked: how often the user wanted it to stop.
    """

    process: "subprocess.Popen[bytes]"
    asked: int = field(default=0)

    def stop(self) -> None:
        """Ask it to stop: at first in order, then at once; both are the CLI's own answers to Ctrl-C."""
        self.asked += 1
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGINT)

    def end(self) -> None:
        """Make sure that it is gone, with all it started."""
        if self.process.poll() is None:
            self.stop()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=_GRACE_SECONDS)
        if self.process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def run(
    words: list[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    meanwhile: Callable[[], None] | None = None,
) -> Finished:
    """Run a command to its end.

    Args:
        words: what follows `pulumi`.
        folder: the folder it runs in.
        environment: environment variables over this process's own.
        meanwhile: called again and again while it runs, and once after.

    Raises:
        DeploymentError: there is no CLI that could be run.
    """
    command = [find(), *words]
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,  # Ctrl-C reaches us alone; we pass it on
        )
        running = Running(process)
        try:
            with _interruptible(running):
                _wait(process, meanwhile)
        finally:
            running.end()
        return Finished(process.returncode, _text(stdout), _text(stderr), cancelled=running.asked > 0)


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", errors="replace")


def _wait(process: "subprocess.Popen[bytes]", meanwhile: Callable[[], None] | None) -> None:
    if meanwhile is None:
        process.wait()
        return
    while process.poll() is None:
        meanwhile()
        time.sleep(_PAUSE_SECONDS)
    meanwhile()


@contextmanager
def _interruptible(running: Running) -> Iterator[None]:
    """Pass the user's wish to stop on to the CLI."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupted(number: int, frame: FrameType | None) -> None:
        running.stop()

    previous = {number: signal.signal(number, interrupted) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
