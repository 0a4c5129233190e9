"""The records of feature groups: the newest of each in SQLite, all of them in a queue for the offline store.

Both survive a crash: a record is answered for once it is on the disk.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS online (
    feature_group TEXT NOT NULL, record TEXT NOT NULL, event_time REAL NOT NULL, content TEXT NOT NULL,
    deleted INTEGER NOT NULL, expires_at REAL, PRIMARY KEY (feature_group, record)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS offline (
    number INTEGER PRIMARY KEY AUTOINCREMENT, feature_group TEXT NOT NULL, event_time REAL NOT NULL,
    content TEXT NOT NULL, deleted INTEGER NOT NULL, invoked_at REAL NOT NULL
);
"""


@dataclass(frozen=True)
class Row:
    """One record.

    Args:
        group: the feature group's key.
        record: the record's identifier.
        event_time: in seconds since the epoch.
        content: values by feature, as texts.
        deleted: it says that the record is deleted.
        expires_at: when it is gone; None if never.
    """

    group: str
    record: str
    event_time: float
    content: dict[str, Any]
    deleted: bool = False
    expires_at: float | None = None


@dataclass(frozen=True)
class Queued:
    """One record on its way to the offline store.

    Args:
        number: its place in the queue.
        event_time: in seconds since the epoch.
        content: values by feature, as texts.
        deleted: it says that the record is deleted.
        invoked_at: when it came, in seconds since the epoch.
    """

    number: int
    event_time: float
    content: dict[str, Any]
    deleted: bool
    invoked_at: float


class Records:
    """The records of all feature groups.

    Args:
        path: the database file, made when it is first needed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    def put(self, row: Row, *, online: bool, offline: bool, invoked_at: float) -> None:
        """Keep a record; online the one of the newest event time stays."""
        with self._lock, self._open() as database:
            if online:
                database.execute(
                    "INSERT INTO online VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (feature_group, record) DO UPDATE SET "
                    "event_time = excluded.event_time, content = excluded.content, deleted = excluded.deleted, "
                    "expires_at = excluded.expires_at WHERE excluded.event_time >= online.event_time",
                    (row.group, row.record, row.event_time, json.dumps(row.content), row.deleted, row.expires_at),
                )
            if offline:
                database.execute(
                    "INSERT INTO offline (feature_group, event_time, content, deleted, invoked_at) "
                    "VALUES (?, ?, ?, ?, ?)",
                    (row.group, row.event_time, json.dumps(row.content), row.deleted, invoked_at),
                )

    def get(self, group: str, records: Sequence[str], now: float) -> dict[str, Row]:
        """Return the records that are there, by identifier; neither deleted nor expired ones."""
        if not self._path.exists():
            return {}
        with self._lock, self._open() as database:
            found = [
                database.execute(
                    "SELECT record, event_time, content, expires_at FROM online WHERE feature_group = ? AND "
                    "record = ? AND NOT deleted AND (expires_at IS NULL OR expires_at > ?)",
                    (group, record, now),
                ).fetchone()
                for record in records
            ]
        return {it[0]: Row(group, it[0], it[1], json.loads(it[2]), expires_at=it[3]) for it in found if it}

    def drop(self, group: str, record: str, event_time: float) -> None:
        """Forget a record online for good, unless it is newer."""
        with self._lock, self._open() as database:
            database.execute(
                "DELETE FROM online WHERE feature_group = ? AND record = ? AND event_time <= ?",
                (group, record, event_time),
            )

    def forget(self, group: str) -> None:
        """Forget all of a group's online records."""
        if self._path.exists():
            with self._lock, self._open() as database:
                database.execute("DELETE FROM online WHERE feature_group = ?", (group,))

    def waiting(self) -> dict[str, list[Queued]]:
        """Return what is on its way to the offline store, by group."""
        if not self._path.exists():
            return {}
        with self._lock, self._open() as database:
            rows = database.execute(
                "SELECT feature_group, number, event_time, content, deleted, invoked_at FROM offline ORDER BY number"
            ).fetchall()
        found: dict[str, list[Queued]] = {}
        for group, number, event_time, content, deleted, invoked_at in rows:
            queued = Queued(number, event_time, json.loads(content), bool(deleted), invoked_at)
            found.setdefault(group, []).append(queued)
        return found

    def written(self, numbers: Iterable[int]) -> None:
        """Take out of the queue what is in the offline store."""
        with self._lock, self._open() as database:
            database.executemany("DELETE FROM offline WHERE number = ?", [(number,) for number in numbers])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = sqlite3.connect(self._path, check_same_thread=False)
            self._database.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_SCHEMA}")
        return self._database
