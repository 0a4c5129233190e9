"""What is known of the stacks of a backend, whichever engine keeps it: which there are, and what they export."""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from modelyard import wire
from modelyard.cli.options import Choices, EngineName
from modelyard.engine.base import Deployment
from modelyard.engine.embedded.requests import references
from modelyard.engine.embedded.state.resource import ROOT_TYPE, STACK_REFERENCE_TYPE
from modelyard.engine.embedded.state.store import StackStore, stacks
from modelyard.errors import StateError

_PROVIDER_TYPE = "pulumi:providers:aws"


class Backend(Protocol):
    """Where stacks are kept; each is named `project/stack`."""

    def names(self) -> list[str]:
        """List the stacks that have resources."""

    def listed(self) -> list[str]:
        """List all stacks, those without resources too."""

    def tags(self, name: str) -> tuple[dict[str, str], str]:
        """Return the tags that a stack's provider gives to all of its resources, and its region; empty without one."""

    def references(self, name: str) -> set[str]:
        """List the stacks that a stack refers to."""

    def outputs(self, name: str) -> dict[str, Any]:
        """Return what a stack exports; secrets are wrapped.

        Raises:
            StateError: it has not been deployed.
        """


def backend(state: Path, choices: Choices) -> Backend:
    """Return the backend that a command works on.

    Args:
        state: its folder, if it is one.
        choices: the command's options.
    """
    return _Exported(state, choices) if choices.engine is EngineName.PULUMI else _Folder(state)


class _Folder:
    """The folder of the embedded engine, read as it does."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def names(self) -> list[str]:
        return [f"{it.project}/{it.stack}" for it in stacks(self._state) if it.snapshot.resources]

    def listed(self) -> list[str]:
        return [f"{it.project}/{it.stack}" for it in stacks(self._state)]

    def tags(self, name: str) -> tuple[dict[str, str], str]:
        found = (it.inputs for it in self._store(name).snapshot.resources if it.type == _PROVIDER_TYPE)
        return _tags(next(found, {}))

    def references(self, name: str) -> set[str]:
        return references.references(self._store(name))

    def outputs(self, name: str) -> dict[str, Any]:
        store = self._store(name)
        if not store.deployed:
            raise _missing(name)
        return store.outputs()

    def _store(self, name: str) -> StackStore:
        project, _, stack = name.partition("/")
        return StackStore(self._state, project, stack)


class _Exported:
    """Any backend of the Pulumi CLI, read by its exports; the values of secrets are not among them."""

    def __init__(self, state: Path, choices: Choices) -> None:
        from modelyard.engine.pulumi_cli import PulumiEngine

        self._state, self._choices, self._engine = state, choices, PulumiEngine()
        self._known: dict[str, list[Mapping[str, Any]]] = {}

    def names(self) -> list[str]:
        return [name for name in self._listed if self._resources(name)]

    def listed(self) -> list[str]:
        return list(self._listed)

    def tags(self, name: str) -> tuple[dict[str, str], str]:
        found = (it.get("inputs") or {} for it in self._resources(name) if it["type"] == _PROVIDER_TYPE)
        return _tags(next(found, {}))

    def references(self, name: str) -> set[str]:
        found = (it["outputs"]["name"] for it in self._resources(name) if it["type"] == STACK_REFERENCE_TYPE)
        return {str(reference).split("/", 1)[1] for reference in found}

    def outputs(self, name: str) -> dict[str, Any]:
        root = next((it for it in self._resources(name) if it["type"] == ROOT_TYPE), None)
        if root is None:
            raise _missing(name)
        return {key: wire.walk(value, _sealed) for key, value in (root.get("outputs") or {}).items()}

    @cached_property
    def _listed(self) -> list[str]:
        return self._engine.stacks(self._deployment("any/any"))

    def _resources(self, name: str) -> list[Mapping[str, Any]]:
        if name not in self._known:
            self._known[name] = []
            if name in self._listed:
                document = self._engine.export_state(self._deployment(name))
                self._known[name] = (document.get("deployment") or {}).get("resources") or []
        return self._known[name]

    def _deployment(self, name: str) -> Deployment:
        project, _, stack = name.partition("/")
        return Deployment(
            project=project,
            stack=stack,
            program=Path(),
            state=self._state,
            backend=self._choices.backend,
            secrets_provider=self._choices.secrets_provider,
        )


def _tags(provider: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    """Read a provider's tags and region; the SDK gives complex inputs of a provider as JSON texts."""
    inputs = wire.reveal(dict(provider))
    given = inputs.get("defaultTags") or {}
    tags = (json.loads(given) if isinstance(given, str) else given).get("tags") or {}
    return {str(key): str(value) for key, value in tags.items()}, str(inputs.get("region") or "")


def _sealed(part: Any) -> Any:
    if isinstance(part, dict) and part.get(wire.SIGNATURE_KEY) == wire.SECRET_SIGNATURE:
        return wire.Secret(wire.UNKNOWN)
    return part


def _missing(name: str) -> StateError:
    project, _, stack = name.partition("/")
    return StateError(f"the stack {name} has not been deployed", hint=f"modelyard up {project} --env {stack}")
