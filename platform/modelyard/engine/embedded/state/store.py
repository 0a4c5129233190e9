"""Where a stack's state lies on disk: a checkpoint as Pulumi's file backend keeps it, and a journal over it.

A deployment appends each of its records to the journal, durably, and folds them into a new checkpoint at its end. What
a crash leaves is the last checkpoint and a journal; the next reader replays it. Nothing is ever written in place.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelyard.engine.embedded.state import checkpoint as checkpoints
from modelyard.engine.embedded.state import disk as disks
from modelyard.engine.embedded.state import journal as journals
from modelyard.engine.embedded.state.checkpoint import Checkpoint, DamageError
from modelyard.engine.embedded.state.crypt import PassphraseCrypter
from modelyard.engine.embedded.state.files import StackFiles
from modelyard.engine.embedded.state.journal import Journal
from modelyard.engine.embedded.state.resource import ROOT_TYPE, from_json, to_json
from modelyard.engine.embedded.state.snapshot import Pending, Record, Snapshot, verify, without_dangling
from modelyard.errors import StateError

_PASSPHRASE = "passphrase"  # noqa: S105 - the name of a secrets provider
_OWN_KEYS = {"manifest", "resources", "pending_operations", "secrets_providers", "metadata"}
_ROOM = "make room on the disk, then type the same again; nothing that was saved is lost"
_READINGS = 50
_PAUSE_SECONDS = 0.002


@dataclass
class StackStore(StackFiles):
    """The state of one stack, and the way to change it; see `StackFiles` for what it is made from."""

    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _journal: Journal | None = field(default=None, repr=False)
    _journalled_salt: str = field(default="", repr=False)
    _crypter: PassphraseCrypter | None = field(default=None, repr=False)
    _snapshot: Snapshot | None = field(default=None, repr=False)
    _checkpoint: Checkpoint = field(default_factory=Checkpoint, repr=False)

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
    def writing(self, closing: "Callable[[StackStore], None] | None" = None) -> Iterator["StackStore"]:
        """Hold the stack's lock and its journal; a new checkpoint is written at the end, whatever happens.

        Args:
            closing: called when the checkpoint is written, while the lock is still held.

        Raises:
            StateError: somebody else is changing the stack, its files are damaged, or the disk is full.
        """
        with self.locked():
            with self.reporting():
                self._snapshot = self._read()
                self._begin()
                self._journal = Journal.open(self.disk, self.journal_path, self._checkpoint)
                self._journalled_salt = self._salt
            try:
                yield self
            finally:
                with self.reporting():
                    self._close()
                if closing is not None:
                    with self.reporting():
                        closing(self)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the stack's lock; what killed writers left beside its files is removed.

        Raises:
            StateError: somebody else holds it.
        """
        with ExitStack() as held:
            with self.reporting():
                self.disk.make_folder(self.path.parent)
                meta = self.root / "meta.yaml"
                if not meta.exists():
                    disks.write(self.disk, meta, b"version: 1\n")
                held.enter_context(self.lock.held())
                for path in (self.path, self.backup):
                    self.disk.unlink(path.with_name(f"{path.name}.tmp"))
            yield

    def commit(self, record: Record, *, durable: bool = True) -> None:
        """Append a record to the journal and apply it.

        What has ended is applied even where it can't be written: it is so, and the checkpoint will say it.

        Args:
            record: what began or ended.
            durable: whether it must be on disk before this returns; false for what can be found out again.

        Raises:
            StateError: it could not be written.
        """
        with self._lock:
            if self._journal is None:
                raise StateError("the journal of this stack is closed")
            began = record["op"] == "begin"
            try:
                if self._salt != self._journalled_salt:
                    self._journal.append({"op": "salt", "salt": self._salt}, durable=False)
                    self._journalled_salt = self._salt
                self._journal.append(record, durable=durable, keep=not began)
            except OSError as error:
                if not began:
                    self.snapshot.apply(record)
                raise self._unwritten(error) from error
            self.snapshot.apply(record)

    def replace(self, latest: Mapping[str, Any], *, keep_backup: bool = True) -> None:
        """Write another state, under the lock that the caller holds.

        Args:
            latest: the deployment, as `apitype.DeploymentV3`.
            keep_backup: whether to keep the state that goes, among the backups.

        Raises:
            StateError: it could not be written; the state is as it was.
        """
        with self.reporting():
            if keep_backup and self.path.exists():
                self.disk.make_folder(self.backups)
                kept = self.backups / f"{self.stack}.{time.time_ns()}.json"
                disks.write(self.disk, kept, self.path.read_bytes())
            self._write(latest, max(self._checkpoint.serial, self._backup_serial()))
            self._copy()
            self.disk.unlink(self.journal_path)
        self._snapshot = None

    def expect_anything(self) -> None:
        """Look at the state that is there, whatever its condition, so that what replaces it is known to be newer."""
        with suppress(StateError):
            self._load()

    def latest(self) -> dict[str, Any]:
        """Return the deployment, as `apitype.DeploymentV3`, with what the journal knows beyond the checkpoint.

        Raises:
            StateError: the checkpoint or the journal is damaged.
        """
        checkpoint, records = self._load()
        return self.replayed(checkpoint, records or [])

    def remove(self) -> None:
        """Forget the stack: its checkpoint, backups, history, journal and lock.

        Raises:
            StateError: somebody else is changing it.
        """
        if not self.path.parent.exists():
            return
        with self.lock.held():
            for folder in (self.backups, self.histories):
                for path in sorted(folder.glob("*")):
                    self.disk.unlink(path)
                with suppress(OSError):
                    folder.rmdir()
            for path in (self.journal_path, self.backup, self.path, self.lock.path):
                self.disk.unlink(path)
                self.disk.unlink(path.with_name(f"{path.name}.attrs"))  # the CLI's own note of what it wrote
        with suppress(OSError):
            self.path.parent.rmdir()

    @property
    def _salt(self) -> str:
        return self._crypter.salt if self._crypter else ""

    def _begin(self) -> None:
        """See to it that the checkpoint and its backup are the same, so that a journal may lie on either."""
        if self._bytes(self.journal_path) is not None or not self._checkpoint.serial:
            self._write_checkpoint()
        if self._backup_serial() != self._checkpoint.serial:
            self._copy()

    def _close(self) -> None:
        """Fold the journal into a checkpoint; if that fails it stays, and the next reader replays it."""
        journal, self._journal = self._journal, None
        if journal is not None:
            journal.close()
        self.snapshot.abandon()
        self._write_checkpoint()
        self._copy()  # a backup that is older would not know what is there now
        self.disk.unlink(self.journal_path)

    def replayed(self, base: Checkpoint, records: list[Record]) -> dict[str, Any]:
        """Return a checkpoint's deployment with the records of a journal.

        Raises:
            StateError: a secret can't be decrypted, or a record makes no sense.
        """
        if not records:
            return dict(base.latest)
        self._checkpoint = base
        self._snapshot = self._parse(base.latest, records)
        return self._document()

    def _read(self) -> Snapshot:
        checkpoint, records = self._load()
        return self._parse(checkpoint.latest, records)

    def _parse(self, latest: Mapping[str, Any], records: list[Record] | None) -> Snapshot:
        self._crypter = PassphraseCrypter(self.folder, self._stored_salt(latest), self.disk)
        try:
            snapshot = self._parsed(latest, self._crypter)
        except KeyError as error:
            raise self._damaged(f"a resource has no {error.args[0]}") from error
        except (TypeError, AttributeError) as error:
            raise self._damaged("a resource is not what it should be") from error
        except StateError as error:
            if error.hint:  # about the key, not about the file
                raise
            raise self._damaged(f"{error}") from error
        if records is None:
            return snapshot
        for number, record in enumerate(records, start=2):
            try:
                self._apply(snapshot, record)
            except (KeyError, IndexError, TypeError, AttributeError) as error:
                raise self._damaged(f"line {number} of its journal is not what it should be") from error
        snapshot.abandon()
        return Snapshot(without_dangling(snapshot.resources), snapshot.pending, self._crypter)

    @staticmethod
    def _parsed(latest: Mapping[str, Any], crypter: PassphraseCrypter) -> Snapshot:
        resources = [from_json(item, crypter) for item in latest.get("resources") or []]
        pending = [
            Pending(item["type"], from_json(item["resource"], crypter))
            for item in latest.get("pending_operations") or []
        ]
        verify(resources)
        return Snapshot(resources, pending, crypter)

    def _load(self) -> tuple[Checkpoint, list[Record] | None]:
        """Read the checkpoint and the journal that belongs to it; none where there is none."""
        for again in reversed(range(_READINGS)):  # a writer that ends in between would hide its journal
            before = self._stamp()
            try:
                found = self._understood(self._bytes(self.path), self._bytes(self.journal_path))
            except DamageError as error:
                if before == self._stamp() or not again:
                    raise self._damaged(f"{error}") from error
            else:
                if before == self._stamp() or not again:
                    break
            time.sleep(_PAUSE_SECONDS)
        return found

    def _understood(self, data: bytes | None, journal: bytes | None) -> tuple[Checkpoint, list[Record] | None]:
        self._checkpoint = Checkpoint() if data is None else checkpoints.load(data, self.project, self.stack)
        header = journals.header(journal)
        if data is None:
            self._check_absence(header)
        known = max(self._backup_serial(), header.serial)
        if data is not None and 0 < self._checkpoint.serial < known:
            raise DamageError(
                f"it is older (serial {self._checkpoint.serial}) than what is known of it (serial {known})"
            )
        if journal is None or header.base != self._checkpoint.digest:
            return self._checkpoint, None
        return self._checkpoint, journals.records(journal)

    def _check_absence(self, header: journals.Header) -> None:
        """Refuse to begin anew where something still knows of resources."""
        with suppress(DamageError):
            backup = checkpoints.load(self._bytes(self.backup) or b"", self.project, self.stack)
            if backup.latest.get("resources"):
                header = journals.Header(base=backup.digest)
        if header.base:
            raise DamageError("it is not there, though its backup or its journal still knows of resources")
        for packed in (".gz", ".zst"):
            if self.path.with_name(self.path.name + packed).exists():
                raise DamageError(f"it is compressed ({self.path.name}{packed}), which this engine does not read")

    def _backup_serial(self) -> int:
        return checkpoints.sealed_serial(self._bytes(self.backup) or b"")

    def _stamp(self) -> tuple[int, int, int]:
        try:
            found = self.path.stat()
        except OSError:
            return (0, 0, 0)
        return (found.st_ino, found.st_mtime_ns, found.st_size)

    def _bytes(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._damaged(str(error)) from error

    def _stored_salt(self, latest: Mapping[str, Any]) -> str:
        provider = latest.get("secrets_providers") or {}
        if provider and provider.get("type") != _PASSPHRASE:
            raise StateError(
                f"the secrets of the stack {self.title} are kept by {provider.get('type')}, not by a passphrase",
                hint="use the Pulumi CLI on it: --engine pulumi",
            )
        return str((provider.get("state") or {}).get("salt") or "")

    def _apply(self, snapshot: Snapshot, record: Mapping[str, Any]) -> None:
        if record["op"] == "salt" and self._crypter is not None:
            self._crypter.salt = record["salt"]
        else:
            snapshot.apply(record)

    def _write_checkpoint(self) -> None:
        self._write(self._document(), self._checkpoint.serial or self._backup_serial())

    def _write(self, latest: Mapping[str, Any], serial: int) -> None:
        data = checkpoints.dump(latest, self.project, self.stack, serial + 1)
        disks.write(self.disk, self.path, data)
        self._checkpoint = Checkpoint(latest=latest, serial=serial + 1, digest=checkpoints.digest(data))

    def _document(self) -> dict[str, Any]:
        assert self._crypter is not None  # noqa: S101 - set by _read
        crypter = self._crypter
        resources = [to_json(item, crypter) for item in without_dangling(self.snapshot.resources)]
        latest: dict[str, Any] = {"manifest": checkpoints.manifest()}
        if crypter.salt:
            latest["secrets_providers"] = {"type": _PASSPHRASE, "state": {"salt": crypter.salt}}
        latest["resources"] = resources
        latest["pending_operations"] = [
            {"resource": to_json(item.resource, crypter), "type": item.kind} for item in self.snapshot.pending
        ]
        latest["metadata"] = self._checkpoint.latest.get("metadata") or {}
        return latest | {key: value for key, value in self._checkpoint.latest.items() if key not in _OWN_KEYS}

    def _copy(self) -> None:
        disks.write(self.disk, self.backup, self.path.read_bytes())

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Turn what the operating system refuses into an error that says what to do."""
        try:
            yield
        except OSError as error:
            raise self._unwritten(error) from error

    def _unwritten(self, error: OSError) -> StateError:
        return StateError(f"the state of {self.title} can't be written: {error.strerror or error}", hint=_ROOM)

    def _damaged(self, why: str) -> StateError:
        hint = "remove the file if the stack has no resources left"
        if self.backup.exists():
            hint = f"restore the backup: cp '{self.backup}' '{self.path}'"
        return StateError(f"the state file {self.path} is damaged: {why}", hint=hint)


def stacks(folder: Path) -> list[StackStore]:
    """List the stacks of a backend, by project and name."""
    root = folder / ".pulumi" / "stacks"
    return [StackStore(folder, path.parent.name, path.stem) for path in sorted(root.glob("*/*.json"))]
