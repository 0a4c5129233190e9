"""The Pulumi CLI's engine events in the words of our own contract: one change for each resource, secrets masked.

Source: `sdk/go/common/apitype/events.go` of Pulumi.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from modelyard import wire
from modelyard.engine.base import Change, Diagnostic, Event, EventSink, Planned, Severity, StepDone, StepStarted, Verb
from modelyard.engine.plan import Op, compare
from modelyard.engine.pulumi_cli import wording

ROOT_TYPE = "pulumi:pulumi:Stack"
_PROVIDER_PREFIX = "pulumi:providers:"
_OPS = {
    "same": Op.SAME,
    "create": Op.CREATE,
    "update": Op.UPDATE,
    "delete": Op.DELETE,
    "create-replacement": Op.REPLACE,
    "read": Op.READ,
    "read-replacement": Op.READ,
    "import": Op.IMPORT,
    "import-replacement": Op.IMPORT,
    "refresh": Op.REFRESH,
}
# Steps that are part of another's, and are told only when they fail.
_PARTS = frozenset(
    {"replace", "delete-replaced", "discard", "discard-replaced", "read-discard", "remove-pending-replace"}
)
_WHOLE = {Op.CREATE, Op.DELETE, Op.IMPORT}  # what is told with all its inputs
_SEVERITIES = {"debug": Severity.DEBUG, "warning": Severity.WARNING, "error": Severity.ERROR}


@dataclass
class Translator:
    """Takes engine events one by one, and passes on ours.

    Args:
        sink: takes events.
        verb: what is done, or would be.
        changes: the steps that ended.
        diagnostics: warnings and errors.
        outputs: what the program exports, as far as it is told; secrets are masked.
        result: how the operation ended, in the CLI's word; empty while it goes on.
        refused: errors of resources for which there was no step, by URN.
    """

    sink: EventSink
    verb: Verb
    changes: list[Change] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    result: str = ""
    refused: dict[str, list[str]] = field(default_factory=dict)
    _begun: dict[tuple[str, str], float] = field(default_factory=dict)
    _under_way: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    def take(self, event: Mapping[str, Any]) -> None:
        """Translate one event."""
        handlers: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "diagnosticEvent": self._diagnostic,
            "resourcePreEvent": self._started,
            "resOutputsEvent": self._ended,
            "resOpFailedEvent": self._failed,
            "summaryEvent": self._summary,
            "errorEvent": self._error,
        }
        for kind, handle in handlers.items():
            if kind in event:
                handle(event[kind])

    @property
    def has_begun(self) -> bool:
        """Whether anything was told of a resource."""
        return bool(self._begun or self.refused)

    def give_up(self, why: str) -> None:
        """Take note that the CLI ended without a summary; what it said of a resource is the better reason."""
        if not self.refused:
            self._error({"error": why})

    def close(self) -> None:
        """Report the resources that were refused before any step of theirs began, or in one that a preview began."""
        for urn, errors in self.refused.items():
            if (step := self._under_way.get(urn)) is not None:
                self._done(replace(self._timed(step, _change(step)), error="; ".join(errors)))
                continue
            for error in errors:
                self._say(Diagnostic(Severity.ERROR, error, urn))
        self.refused.clear()

    def _diagnostic(self, event: Mapping[str, Any]) -> None:
        message, urn = wording.reworded(str(event.get("message", "")).rstrip()), str(event.get("urn", ""))
        severity = _SEVERITIES.get(str(event.get("severity")), Severity.INFO)
        if self.result and severity in (Severity.INFO, Severity.DEBUG):
            return  # how the program's process ends once the engine has stopped it
        if severity is Severity.ERROR and _is_resource(urn) and wording.is_about_a_step(message):
            self.refused.setdefault(urn, []).append(message)
        elif severity is not Severity.ERROR or not self._is_told(message):
            self._say(Diagnostic(severity, message, urn))

    def _is_told(self, message: str) -> bool:
        """Tell whether an error only says that there were others."""
        if message == "update canceled":
            return True
        general = message.removesuffix(" failed") in ("update", "preview", "destroy", "refresh")
        return general and bool(self.refused or any(it.error for it in self.changes))

    def _started(self, event: Mapping[str, Any]) -> None:
        step = event["metadata"]
        if step["op"] in _PARTS:
            return
        self._begun[step["urn"], step["op"]] = time.perf_counter()
        self._under_way[step["urn"]] = step
        change = _change(step)
        if not _state(step).get("custom"):  # nothing is waited for, and its end is told only with its outputs
            self._component(step, change)
        elif change.op.is_change and change.op is not Op.REFRESH and not event.get("planning"):
            self._emit(StepStarted(change))

    def _component(self, step: Mapping[str, Any], change: Change) -> None:
        if step["urn"] not in self._told and step["op"] != "refresh":
            self._told.add(step["urn"])
            self._done(change)

    def _ended(self, event: Mapping[str, Any]) -> None:
        step = event["metadata"]
        self._under_way.pop(step["urn"], None)
        if step["type"] == ROOT_TYPE and step.get("new"):
            self.outputs = values(step["new"].get("outputs") or {})
        refreshed = (step["urn"], "refresh") in self._begun
        if step["op"] in _PARTS or not _state(step).get("custom"):
            return
        if refreshed:
            self._refreshed(step)
        else:
            self._done(self._timed(step, _change(step)))

    def _refreshed(self, step: Mapping[str, Any]) -> None:
        if _state(step).get("external") or step["type"].startswith(_PROVIDER_PREFIX):
            del self._begun[step["urn"], "refresh"]
            return
        change = self._timed({**step, "op": "refresh"}, _change(step))
        del self._begun[step["urn"], "refresh"]
        if not step.get("new"):  # it has vanished
            change = replace(change, op=Op.DELETE, changes={})
        else:
            changes = compare(_inputs(step, "old"), _inputs(step, "new"))  # the rest is the cloud's own doing
            change = replace(change, op=Op.REFRESH if changes else Op.SAME, changes=changes)
        self._done(change, wanted=True)

    def _failed(self, event: Mapping[str, Any]) -> None:
        step = event["metadata"]
        error = "; ".join(self.refused.pop(step["urn"], ())) or "it failed; the CLI gave no reason"
        change = self._timed(step, _change({**step, "op": "delete"} if step["op"] in _PARTS else step))
        self._done(replace(change, error=error))

    def _summary(self, event: Mapping[str, Any]) -> None:
        self.result = str(event.get("result") or "succeeded")

    def _error(self, event: Mapping[str, Any]) -> None:
        self._say(Diagnostic(Severity.ERROR, str(event.get("error", ""))))

    def _timed(self, step: Mapping[str, Any], change: Change) -> Change:
        begun = self._begun.get((step["urn"], step["op"]))
        return change if begun is None else replace(change, seconds=time.perf_counter() - begun)

    def _say(self, diagnostic: Diagnostic) -> None:
        if diagnostic.severity in (Severity.WARNING, Severity.ERROR):
            self.diagnostics.append(diagnostic)
        self._emit(diagnostic)

    def _done(self, change: Change, *, wanted: bool = False) -> None:
        if self.verb == "destroy" and change.op is Op.SAME and not wanted:
            return  # the CLI lists what it leaves alone
        self.changes.append(change)
        self._emit(StepDone(change))

    def _emit(self, event: Event) -> None:
        self.sink(event)


@dataclass
class Tail:
    """Reads an event log while it is written.

    Args:
        path: the file; it may not be there yet.
        take: takes each event.
    """

    path: Path
    take: Callable[[Mapping[str, Any]], None]
    _file: IO[str] | None = None
    _rest: str = ""

    def read(self) -> None:
        """Pass on what was written since the last time, up to the last whole line."""
        if self._file is None:
            if not self.path.exists():
                return
            self._file = self.path.open(encoding="utf-8")
        *lines, self._rest = (self._rest + self._file.read()).split("\n")
        for line in lines:
            if line:
                self.take(json.loads(line))

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def values(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read properties of an event: secrets, whose values it does not have, and what is not known yet."""
    return {key: wire.walk(value, _value) for key, value in properties.items()}


