"""The file that carries the local cloud's state from one run to the next."""

import logging
import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.localcloud.state import pickling
from modelyard.localcloud.state.store import Contents

FORMAT = 1
_TRIES = 5
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Image:
    """Everything a snapshot holds.

    Args:
        format: the version of this very shape.
        services: by moto's name of a service: its backends' attributes by account and region, as bytes of their own,
            so that one service that can't be written or read does not cost the others.
        contents: our own documents and tags.
        first_log: the file of the journal that follows it.
    """

    format: int
    services: dict[str, bytes]
    contents: Contents
    first_log: int = 0


def capture(contents: Contents, first_log: int = 0) -> bytes:
    """Return the state of this process as bytes; a service that can't be written is left out and logged."""
    backends: dict[str, dict[tuple[str, str], Any]] = {}
    names: dict[int, pickling.BackendKey] = {}
    for service in pickling.used_services():
        for account, region, backend in list(service.iter_backends()):
            # moto makes a backend for China and the others whenever it looks for an account: nobody uses them here.
            if backend.partition == "aws":
                backends.setdefault(service.service_name, {})[account, region] = backend
                names[id(backend)] = (service.service_name, account, region)
    services = {}
    for name, states in backends.items():
        try:
            services[name] = _dumped(states, names)
        except Exception:  # noqa: BLE001  # any object of any service may refuse; the others are worth keeping
            _log.exception("the state of %s can't be saved", name)
    return pickle.dumps(Image(FORMAT, services, contents, first_log))


def _dumped(states: dict[tuple[str, str], Any], names: dict[int, pickling.BackendKey]) -> bytes:
    """Write a service's backends, once more if a read that goes on meanwhile makes moto fill in something."""
    for _ in range(_TRIES - 1):
        try:
            return pickling.dumps({key: vars(backend) for key, backend in states.items()}, names)
        except RuntimeError:  # a dictionary changed its size
            continue
    return pickling.dumps({key: vars(backend) for key, backend in states.items()}, names)


def revive(content: bytes) -> tuple[Contents, int]:
    """Put a captured state into this process.

    Args:
        content: what `capture` returned.

    Returns:
        our own documents, and the file of the journal that follows.

    Raises:
        ValueError: it is of another format.
    """
    # The file is our own, in a folder that only its owner writes.
    image = pickle.loads(content)  # noqa: S301
    if not isinstance(image, Image) or image.format != FORMAT:
        raise ValueError("the snapshot is of another format")
    for name, state in image.services.items():
        try:
            states = pickling.loads(state)
        except Exception:  # noqa: BLE001  # another version of moto may have renamed anything
            _log.exception("the state of %s can't be restored", name)
            continue
        for (account, region), attributes in states.items():
            backend = pickling.service_backends(name)[account][region]
            vars(backend).clear()
            vars(backend).update(attributes)
    return image.contents, image.first_log


def write(folder: Path, content: bytes) -> None:
    """Replace the snapshot in one step and keep the one before it."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh, current = folder / "state.new", folder / "state.dill"
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if current.exists():
        current.replace(folder / "state.before.dill")
    fresh.replace(current)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def load(folder: Path) -> tuple[Contents | None, str, int]:
    """Restore the newest snapshot that can be read; a damaged one is set aside.

    Returns:
        our own documents, none if there is no snapshot; what was damaged, for people, or nothing; and the file of the
        journal that follows.
    """
    damage = ""
    for name in ("state.dill", "state.before.dill"):
        path = folder / name
        if not path.exists():
            continue
        try:
            contents, first_log = revive(path.read_bytes())
        except Exception:  # noqa: BLE001  # a damaged pickle raises anything at all
            aside = path.with_suffix(".damaged")
            path.replace(aside)
            _log.exception("the snapshot %s is damaged; it is now %s", path, aside.name)
            damage = f"its saved state was damaged and is set aside as {aside}; what it holds now is older, or nothing"
        else:
            return contents, damage, first_log
    return None, damage, 0
