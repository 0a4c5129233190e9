"""Which stack's state a command is about; it need not belong to the project that the user stands in."""

from collections.abc import Sequence
from pathlib import Path

from modelyard import project as projects
from modelyard.cli.engines import check
from modelyard.cli.options import Choices, EngineName
from modelyard.engine.base import Deployment
from modelyard.engine.embedded.edits import editing
from modelyard.engine.embedded.state.store import StackStore, stacks
from modelyard.errors import UsageError

_STATE_FOLDER = "state"
_URN = "urn:pulumi:"


def folder(choices: Choices) -> Path:
    """Return the folder of the backend."""
    given = choices.backend
    return Path(given.removeprefix("file://")) if given.startswith("file://") else projects.home() / _STATE_FOLDER


def deployment(choices: Choices, stack: str | None) -> Deployment:
    """Describe a stack to an engine that is to work on its state alone.

    Args:
        choices: the command's options.
        stack: the stack as the user names it; see `title`.

    Raises:
        UsageError: it is not clear which stack is meant.
    """
    project, _, name = title(choices, stack).partition("/")
    found = {it.project: it.path for it in _here()}
    return Deployment(
        project=project,
        stack=name,
        program=found.get(project, Path()),
        state=folder(choices),
        backend=choices.backend,
        secrets_provider=choices.secrets_provider,
    )


def store(choices: Choices, stack: str | None) -> StackStore:
    """Return the files of a stack that the embedded engine keeps.

    Raises:
        UsageError: it is not clear which stack is meant, or another engine keeps it.
    """
    if choices.engine is not EngineName.EMBEDDED:
        raise UsageError(
            "this works on the embedded engine's files only",
            hint="use the CLI's own: pulumi state --help, or pulumi stack",
        )
    described = deployment(choices, stack)
    return StackStore(described.state, described.project, described.stack)


def chosen(choices: Choices, stack: str | None) -> list[StackStore]:
    """Return the files of the stack that a user names, or of all that the project has in the environment.

    Raises:
        UsageError: there is none, or another engine keeps it.
    """
    if stack is not None or len(_here()) == 1:
        return [store(choices, stack)]
    found = [it for it in (store(choices, item.project) for item in _here()) if it.path.exists()]
    if not found:
        raise UsageError(f"no stack has been deployed to {choices.env}", hint=f"modelyard up --env {choices.env}")
    return found


def title(choices: Choices, stack: str | None) -> str:
    """Return `project/stack` for the stack that a user names: a project's name, `project/stack`, or nothing.

    Raises:
        UsageError: nothing is named and there are several, or there is none of the name.
    """
    check(choices)
    if stack and "/" in stack:
        return stack.removeprefix("organization/")
    names = sorted({it.project for it in _here()} | _known(choices))
    if stack is None:
        here = [it.project for it in _here()]
        if len(here) != 1:
            raise UsageError("name the stack", hint=f"there is: {', '.join(names) or 'none yet'}")
        return f"{here[0]}/{choices.env}"
    if stack not in names:
        raise UsageError(f"there is no stack {stack!r}", hint=f"there is: {', '.join(names) or 'none yet'}")
    return f"{stack}/{choices.env}"


def resources(choices: Choices, words: Sequence[str]) -> tuple[StackStore, list[str]]:
    """Return the stack and the resources that a command line names: `[STACK] RESOURCE...`.

    The stack may be left out where a resource is named by its URN, or where the project has only one.

    Raises:
        UsageError: a word names no resource, or several.
    """
    names = {it.project for it in _here()} | _known(choices)
    first = words[0] if words else None
    if first is not None and not first.startswith(_URN) and (first in names or _is_title(choices, first)):
        found, rest = store(choices, first), list(words[1:])
    elif first is not None and first.startswith(_URN):
        stack, project, _ = first.removeprefix(_URN).split("::", 2)
        found, rest = store(choices, f"{project}/{stack}"), list(words)
    else:
        found, rest = store(choices, None), list(words)
    if not rest:
        return found, []
    latest = found.latest()
    return found, [editing.resolve(latest, word) for word in rest]


def _is_title(choices: Choices, word: str) -> bool:
    return word in {it.title for it in stacks(folder(choices))}


def _known(choices: Choices) -> set[str]:
    if choices.engine is not EngineName.EMBEDDED:
        return set()
    return {it.project for it in stacks(folder(choices)) if it.stack == choices.env}


def _here() -> list[projects.StackFolder]:
    try:
        return projects.find().stacks
    except UsageError:
        return []
