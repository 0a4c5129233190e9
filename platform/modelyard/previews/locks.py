"""One command at a time on a branch's stack, from its first thought to its last proof; freed by the system."""

import fcntl
import getpass
import json
import os
import shlex
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from modelyard.errors import StateError
from modelyard.previews.branches import shown
from modelyard.previews.records import FOLDER, now

_REAPS = "branch reap"


@dataclass(frozen=True)
class Holder:
    """Who holds a lock.

    Args:
        verb: what it does, such as `branch up`.
        who: user and machine.
        pid: its process.
        since: when it began, in UTC.
    """

    verb: str = "another command"
    who: str = "somebody"
    pid: int = 0
    since: str = "some time"

    def __str__(self) -> str:
        """Name it as a person would."""
        return f"'modelyard {self.verb}' of {self.who} (process {self.pid}) since {self.since}"


class HeldError(StateError):
    """Somebody else works on the stack."""


@dataclass(frozen=True)
class BranchLock:
    """The lock of one branch's stack.

    Args:
        home: the folder that keeps state.
        project: the model's project.
        stack: the stack's name; empty for the list of all of the project's.
        branch: the branch, for messages.
    """

    home: Path
    project: str
    stack: str
    branch: str = ""

    @property
    def path(self) -> Path:
        """Return the file that is locked."""
        return self.home / FOLDER / self.project / f"{self.stack}.lock"

    @contextmanager
    def held(self, verb: str) -> Iterator[None]:
        """Hold the lock.

        Args:
            verb: what for.

        Raises:
            HeldError: somebody else does; it says who, since when, and what to type.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self._opened(verb)
        with file:
            file.seek(0)
            file.truncate()
            json.dump({"verb": verb, "who": _who(), "pid": os.getpid(), "since": now()}, file)
            file.flush()
            try:
                yield
            finally:
                with suppress(OSError):
                    self.path.unlink()

    @contextmanager
    def waited_for(self) -> Iterator[None]:
        """Hold the lock as soon as it is free; for what takes a moment."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _again(self, verb: str) -> str:
        """Return a command as it is typed, whatever is checked out; the reaper names no branch."""
        unnamed = verb == _REAPS or shown(self.branch) != self.branch  # what can't be shown can't be typed
        return f"modelyard {verb}" if unnamed else f"modelyard {verb} {shlex.quote(self.branch)}"

    def _opened(self, verb: str) -> IO[str]:
        while True:
            file = self.path.open("a+", encoding="utf-8")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = _holder(file)
                file.close()
                raise HeldError(
                    f"the stack of the branch {shown(self.branch)!r} is being changed by {holder}",
                    hint=f"wait until it has finished, then type again: {self._again(verb)}; "
                    f"or stop it: modelyard cancel --env {self.stack}, or kill {holder.pid}",
                ) from None
            with suppress(FileNotFoundError):
                if os.fstat(file.fileno()).st_ino == self.path.stat().st_ino:
                    return file
            file.close()  # whoever held it has removed it: that file is nobody's


def _holder(file: IO[str]) -> Holder:
    file.seek(0)
    try:
        return Holder(**json.loads(file.read()))
    except (ValueError, TypeError):
        return Holder()


def _who() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
