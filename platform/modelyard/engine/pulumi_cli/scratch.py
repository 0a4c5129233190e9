"""Previewing on a copy of the state: a stack that isn't there yet, or one that stands on outputs that are to come."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from modelyard import wire
from modelyard.engine.embedded.state.crypt import passphrase_file
from modelyard.engine.embedded.state.disk import Disk
from modelyard.engine.embedded.state.resource import ROOT_TYPE, make_urn
from modelyard.engine.embedded.state.store import StackStore
from modelyard.engine.pulumi_cli import cli
from modelyard.engine.pulumi_cli.workspace import PHRASE_VARIABLE, Workspace

_LAYOUT = ".pulumi"
_STACKS = f"{_LAYOUT}/stacks"


def is_needed(space: Workspace) -> bool:
    """Tell whether a preview needs a copy: the stack is known to be missing, or outputs are assumed."""
    return space.has_state is False or bool(space.deployment.assumed)


def backend(space: Workspace) -> Workspace:
    """Return the workspace with a backend of its own, which has the stack and the outputs that are assumed."""
    folder = space.folder / "backend"
    stacks = folder / _STACKS
    stacks.mkdir(parents=True, exist_ok=True)
    (folder / _LAYOUT / "meta.yaml").write_text("version: 1\n")
    if (original := space.file_backend) is not None and (original / _STACKS).is_dir():
        shutil.copytree(original / _STACKS, stacks, dirs_exist_ok=True)
    deployment = space.deployment
    names = {deployment.title, *deployment.assumed} if original is None else {deployment.title}
    for name in names:
        _fetch(space, _store(folder, name))
    for name, outputs in deployment.assumed.items():
        _assume(_store(folder, name), outputs)
    return replace(
        space, environment={**_passphrase(space), **space.environment, "PULUMI_BACKEND_URL": f"file://{folder}"}
    )


def _passphrase(space: Workspace) -> dict[str, str]:
    """Give a passphrase to a new stack whose own secrets provider is another, and is not to be asked for a preview."""
    if {"PULUMI_CONFIG_PASSPHRASE", PHRASE_VARIABLE} & os.environ.keys():
        return {}
    return {PHRASE_VARIABLE: str(passphrase_file(space.folder, Disk()))}


def _store(folder: Path, title: str) -> StackStore:
    project, _, stack = title.partition("/")
    return StackStore(folder, project, stack)


def _fetch(space: Workspace, store: StackStore) -> None:
    """Copy a stack from a backend that is no folder; one that isn't there yet is empty."""
    if store.path.exists():
        return
    latest: Any = None
    if space.file_backend is None:
        words = ["stack", "export", "--stack", f"organization/{store.project}/{store.stack}", "--non-interactive"]
        done = cli.run(words, folder=space.folder, environment=space.environment)
        latest = json.loads(done.stdout)["deployment"] if done.code == 0 else None
    store.path.parent.mkdir(parents=True, exist_ok=True)
    name = f"organization/{store.project}/{store.stack}"
    store.path.write_text(json.dumps({"version": 3, "checkpoint": {"stack": name, "latest": latest}}))


def _assume(store: StackStore, outputs: Mapping[str, Any]) -> None:
    """Give a stack the outputs that it is going to have; those it has already stay as they are."""
    document = json.loads(store.path.read_text()) if store.path.exists() else {}
    latest = (document.get("checkpoint") or {}).get("latest") or {}
    resources = latest.get("resources") or []
    urn = make_urn(store.stack, store.project, "", ROOT_TYPE, f"{store.project}-{store.stack}")
    root = next((it for it in resources if it["type"] == ROOT_TYPE), None)
    if root is None:
        root = {"urn": urn, "type": ROOT_TYPE, "custom": False}
        resources.insert(0, root)
    root["outputs"] = _written(outputs, root.get("outputs") or {})
    manifest = {"time": "2000-01-01T00:00:00Z", "magic": "", "version": ""}
    latest = {"manifest": manifest, "metadata": {}, **latest, "resources": resources}
    name = f"organization/{store.project}/{store.stack}"
    store.path.parent.mkdir(parents=True, exist_ok=True)
    store.path.write_text(json.dumps({"version": 3, "checkpoint": {"stack": name, "latest": latest}}))


def _written(outputs: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Write outputs as state; a secret's value was never told, so it is the one that is known already, or unknown."""
    return {
        name: known.get(name, wire.UNKNOWN_STRING) if wire.has_secret(value) else wire.walk(value, _unknown)
        for name, value in outputs.items()
    }


def _unknown(part: Any) -> Any:
    return wire.UNKNOWN_STRING if isinstance(part, wire.Unknown) else part
