"""Which branch stacks there are: by what is kept of them here, and by what the backend's states say."""

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from modelyard import project as projects
from modelyard.cli import deploy
from modelyard.cli.backends import Backend, backend
from modelyard.cli.engines import check
from modelyard.cli.options import Choices
from modelyard.errors import ModelyardError, UsageError
from modelyard.previews import records
from modelyard.previews.branches import check_branch, current_branch, stack_name
from modelyard.previews.records import BranchStack

_OF_BRANCH = re.compile(r"[a-z][a-z0-9-]*-[a-z2-7]{10}")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a command finds branch stacks.

    Args:
        home: the folder that keeps records and, by default, state.
        choices: the command's options.
        project: the model that the user stands in; None elsewhere, where all models' stacks count.
        root: the model's repository, or the working folder.
    """

    home: Path
    choices: Choices
    project: str | None
    root: Path

    @property
    def state(self) -> Path:
        """Return the backend's folder, if it is one."""
        return deploy.state_folder(self.home, self.choices)

    @property
    def is_folder(self) -> bool:
        """Tell whether the backend is a folder on this machine."""
        return not self.choices.backend or self.choices.backend.startswith("file://")

    @cached_property
    def backend(self) -> Backend:
        """Return what is known of the backend's stacks."""
        return backend(self.state, self.choices)


def here(choices: Choices) -> Place:
    """Return where the user stands.

    Raises:
        UsageError: the options don't go together.
    """
    check(choices)
    try:
        found = projects.find()
    except UsageError:
        return Place(home=projects.home(), choices=choices, project=None, root=Path.cwd())
    model = found.stacks[0].project if found.kind == "model" else None
    return Place(home=projects.home(), choices=choices, project=model, root=found.root)


def named(place: Place, branch: str | None, option: str | None = None) -> str:
    """Return the branch that was named, in either way, or the one that is checked out.

    Raises:
        UsageError: it is named twice, is no name of a branch, or nothing is named and checked out.
    """
    if branch is not None and option is not None:
        raise UsageError("the branch is named twice", hint="name it once: modelyard branch down NAME")
    given = branch if branch is not None else option
    return check_branch(given) if given is not None else current_branch(place.root)


def find(place: Place, branch: str) -> BranchStack | None:
    """Return a branch's stack, if it has one; of a remote backend its state counts, else what is kept here.

    Raises:
        UsageError: the user stands in no model repository.
        StateError: the stack of that name is another branch's.
    """
    if place.project is None:
        raise UsageError("this is no model repository", hint="cd to one; modelyard branch reap works everywhere")
    if place.is_folder and (found := records.find(place.home, place.project, branch)) is not None:
        return found
    name = stack_name(branch)
    found = next((it for it in _of_states(place, place.project, {name}) if it.stack == name), None)
    return found or records.find(place.home, place.project, branch)


def require(place: Place, branch: str) -> BranchStack:
    """Return a branch's stack.

    Raises:
        UsageError: it has none, or the user stands in no model repository.
    """
    found = find(place, branch)
    if found is None:
        raise UsageError(f"the branch {branch!r} has no stack", hint="modelyard branch list")
    return found


def known(place: Place) -> list[BranchStack]:
    """List the branch stacks, the oldest first: those that a record tells of, and those that only a state does."""
    found: list[BranchStack] = []
    for project in [place.project] if place.project else _projects(place):
        kept = records.branch_stacks(place.home, project)
        if place.is_folder:
            found += [*kept, *_of_states(place, project, None, known={it.stack for it in kept})]
        else:
            listed = _of_states(place, project, None)
            raw = {it.stack: it for it in kept}
            found += [raw.get(it.stack, it) if not it.expires else it for it in listed]
    return sorted(found, key=lambda it: (it.created, it.project, it.stack))


def _projects(place: Place) -> list[str]:
    names = {name.partition("/")[0] for name in place.backend.listed()}
    return sorted(names | set(records.projects(place.home)))


def _of_states(place: Place, project: str, wanted: set[str] | None, known: Set[str] = frozenset()) -> list[BranchStack]:
    """Read what states say of branch stacks, by the tags that all of a stack's resources are given."""
    store = place.backend
    found = []
    for name in store.listed():
        owner, _, stack = name.partition("/")
        chosen = stack in wanted if wanted is not None else stack not in known
        if owner != project or not chosen or not _OF_BRANCH.fullmatch(stack):
            continue
        try:
            tags, region = store.tags(name)
        except ModelyardError:
            continue  # a state that can't be read is told of by whoever works on it
        record = records.of_tags(project, stack, tags, region)
        if record is not None:
            found.append(record)
    return found
