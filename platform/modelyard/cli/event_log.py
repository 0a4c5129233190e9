"""A deployment as JSON lines, one for each event, in the shape of Pulumi's own engine events; secrets are masked.

Source: `sdk/go/common/apitype/events.go` of Pulumi.
"""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any

from modelyard.engine.base import Change, Deployment, Diagnostic, Event, Result, Severity, StepDone, StepStarted
from modelyard.engine.plan import Op
from modelyard.errors import UsageError

_SEVERITIES = {Severity.INFO: "info#err"}
_FAILED = 1


@dataclass
class EventLog:
    """A file that events are written to as they come.

    Args:
        file: the open file.
    """

    file: IO[str]
    _sequence: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def start(self, deployment: Deployment) -> None:
        """Write that a deployment begins."""
        config = {
            "modelyard:project": deployment.project,
            "modelyard:stack": deployment.stack,
            **dict(deployment.config),
        }
        self._write("preludeEvent", {"config": config})

    def event(self, event: Event, *, planning: bool) -> None:
        """Write an event.

        Args:
            event: what happened.
            planning: whether it only would.
        """
        if isinstance(event, Diagnostic):
            if event.severity is Severity.DEBUG:
                return
            severity = _SEVERITIES.get(event.severity, event.severity.value)
            self._write("diagnosticEvent", _diagnostic(event.urn, event.message, severity))
        elif isinstance(event, StepStarted):
            self._step("resourcePreEvent", event.change, planning)
        elif isinstance(event, StepDone):
            self._done(event.change, planning)

    def end(self, result: Result) -> None:
        """Write what a deployment came to."""
        changes = Counter(change.op.value for change in result.changes if not change.error)
        summary = {
            "maybeCorrupt": False,
            "durationSeconds": round(result.seconds),
            "resourceChanges": dict(changes),
            "PolicyPacks": {},
            "isPreview": result.verb == "preview",
            "result": "succeeded" if result.outcome == "succeeded" else "failed",
        }
        if result.outcome == "cancelled":
            self._write("cancelEvent", {})
        self._write("summaryEvent", summary)

    def _done(self, change: Change, planning: bool) -> None:
        if not change.op.is_change or planning:
            self._step("resourcePreEvent", change, planning)
        if change.error:
            self._write("diagnosticEvent", _diagnostic(change.urn, change.error, "error"))
            self._write("resOpFailedEvent", {"metadata": _metadata(change), "status": _FAILED, "steps": 1})
        else:
            self._step("resOutputsEvent", change, planning)

    def _step(self, kind: str, change: Change, planning: bool) -> None:
        self._write(kind, {"metadata": _metadata(change), **({"planning": True} if planning else {})})

    def _write(self, kind: str, body: dict[str, Any]) -> None:
        with self._lock:
            self._sequence += 1
            line = {"sequence": self._sequence, "timestamp": int(time.time()), kind: body}
            self.file.write(json.dumps(line, default=str) + "\n")
            self.file.flush()


@cache
def opened(path: Path) -> EventLog:
    """Open a log anew; the stacks of one command share it.

    Raises:
        UsageError: it can't be written.
    """
    try:
        return EventLog(path.open("w", encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"the event log {path} can't be written: {error.strerror}", hint="name another file"
        ) from error


def _diagnostic(urn: str, message: str, severity: str) -> dict[str, Any]:
    text = {"message": f"{message}\n", "color": "never", "severity": severity}
    return {"urn": urn, **text} if urn else text


def _metadata(change: Change) -> dict[str, Any]:
    """Describe a step; of states only what a change knows is told."""
    state = {
        "type": change.type,
        "urn": change.urn,
        "custom": bool(change.id),
        "id": change.id,
        "parent": change.parent,
        "inputs": dict(change.inputs),
        "outputs": {},
        "provider": "",
    }
    old = None if change.op in (Op.CREATE, Op.IMPORT, Op.READ) else state
    new = None if change.op is Op.DELETE else state
    diff = {path: {"diffKind": _kind(change, path), "inputDiff": True} for path in change.changes}
    return {
        "op": change.op.value,
        "urn": change.urn,
        "type": change.type,
        "old": old and {**state, "inputs": _side(change, 0)},
        "new": new and {**state, "inputs": _side(change, 1)},
        **({"keys": list(change.replaced_by)} if change.replaced_by else {}),
        **({"diffs": list(change.changes)} if change.changes else {}),
        "detailedDiff": diff or None,
        "logical": True,
        "provider": "",
    }


def _side(change: Change, side: int) -> dict[str, Any]:
    """Return the inputs that a step knows of one side: all of what it makes or deletes, else those that change."""
    return dict(change.inputs) or {path: pair[side] for path, pair in change.changes.items() if pair[side] is not None}


def _kind(change: Change, path: str) -> str:
    old, new = change.changes[path]
    kind = "add" if old is None else "delete" if new is None else "update"
    forced = any(path == it or path.startswith((f"{it}.", f"{it}[")) for it in change.replaced_by)
    return f"{kind}-replace" if forced else kind