def _value(part: Any) -> Any:
    if isinstance(part, dict) and part.get(wire.SIGNATURE_KEY) == wire.SECRET_SIGNATURE:
        return wire.Secret(wire.UNKNOWN)
    if isinstance(part, float) and part.is_integer():
        return int(part)
    return wire.UNKNOWN if isinstance(part, str) and part in wire.UNKNOWN_STRINGS else part


def _change(step: Mapping[str, Any]) -> Change:
    op, urn = _OPS.get(step["op"], Op.SAME), step["urn"]
    state, new = _state(step), step.get("new") or {}
    changed = op in (Op.UPDATE, Op.REPLACE)
    found = "" if op is Op.REPLACE and not new.get("id") else new.get("id") or (step.get("old") or {}).get("id", "")
    return Change(
        op=op,
        urn=urn,
        type=step["type"],
        name=urn.split("::", 3)[3],
        parent=state.get("parent", ""),
        id="" if found in wire.UNKNOWN_STRINGS else found,
        changes=_changes(step) if changed else {},
        inputs=wire.mask(_inputs(step, "old" if op is Op.DELETE else "new")) if op in _WHOLE else {},
        replaced_by=_reasons(step) if op is Op.REPLACE else (),
        planned=Planned(inputs=_inputs(step, "new"), protect=bool(new.get("protect"))) if new else None,
    )


def _reasons(step: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the inputs that force a replacement; those of replace_on_changes are told in the detailed diff alone."""
    details = step.get("detailedDiff") or {}
    return tuple(step.get("keys") or [path for path, it in details.items() if it["diffKind"].endswith("-replace")])


def _changes(step: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Compare inputs; a secret that changed is known by its path alone."""
    old, new = _inputs(step, "old"), _inputs(step, "new")
    found = compare(old, new)
    for path in step.get("diffs") or ():
        if path in old and path in new and wire.has_secret(new[path]) and not _covers(path, found):
            found[path] = (wire.mask(old[path]), wire.mask(new[path]))
    return dict(sorted(found.items()))


def _is_resource(urn: str) -> bool:
    return bool(urn) and urn.split("::")[2] != ROOT_TYPE


def _covers(path: str, found: Mapping[str, Any]) -> bool:
    return any(it == path or it.startswith((f"{path}.", f"{path}[")) for it in found)


def _inputs(step: Mapping[str, Any], which: str) -> dict[str, Any]:
    return values((step.get(which) or {}).get("inputs") or {})


def _state(step: Mapping[str, Any]) -> Mapping[str, Any]:
    return step.get("new") or step.get("old") or {}
