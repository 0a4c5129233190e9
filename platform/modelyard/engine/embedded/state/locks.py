"""One writer at a time: a lock that the system frees by itself, and beside it the lock file that the Pulumi CLI heeds.

Source: `pkg/backend/diy/lock.go` of Pulumi: whoever changes a stack puts a file into its folder of locks, named by a
random number, and refuses to go on while there is another's.
"""

import fcntl
import getpass
import json
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from modelyard.engine.embedded.state import disk as disks
from modelyard.engine.embedded.state.disk import Disk
from modelyard.errors import StateError

_SLACK_SECONDS = 2.0  # a process may take its lock in the second it started in, by a clock of another grain


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Who put a lock file there.

    Args:
        path: the file.
        ours: whether an embedded engine put it there; the Pulumi CLI otherwise.
        here: whether its process is, or was, one of this machine's.
    """

    path: Path
    pid: int
    user: str
    host: str
    since: str
    ours: bool

    @property
    def here(self) -> bool:
        """Tell whether its process is, or was, one of this machine's."""
        return self.host == socket.gethostname()

    @property
    def gone(self) -> bool:
        """Tell whether it is sure that the process has ended; of another machine's nothing is known."""
        return self.here and not _runs(self.pid, self.since)

    def __str__(self) -> str:
        """Name it as a person would."""
        engine = "modelyard" if self.ours else "the Pulumi CLI"
        return f"{engine}, {self.user}@{self.host} (process {self.pid}) since {self.since}"


@dataclass(frozen=True)
class StackLock:
    """The locks of one stack.

    Args:
        path: the file that is locked.
        folder: the stack's folder of lock files.
        title: the stack, such as `foundation/dev`.
        disk: where they lie.
    """

    path: Path
    folder: Path
    title: str
    disk: Disk

    @property
    def cancel(self) -> str:
        """Return what to type to cancel whoever holds it."""
        project, _, stack = self.title.partition("/")
        return f"modelyard cancel {project} --env {stack}"

    def owners(self) -> list[Owner]:
        """List who put lock files there, the dead among them."""
        return [owner for path in sorted(self.folder.glob("*.json")) if (owner := _owner(path))]

    def holder(self) -> str:
        """Say who holds the lock that the system keeps; empty when nobody does."""
        try:
            with self.path.open("r+", encoding="utf-8") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return file.read().strip() or "another process"
        except FileNotFoundError:
            return ""
        return ""

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the stack's lock.

        Raises:
            StateError: somebody else does.
        """
        with self._flocked():
            path = self._claim()
            try:
                yield
            finally:
                with suppress(OSError):
                    self.disk.unlink(path)
                    self.folder.rmdir()

    def break_for(self, owners: list[Owner]) -> None:
        """Remove lock files."""
        for owner in owners:
            self.disk.unlink(owner.path)

    @contextmanager
    def _flocked(self) -> Iterator[None]:
        file = self._opened()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "another process"
            file.close()
            raise StateError(
                f"stack {self.title} is being changed by {owner}",
                hint=f"wait until it has finished, then type the same again; or stop it: {self.cancel}",
            ) from None
        with file:
            file.truncate(0)
            file.write(f"process {os.getpid()} since {_now()}")
            file.flush()
            yield

    def _opened(self) -> IO[str]:
        while True:
            file = self.path.open("a+", encoding="utf-8")
            with suppress(FileNotFoundError):
                if os.fstat(file.fileno()).st_ino == self.path.stat().st_ino:
                    return file
            file.close()  # the stack was removed between the two: that file is nobody's

    def _claim(self) -> Path:
        for path in self.folder.glob("*.json.tmp"):
            self.disk.unlink(path)
        self._refuse_others(None)
        path = self.folder / f"{uuid.uuid4()}.json"
        self.disk.make_folder(self.folder)
        claim = {
            "pid": os.getpid(),
            "username": _user(),
            "hostname": socket.gethostname(),
            "timestamp": _now(),
            "engine": "modelyard",
        }
        disks.write(self.disk, path, json.dumps(claim).encode())
        try:
            self._refuse_others(path)  # as the CLI does: whoever came at the same moment is seen now
        except StateError:
            self.disk.unlink(path)
            raise
        return path

    def _refuse_others(self, mine: Path | None) -> None:
        for owner in self.owners():
            if owner.path == mine:
                continue
            if owner.ours and owner.here:
                self.disk.unlink(owner.path)  # its process has ended: it would hold the system's lock
            elif owner.gone:
                raise StateError(
                    f"stack {self.title} is locked by {owner}, which has ended without unlocking it",
                    hint=f"break its lock: {self.cancel}",
                )
            else:
                raise StateError(
                    f"stack {self.title} is being changed by {owner}",
                    hint=f"wait until it has finished, then type the same again; or: {self.cancel} --force",
                )


def _owner(path: Path) -> Owner | None:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Owner(
            path=path,
            pid=int(content["pid"]),
            user=str(content["username"]),
            host=str(content["hostname"]),
            since=str(content["timestamp"]),
            ours=content.get("engine") == "modelyard",
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        return Owner(path=path, pid=0, user="somebody", host="some machine", since="some time", ours=False)


def _runs(pid: int, since: str) -> bool:
    import psutil

    try:
        started = psutil.Process(pid).create_time()
        locked = datetime.fromisoformat(since).timestamp()
    except psutil.AccessDenied:
        return True
    except (psutil.NoSuchProcess, ValueError):
        return psutil.pid_exists(pid) if pid else False
    return started <= locked + _SLACK_SECONDS  # a younger process has got the number of one that ended


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
