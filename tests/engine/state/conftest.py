"""Stacks whose state is written by hand, and disks that fail."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from modelyard.engine.embedded.state.disk import Disk
from modelyard.engine.embedded.state.resource import Resource
from modelyard.engine.embedded.state.store import StackStore

ROOT = "pulumi:pulumi:Stack"


class Killed(BaseException):
    """The process ended here."""


class CountingDisk(Disk):
    """Does something at the n-th step, and at each one after it: fails as a full disk does, or as a kill does."""

    def __init__(self, at: int | None = None, *, kill: bool = False, once: bool = False) -> None:
        self.steps: list[str] = []
        self.at, self.kill, self.once = at, kill, once

    def _step(self, name: str) -> None:
        self.steps.append(name)
        number = len(self.steps) - 1
        if self.at is None or number < self.at or (self.once and number > self.at):
            return
        if self.kill:
            raise Killed
        if name != "unlink" and name != "cut":
            raise OSError(errno.ENOSPC, "No space left on device")

    def make_folder(self, path: Path) -> None:
        self._step("make_folder")
        super().make_folder(path)

    def create(self, path: Path) -> BinaryIO:
        self._step("create")
        return super().create(path)

    def append(self, file: BinaryIO, data: bytes) -> None:
        if self.at == len(self.steps):
            super().append(file, data[: len(data) // 2])
        self._step("append")
        super().append(file, data)

    def sync(self, file: BinaryIO) -> None:
        self._step("sync")  # and no more: nothing here outlives the machine

    def cut(self, file: BinaryIO, size: int) -> None:
        self._step("cut")
        super().cut(file, size)

    def sync_folder(self, path: Path) -> None:
        self._step("sync_folder")

    def rename(self, source: Path, target: Path) -> None:
        self._step("rename")
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        self._step("unlink")
        super().unlink(path)


def urn(name: str, *, project: str = "p", kind: str = "fake:index:Thing") -> str:
    return f"urn:pulumi:dev::{project}::{kind}::{name}"


ROOT_URN = urn("p-dev", kind=ROOT)
PROVIDER_URN = urn("default", kind="pulumi:providers:fake")
PROVIDER = f"{PROVIDER_URN}::the-id"


def item(name: str, *needs: str, **more: Any) -> dict[str, Any]:
    """A thing as the state holds it."""
    document = {
        "urn": urn(name),
        "custom": True,
        "id": f"id-{name}",
        "type": "fake:index:Thing",
        "parent": ROOT_URN,
        "provider": PROVIDER,
        "dependencies": [urn(it) for it in needs],
        "propertyDependencies": {"value": [urn(it) for it in needs]},
    }
    return {key: value for key, value in (document | more).items() if value not in (None, [], {})}


def latest(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A deployment: a root, a provider, and what is given."""
    from modelyard.engine.embedded.state.checkpoint import manifest

    base = [
        {"urn": ROOT_URN, "custom": False, "type": ROOT},
        {"urn": PROVIDER_URN, "custom": True, "id": "the-id", "type": "pulumi:providers:fake"},
    ]
    return {"manifest": manifest(), "resources": [*base, *items], **more}


def names(deployment: dict[str, Any]) -> list[str]:
    return [it["urn"].split("::")[3] for it in deployment["resources"]][2:]


def thing(name: str, **more: Any) -> Resource:
    return Resource(urn=urn(name), type="fake:index:Thing", custom=True, id=f"id-{name}", **more)


@pytest.fixture
def stack(tmp_path: Path) -> Callable[..., StackStore]:
    """Make a stack with a state, `stack(item, ...)`; or find it again, `stack()`."""

    def make(*items: dict[str, Any], project: str = "p", disk: Disk | None = None, **more: Any) -> StackStore:
        store = StackStore(tmp_path, project, "dev", disk or Disk())
        if items:
            with store.locked():
                store.replace(latest(*items, **more))
        return StackStore(tmp_path, project, "dev", disk or Disk())

    return make
