"""Where a stack's state lies on disk: a checkpoint as Pulumi's file backend keeps it, and a journal over it.

A deployment appends each of its records to the journal, durably, and folds them into a new checkpoint at its end. What
a crash leaves is the last checkpoint and a journal; the next reader replays it. Nothing is ever written in place.
"""

import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import modelyard
from modelyard.engine.embedded.crypt import PassphraseCrypter
from modelyard.engine.embedded.snapshot import Pending, Record, Snapshot, verify, without_dangling
from modelyard.engine.embedded.state import ROOT_TYPE, from_json, to_json
from modelyard.errors import StateError

_VERSION = 3


@dataclass
class StackStore:
    """The files of one stack.

    Args:
        folder: the backend's folder.
        project: the project's name.
        stack: the stack's name.
    """

    folder: Path
    project: str
    stack: str
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _journal: IO[str] | None = field(default=None, repr=False)
    _journalled_salt: str = field(default="", repr=False)
    _crypter: PassphraseCrypter | None = field(default=None, repr=False)
    _snapshot: Snapshot | None = field(default=None, repr=False)

    @property
    def path(self) -> Path:
        """Return the checkpoint's path, the one of Pulumi's file backend."""
        return self.folder / ".pulumi" / "stacks" / self.project / f"{self.stack}.json"

    @property
    def snapshot(self) -> Snapshot:
        """Return the snapshot, read with its journal when first asked for.

        Raises:
            StateError: the checkpoint or the journal is damaged.
        """
        if self._snapshot is None:
            self._snapshot = self._read()
        return self._snapshot

    @property
    def deployed(self) -> bool:
        """Tell whether the stack has been deployed and not been destroyed since.

        Raises:
            StateError: the checkpoint or the journal is damaged.
        """
        return self.path.exists() and bool(self.snapshot.resources)

    def outputs(self) -> dict[str, Any]:
        """Return what the stack's program exported; secrets are wrapped."""
        for resource in self.snapshot.resources:
            if resource.type == ROOT_TYPE:
                return resource.outputs
        return {}

    @contextmanager
    def writing(self) -> Iterator["StackStore"]:
        """Hold the stack's lock and its journal; a new checkpoint is written at the end, whatever happens.

        Raises:
            StateError: somebody else is changing the stack, or its files are damaged.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        meta = self.folder / ".pulumi" / "meta.yaml"
        if not meta.exists():
            meta.write_text("version: 1\n")
        with self._locked():
            self._snapshot = self._read()
            self._write_checkpoint()
            with self._journal_path.open("w", encoding="utf-8") as journal:
                journal.write(json.dumps({"op": "open", "base": _digest(self.path)}) + "\n")
                self._journal, self._journalled_salt = journal, self._salt
                try:
                    yield self
                finally:
                    self._journal = None
                    self.snapshot.abandon()
                    self._write_checkpoint()
                    self._copy(self.path, self._backup)  # a backup that is older would not know what is there now
                    self._journal_path.unlink(missing_ok=True)

    def commit(self, record: Record, *, durable: bool = True) -> None:
        """Append a record to the journal and apply it.

        Args:
            record: what began or ended.
            durable: whether it must be on disk before this returns; false for what can be found out again.
        """
        with self._lock:
            if self._journal is None:
                raise StateError("the journal of this stack is closed")
            if self._salt != self._journalled_salt:
                self._journalled_salt = self._salt
                self._journal.write(json.dumps({"op": "salt", "salt": self._salt}) + "\n")
            self._journal.write(json.dumps(record, separators=(",", ":")) + "\n")
            self._journal.flush()
            if durable:
                os.fsync(self._journal.fileno())
            self.snapshot.apply(record)

    def remove(self) -> None:
        """Forget the stack: its checkpoint, backup, journal and lock."""
        for path in (self.path, self._backup, self._journal_path, self._lock_path):
            path.unlink(missing_ok=True)
        with suppress(OSError):
            self.path.parent.rmdir()

    @property
    def _salt(self) -> str:
        return self._crypter.salt if self._crypter else ""

    @property
    def _backup(self) -> Path:
        return self.path.with_name(self.path.name + ".bak")

    @property
    def _journal_path(self) -> Path:
        return self.path.with_suffix(".journal")

    @property
    def _lock_path(self) -> Path:
        return self.path.with_suffix(".lock")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock_path.open("a+", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                owner = lock.read().strip() or "another process"
                raise StateError(
                    f"stack {self.project}/{self.stack} is being changed by {owner}",
                    hint="wait until it has finished, then type the same again",
                ) from None
            lock.truncate(0)
            lock.write(f"process {os.getpid()} since {_now()}")
            lock.flush()
            yield

    def _read(self) -> Snapshot:
        checkpoint = self._read_checkpoint()
        salt = ((checkpoint.get("secrets_providers") or {}).get("state") or {}).get("salt", "")
        self._crypter = PassphraseCrypter(self.folder, salt)
        try:
            resources = [from_json(item, self._crypter) for item in checkpoint.get("resources") or []]
            pending = [
                Pending(item["type"], from_json(item["resource"], self._crypter))
                for item in checkpoint.get("pending_operations") or []
            ]
            verify(resources)
        except KeyError as error:
            raise self._damaged(f"a resource has no {error.args[0]}") from error
        except (TypeError, AttributeError) as error:
            raise self._damaged("a resource is not what it should be") from error
        except StateError as error:
            if error.hint:  # about the key, not about the file
                raise
            raise self._damaged(f"{error}") from error
        snapshot = Snapshot(resources, pending, self._crypter)
        if self._replay(snapshot):
            snapshot.abandon()
            snapshot = Snapshot(without_dangling(snapshot.resources), snapshot.pending, self._crypter)
        return snapshot

    def _read_checkpoint(self) -> Mapping[str, Any]:
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (ValueError, OSError) as error:
            raise self._damaged(str(error)) from error
        if not isinstance(document, dict) or not isinstance(document.get("checkpoint"), dict):
            raise self._damaged("it holds no checkpoint")
        lineage = document["checkpoint"].get("stack", "")
        if str(lineage).split("/")[-2:] not in ([self.project, self.stack], [self.stack], [""]):
            raise self._damaged(f"it is that of the stack {lineage}")
        if document.get("version") != _VERSION:
            raise self._damaged(f"its version is {document.get('version')}, this engine reads {_VERSION}")
        latest = document["checkpoint"].get("latest")
        latest = {} if latest is None else latest
        if not isinstance(latest, dict):
            raise self._damaged("its checkpoint is no object")
        return latest

    def _replay(self, snapshot: Snapshot) -> bool:
        if not self._journal_path.exists():
            return False
        lines = self._journal_path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        header = _parse(lines[0]) if lines else None
        if header is None or header.get("base") != _digest(self.path):
            return False
        for number, line in enumerate(lines[1:], start=2):
            record = _parse(line)
            if record is None and number == len(lines):
                break  # the write that the crash cut short; its call had not begun
            if record is None:
                raise self._damaged(f"line {number} of its journal can't be read")
            try:
                self._apply(snapshot, record)
            except (KeyError, IndexError, TypeError, AttributeError) as error:
                raise self._damaged(f"line {number} of its journal is not what it should be") from error
        return True

    def _apply(self, snapshot: Snapshot, record: Mapping[str, Any]) -> None:
        if record["op"] == "salt" and self._crypter is not None:
            self._crypter.salt = record["salt"]
        else:
            snapshot.apply(record)

    def _write_checkpoint(self) -> None:
        assert self._crypter is not None  # noqa: S101 - set by _read
        resources = without_dangling(self.snapshot.resources)
        latest: dict[str, Any] = {
            "manifest": {
                "time": _now(),
                "magic": hashlib.sha256(modelyard.__version__.encode()).hexdigest(),
                "version": modelyard.__version__,
            },
            "resources": [to_json(item, self._crypter) for item in resources],
            "pending_operations": [
                {"resource": to_json(item.resource, self._crypter), "type": item.kind} for item in self.snapshot.pending
            ],
            "metadata": {},
        }
        if self._crypter.salt:
            latest["secrets_providers"] = {"type": "passphrase", "state": {"salt": self._crypter.salt}}
        name = f"organization/{self.project}/{self.stack}"
        document = {"version": _VERSION, "checkpoint": {"stack": name, "latest": latest}}
        self._replace(json.dumps(document, indent=4))

    def _replace(self, text: str) -> None:
        temporary = self.path.with_suffix(".tmp")
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _copy(self, source: Path, target: Path) -> None:
        temporary = target.with_name(f"{target.name}.tmp")
        with temporary.open("wb") as file:
            file.write(source.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)

    def _damaged(self, why: str) -> StateError:
        hint = "remove the file if the stack has no resources left"
        if self._backup.exists():
            hint = f"restore the backup: cp '{self._backup}' '{self.path}'"
        return StateError(f"the state file {self.path} is damaged: {why}", hint=hint)


def stacks(folder: Path) -> list[StackStore]:
    """List the stacks of a backend, by project and name."""
    root = folder / ".pulumi" / "stacks"
    return [StackStore(folder, path.parent.name, path.stem) for path in sorted(root.glob("*/*.json"))]


def _parse(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line) if line.endswith("\n") else None
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
