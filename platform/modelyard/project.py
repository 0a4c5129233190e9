"""Which project the user stands in, what stacks it has, and where its state is kept."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from modelyard.errors import SettingsError, UsageError

HOME_VARIABLE = "MODELYARD_HOME"
HOME_FOLDER = ".modelyard"
ANSWERS_FILE = "modelyard.yaml"
REQUIRES_KEY = "modelyard:requires"


@dataclass(frozen=True)
class StackFolder:
    """A folder with a Pulumi program.

    Args:
        project: the name in its Pulumi.yaml.
        path: the folder.
        requires: projects whose stacks have to be there first.
    """

    project: str
    path: Path
    requires: tuple[str, ...] = ()


@dataclass(frozen=True)
class Project:
    """A platform's repository, or a model's.

    Args:
        kind: which of the two.
        root: its folder.
    """

    kind: Literal["platform", "model"]
    root: Path

    @property
    def environments(self) -> Path:
        """Return the folder with its settings files."""
        return self.root / ("stacks/environments" if self.kind == "platform" else "infra/environments")

    @property
    def stacks(self) -> list[StackFolder]:
        """List its Pulumi programs, each after those it requires.

        Raises:
            SettingsError: a Pulumi.yaml is not valid, or stacks require one another.
        """
        if self.kind == "model":
            return [_read(self.root / "infra")]
        found = {stack.project: stack for stack in map(_read, _programs(self.root / "stacks"))}
        return list(_in_order(found))

    def select(self, names: list[str]) -> list[StackFolder]:
        """Return the stacks with these names, or all of them when there are none.

        Raises:
            UsageError: a name is unknown.
        """
        stacks = self.stacks
        known = [stack.project for stack in stacks]
        for name in names:
            if name not in known:
                raise UsageError(f"there is no stack {name!r}", hint=f"there is: {', '.join(known)}")
        return [stack for stack in stacks if not names or stack.project in names]


def find(start: Path | None = None) -> Project:
    """Find the project that a folder belongs to.

    Args:
        start: the folder; the working folder when it is not given.

    Raises:
        UsageError: it belongs to none.
    """
    for folder in _upwards(start):
        if (folder / ANSWERS_FILE).is_file() and (folder / "infra").is_dir():
            return Project("model", folder)
        if (folder / "stacks" / "environments").is_dir():
            return Project("platform", folder)
    raise UsageError(
        "this folder belongs to no platform and no model repository",
        hint="cd to one, or make a model repository: modelyard new sklearn churn",
    )


def home(start: Path | None = None) -> Path:
    """Return the folder that keeps state and the local cloud.

    It is where MODELYARD_HOME says; else the `.modelyard` of the nearest platform's repository around the folder, or
    one that is there already; else that of the platform's repository that modelyard is installed from; else one in the
    folder itself.
    """
    if given := os.environ.get(HOME_VARIABLE):
        return Path(given).expanduser().resolve()
    for folder in _upwards(start):
        if (folder / HOME_FOLDER).is_dir() or (folder / "stacks" / "environments").is_dir():
            return folder / HOME_FOLDER
    installed = Path(__file__).resolve().parents[2]
    if (installed / "stacks" / "environments").is_dir():
        return installed / HOME_FOLDER
    return (start or Path.cwd()).resolve() / HOME_FOLDER


def _upwards(start: Path | None) -> list[Path]:
    folder = (start or Path.cwd()).resolve()
    return [folder, *folder.parents]


def _programs(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob("*/Pulumi.yaml"))


def _read(folder: Path) -> StackFolder:
    path = folder / "Pulumi.yaml"
    try:
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        name = document["name"]
        requires = (document.get("config") or {}).get(REQUIRES_KEY, {"value": ""})["value"]
    except FileNotFoundError:
        raise SettingsError(f"there is no {path}", hint="restore the file: git checkout -- .") from None
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"{path} is not valid: {error}", hint="it needs a line 'name: ...'") from error
    return StackFolder(str(name), folder, tuple(str(requires).split()))


def _in_order(stacks: dict[str, StackFolder]) -> Iterator[StackFolder]:
    done: set[str] = set()
    while len(done) < len(stacks):
        ready = [it for it in stacks.values() if it.project not in done and set(it.requires) <= done]
        if not ready:
            left = ", ".join(sorted(stacks.keys() - done))
            raise SettingsError(f"these stacks require one another, or one that isn't there: {left}")
        for stack in ready:
            done.add(stack.project)
            yield stack
