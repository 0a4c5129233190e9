"""What an operation did, in a form in which two engines can be compared: without random ids, times and versions."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from engine.lifecycle.differences import UNTOLD_REASONS

from modelyard import wire
from modelyard.engine.base import Change, Diagnostic, Result, Severity

_SECRET = "[secret]"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIMES = ("created", "modified")
_DROPPED = ("sourcePosition", "stackTrace")
# What the CLI says of an operation as a whole, where ours has the result's outcome.
_CONSEQUENCES = re.compile(
    r"^(update|preview|destroy|refresh) failed$|^resource registration |resource monitor shut down"
    r"|grpc: the client connection is closing|^using pulumi-resource-\S+ from \$PATH"
)

# How a program ended that has said why.
_ENDING = re.compile(r"^the program ended with exit code ")
_RAISED = re.compile(r"^([\w.]*(?:Error|Exception|Exit|Interrupt)\b.*)", re.MULTILINE | re.DOTALL)
_TRACEBACK = "Traceback (most recent call last):"

Transcript = dict[str, Any]


def transcribe(
    result: Result, calls: Iterable[str], resources: Iterable[Mapping[str, Any]], *, folder: Path
) -> Transcript:
    """Write down an operation: its outcome, steps, outputs, diagnostics, calls and the state it left in a folder."""
    return {
        "outcome": result.outcome,
        "steps": sorted(_step(change) for change in result.changes),
        "outputs": _plain(wire.mask(dict(result.outputs))),
        "diagnostics": sorted(said.replace(str(folder), "<folder>") for said in _said(result)),
        "calls": sorted(calls),
        "state": sorted((_resource(it) for it in resources), key=lambda it: (it["urn"], "delete" in it)),
    }


def differences(ours: Transcript, theirs: Transcript) -> list[str]:
    """List where two transcripts differ, by path."""
    found: list[str] = []
    _compare("", ours, theirs, found)
    return found


def _step(change: Change) -> tuple[str, ...]:
    told = {path: pair for path, pair in change.changes.items() if not path.startswith("__")}
    changes = {path: pair for path, pair in told.items() if not path.endswith(".text")}  # the CLI cuts those of assets
    reasons = ",".join(sorted(set(change.replaced_by) - UNTOLD_REASONS))
    return (change.urn, str(change.op), reasons, repr(_plain(wire.mask(changes))), "failed" if change.error else "")


def _said(result: Result) -> Iterable[str]:
    errors = [change.error for change in result.changes if change.error]
    yield from (f"error: {_text(error)}" for error in errors)
    others = [it for it in result.diagnostics if not _is_told(it, errors) and not _CONSEQUENCES.search(it.message)]
    reasons = [it for it in others if not _ENDING.match(it.message)]
    for item in reasons or others:
        yield f"{item.severity}: {_text(item.message)}"


def _is_told(item: Diagnostic, errors: list[str]) -> bool:
    return item.severity is Severity.ERROR and any(item.message in error or error in item.message for error in errors)


def _text(message: str) -> str:
    """Return a message in one line; of a traceback, whose frames are an engine's own, what was raised at last."""
    before, traceback, rest = message.rpartition(_TRACEBACK)
    if traceback and (raised := _RAISED.search(rest)):
        message = before.partition(_TRACEBACK)[0] + raised[1]
    message = re.sub(r"exit code -\d+", "exit code of a signal", message)
    return _UUID.sub("<id>", " ".join(message.split()))


def _resource(resource: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: _value(key, value) for key, value in resource.items() if key not in _DROPPED and value is not None}
    if resource["type"].startswith("pulumi:providers:"):
        kept.pop("id", None)
    for key in ("dependencies", "aliases", "replaceWith", "additionalSecretOutputs"):
        if key in kept:
            kept[key] = sorted(kept[key])
    dependencies = kept.get("propertyDependencies", {})
    kept["propertyDependencies"] = {key: sorted(urns) for key, urns in dependencies.items() if urns}
    return {key: value for key, value in kept.items() if value not in ({}, [], "", False) or key == "outputs"}


def _value(key: str, value: Any) -> Any:
    if key in _TIMES:
        return "a time"
    return _plain(value)


def _plain(value: Any) -> Any:
    """Drop what is random, and how a secret is written."""
    if isinstance(value, Mapping):
        if value.get(wire.SIGNATURE_KEY) == wire.SECRET_SIGNATURE:
            return _SECRET
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _UUID.sub("<id>", value) if isinstance(value, str) else value


def _compare(path: str, ours: Any, theirs: Any, found: list[str]) -> None:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            _compare(f"{path}.{key}" if path else key, ours.get(key), theirs.get(key), found)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (left, right) in enumerate(zip(ours, theirs, strict=True)):
            _compare(f"{path}[{index}]", left, right, found)
    elif isinstance(ours, list) and isinstance(theirs, list):
        found.extend(f"{path}: only the embedded engine has {it!r}" for it in ours if it not in theirs)
        found.extend(f"{path}: only the CLI has {it!r}" for it in theirs if it not in ours)
    elif ours != theirs:
        found.append(f"{path}: the embedded engine has {ours!r}, the CLI {theirs!r}")
