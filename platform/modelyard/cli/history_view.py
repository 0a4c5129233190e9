"""What a stack's history looks like."""

from datetime import UTC, datetime
from typing import Any

from modelyard.engine.base import Update
from modelyard.engine.plan import Op

COLUMNS = ("VERSION", "WHEN", "WHAT", "OUTCOME", "TOOK", "WHO", "CHANGES", "MESSAGE")
_MARKS = {Op.CREATE: "+", Op.UPDATE: "~", Op.REPLACE: "+-", Op.DELETE: "-", Op.IMPORT: "=", Op.REFRESH: "~"}


def row(update: Update) -> tuple[object, ...]:
    """Return one entry as a table's cells."""
    when = datetime.fromtimestamp(update.started).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    changes = " ".join(f"{mark}{update.changes[op]}" for op, mark in _MARKS.items() if update.changes.get(op))
    took = f"{update.seconds:.1f} s"
    return (update.version, when, update.verb, update.outcome, took, update.who, changes or "none", update.message)


def as_json(update: Update) -> dict[str, Any]:
    """Return one entry as a document."""
    return {
        "version": update.version,
        "verb": update.verb,
        "result": update.outcome,
        "started": datetime.fromtimestamp(update.started, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "duration_s": round(update.seconds, 3),
        "who": update.who,
        "message": update.message,
        "changes": {op.value: number for op, number in update.changes.items()},
    }
