"""A stack's history: one file for each deployment, and a copy of the state that it left.

Both lie where Pulumi's file backend keeps them, so that `pulumi stack history` shows ours and ours shows the CLI's.
Source: `addToHistory` in `pkg/backend/diy/state.go` and `backend.UpdateInfo` of Pulumi.
"""

import getpass
import json
import os
import re
import socket
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelyard.engine.base import Change, Deployment, Outcome, Result, Update, UpdateVerb
from modelyard.engine.embedded.state import disk as disks
from modelyard.engine.embedded.state.files import StackFiles
from modelyard.engine.embedded.state.resource import PROVIDER_PREFIX
from modelyard.engine.plan import Op
from modelyard.errors import StateError, UsageError

_KINDS: dict[UpdateVerb, str] = {"up": "update", "destroy": "destroy", "refresh": "refresh", "import": "import"}
_VERBS = {kind: verb for verb, kind in _KINDS.items()} | {"resource-import": "import"}
_OPS = {
    "create-replacement": Op.REPLACE,
    "import-replacement": Op.REPLACE,
    "read-replacement": Op.READ,
    "replace": Op.REPLACE,
    "delete-replaced": Op.DELETE,
    "discard": Op.DELETE,
}
_WHO = ("modelyard.user", "git.committer", "vcs.committer", "git.author")
_STAMP = re.compile(r"-(\d+)\.history\.json$")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One deployment, on its way into the history.

    Args:
        verb: what was done.
        outcome: how it ended.
        started: when it began, as seconds since 1970 in UTC.
        message: what its caller said of it.
        changes: how many resources each operation touched.
        config: the stack's configuration, without its secrets.
        program: the program's folder, whose commit is noted.
    """

    verb: UpdateVerb
    outcome: Outcome = "succeeded"
    started: float = field(default_factory=time.time)
    message: str = ""
    changes: Mapping[Op, int] = field(default_factory=dict)
    config: Mapping[str, str] = field(default_factory=dict)
    program: Path | None = None


@dataclass
class Noted:
    """A deployment that goes on, and is written into the history when its state is.

    Args:
        verb: what is done.
        deployment: the stack and its program.
        config: the stack's configuration, without its secrets.
        result: what it came to; none while it goes on, and where it broke off.
        started: when it began, as seconds since 1970 in UTC.
    """

    verb: UpdateVerb
    deployment: Deployment
    config: Mapping[str, str] = field(default_factory=dict)
    result: Result | None = None
    started: float = field(default_factory=time.time)

    def close(self, files: StackFiles) -> None:
        """Write it into the history.

        Raises:
            OSError: it could not be written.
        """
        entry = Entry(
            verb=self.verb,
            outcome=self.result.outcome if self.result else "failed",
            started=self.started,
            message=self.deployment.options.message,
            changes=counted(self.result) if self.result else {},
            config=self.config,
            program=self.deployment.program,
        )
        add(files, entry)


def add(files: StackFiles, entry: Entry) -> None:
    """Write a deployment into the history, with a copy of the checkpoint that it left.

    Raises:
        OSError: it could not be written.
    """
    environment = {
        "modelyard.user": f"{_user()}@{socket.gethostname()}",
        "modelyard.outcome": entry.outcome,
        "modelyard.seconds": f"{time.time() - entry.started:.3f}",
        **_commit(entry.program),
    }
    document = {
        "kind": _KINDS[entry.verb],
        "startTime": int(entry.started),
        "message": entry.message,
        "environment": environment,
        "config": dict(entry.config),
        "version": 0,
        "result": "succeeded" if entry.outcome == "succeeded" else "failed",
        "endTime": int(time.time()),
        "resourceChanges": {op.value: number for op, number in entry.changes.items() if number},
    }
    files.disk.make_folder(files.histories)
    stem = files.histories / f"{files.stack}-{time.time_ns()}"
    disks.write(files.disk, Path(f"{stem}.checkpoint.json"), files.path.read_bytes())
    disks.write(files.disk, Path(f"{stem}.history.json"), json.dumps(document).encode())


def counted(result: Result) -> dict[Op, int]:
    """Count what a deployment did, by operation; as in Pulumi's own, default providers and failed steps don't count."""
    done = Counter(it.op for it in result.changes if not it.error and not _is_default_provider(it))
    return {op: done[op] for op in Op if done[op]}


def read(files: StackFiles) -> list[Update]:
    """Read the history, newest first.

    Raises:
        StateError: an entry can't be read.
    """
    return [_update(number, path) for number, path in enumerate(_entries(files), start=1)][::-1]


def checkpoint(files: StackFiles, version: int) -> bytes:
    """Return the checkpoint that the stack had after an entry of its history.

    Raises:
        UsageError: there is no such entry, or its state was not kept.
    """
    entries = _entries(files)
    if not 1 <= version <= len(entries):
        raise UsageError(
            f"the history of {files.title} has no version {version}",
            hint=f"modelyard history {files.project} --env {files.stack}",
        )
    path = entries[version - 1]
    kept = path.with_name(path.name.replace(".history.json", ".checkpoint.json"))
    if not kept.exists():
        raise UsageError(f"the state of version {version} was not kept", hint="choose another version")
    return kept.read_bytes()


def _entries(files: StackFiles) -> list[Path]:
    return sorted(files.histories.glob("*.history.json"), key=_stamp)


def _stamp(path: Path) -> int:
    found = _STAMP.search(path.name)
    return int(found[1]) if found else 0


def _update(number: int, path: Path) -> Update:
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
        return _read(number, document)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateError(
            f"the entry {path} of the history can't be read: {error}",
            hint=f"remove it, if you can do without: rm '{path}'",
        ) from error


def _read(number: int, document: Mapping[str, Any]) -> Update:
    environment = document.get("environment") or {}
    started, ended = float(document["startTime"]), float(document.get("endTime") or document["startTime"])
    seconds = float(environment.get("modelyard.seconds") or ended - started)
    outcome: Outcome = "cancelled" if environment.get("modelyard.outcome") == "cancelled" else document["result"]
    changes: dict[Op, int] = {}
    for kind, count in (document.get("resourceChanges") or {}).items():
        op = _OPS.get(kind) or (Op(kind) if kind in set(Op) else None)
        if op is not None:
            changes[op] = changes.get(op, 0) + int(count)
    return Update(
        version=number,
        verb=_VERBS.get(document["kind"], document["kind"]),
        outcome=outcome,
        started=started,
        seconds=seconds,
        who=next((str(environment[key]) for key in _WHO if environment.get(key)), ""),
        message=str(document.get("message") or ""),
        changes=changes,
    )


def _is_default_provider(change: Change) -> bool:
    return change.type.startswith(PROVIDER_PREFIX) and change.name.startswith("default")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _commit(program: Path | None) -> dict[str, str]:
    """Note the commit that a program was at, as Pulumi does; nothing where there is no repository."""
    if program is None or not program.is_dir():
        return {}
    root = next((it for it in (program.resolve(), *program.resolve().parents) if (it / ".git").exists()), None)
    if root is None:
        return {}
    with suppress(OSError):
        head = (root / ".git" / "HEAD").read_text().strip()
        name = head.removeprefix("ref: ")
        return {"git.head": head if name == head else (root / ".git" / name).read_text().strip()}
    return {}
