"""Pipeline definitions that were made before: kept by what they are made of, so that the SageMaker SDK isn't needed.

To load that SDK takes longer than everything else that a model's program does. A definition is a function of the
repository's source and of its context; both are in the key. Branches differ in nothing but the name of their stack, so
theirs is kept with a placeholder in that name's place, once it has been shown that the name is only passed on.
"""

import fcntl
import hashlib
import json
import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, fields
from importlib import metadata
from pathlib import Path
from typing import Any

from modelyard.components.model_service.context import PipelineContext
from modelyard.naming import Scope

Definition = Callable[[PipelineContext], str]
_PLACEHOLDERS = ("b-placeholder-aaaaaaaaaa", "another-bbbbbbbbbb")  # of another length, too
_FOLDER_VARIABLE = "MODELYARD_CACHE"
_KEPT = 200


def folder() -> Path:
    """Return where definitions are kept: below the user's own cache, or where MODELYARD_CACHE says."""
    given = os.environ.get(_FOLDER_VARIABLE)
    base = Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "modelyard"
    return base / "definitions"


def defined(make: Definition, context: PipelineContext, source: str, scope: Scope) -> str:
    """Return a pipeline's definition, made before or now.

    Args:
        make: makes it; of the same context always the same.
        context: what it is made of.
        source: the digest of the repository's source, which `make` is part of.
        scope: whose pipeline it is.
    """
    if not scope.preview:
        return _kept(source, context, lambda: make(context)) or make(context)
    first, second = (_renamed(context, scope.environment, it) for it in _PLACEHOLDERS)

    def shown() -> str | None:
        made = make(first)
        # What does more with the name than pass it on gives another answer for another name.
        return made if make(second) == made.replace(*_PLACEHOLDERS) else None

    text = _kept(source, first, shown)
    return make(context) if text is None else text.replace(_PLACEHOLDERS[0], scope.environment)


def _kept(source: str, context: PipelineContext, make: Callable[[], str | None]) -> str | None:
    """Return what was made of the same before, or make it and keep it; what says nothing is not kept."""
    path = folder() / f"{_key(source, context)}.json"
    if (known := _read(path)) is not None:
        return known
    with _alone(path):  # a plan and the program that it is the plan of run at once
        if (known := _read(path)) is not None:
            return known
        made = make()
        if made is not None:
            _keep(path, made)
        return made


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock as long as something is made; without a place for one, go on without it."""
    with ExitStack() as held:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = held.enter_context((path.parent / ".lock").open("w"))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _keep(path: Path, text: str) -> None:
    """Keep a definition whole or not at all, and the newest only; that it can't be kept is no failure."""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            file.write(text)
        Path(file.name).replace(path)
        found = sorted(path.parent.glob("*.json"), key=lambda it: it.stat().st_mtime_ns, reverse=True)
        for old in found[_KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def _key(source: str, context: PipelineContext) -> str:
    known: dict[str, Any] = {
        "source": source,
        "context": asdict(context),
        "versions": [_version("sagemaker"), _version("modelyard"), platform.python_version()],
    }
    return hashlib.sha256(json.dumps(known, sort_keys=True, default=str).encode()).hexdigest()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _renamed(context: PipelineContext, name: str, other: str) -> PipelineContext:
    """Return a context in which a stack is called otherwise."""
    values = {it.name: _replaced(getattr(context, it.name), name, other) for it in fields(context)}
    return PipelineContext(**values)


def _replaced(value: Any, name: str, other: str) -> Any:
    if isinstance(value, str):
        return value.replace(name, other)
    if isinstance(value, tuple):
        return tuple(_replaced(item, name, other) for item in value)
    if isinstance(value, Mapping):
        return {key: _replaced(item, name, other) for key, item in value.items()}
    return value
