"""Which stack a git branch has."""

import json
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from modelyard.errors import StateError, UsageError
from modelyard.naming import label

FOLDER = "branches"
_HEAD_LIMIT = 14  # with the digest and a project of 30 characters the whole fits into every service's limit


@dataclass(frozen=True, kw_only=True)
class BranchStack:
    """A branch's own stack.

    Args:
        project: the model's project.
        branch: the branch's raw name.
        stack: the stack's name.
        platform: the environment of the platform that it stands on.
        region: the AWS region it is deployed to.
        created: when it was first made, in UTC.
    """

    project: str
    branch: str
    stack: str
    platform: str
    region: str
    created: str


def stack_name(branch: str) -> str:
    """Name a branch's stack: readable, legal everywhere, and no other branch's."""
    return label(branch, _HEAD_LIMIT)


def current_branch(repository: Path) -> str:
    """Return the branch that is checked out.

    Raises:
        UsageError: the folder is in no git repository, or no branch is checked out.
    """
    try:
        found = subprocess.run(
            ["git", "symbolic-ref", "--short", "HEAD"], cwd=repository, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise UsageError("git is not installed", hint="name the branch: --branch NAME") from None
    if found.returncode != 0:
        raise UsageError(
            f"{repository} is in no git repository, or no branch is checked out",
            hint="git init && git switch -c my-branch, or name the branch: --branch NAME",
        )
    return found.stdout.strip()


def check_branch(branch: str) -> str:
    """Return the name if git takes it as a branch's.

    Raises:
        UsageError: it does not.
    """
    try:
        legal = "\0" not in branch and not branch.startswith(("-", "{{", "@{")) and branch not in ("HEAD", "@")
        branch.encode()
        if legal:
            command = ["git", "check-ref-format", "--branch", branch]
            legal = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        raise UsageError("git is not installed, and it decides what a branch may be called") from None
    except UnicodeEncodeError:
        legal = False
    if not legal:
        raise UsageError(f"{branch!r} is no name of a git branch", hint="git branch --list shows those there are")
    return branch


def record(home: Path, project: str, branch: str, *, platform: str, region: str) -> BranchStack:
    """Keep, durably and before anything is made, that a branch has a stack; an earlier record stays."""
    path = _folder(home, project) / f"{stack_name(branch)}.json"
    if path.exists():
        return _read(path)
    made = BranchStack(
        project=project,
        branch=branch,
        stack=stack_name(branch),
        platform=platform,
        region=region,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(asdict(made), indent=2), encoding="utf-8")
    temporary.replace(path)
    return made


def find(home: Path, project: str, branch: str) -> BranchStack | None:
    """Return a branch's stack, if it has one."""
    path = _folder(home, project) / f"{stack_name(branch)}.json"
    return _read(path) if path.exists() else None


def branch_stacks(home: Path, project: str) -> list[BranchStack]:
    """List a project's branch stacks, the oldest first."""
    return sorted((_read(path) for path in _folder(home, project).glob("*.json")), key=lambda it: it.created)


def expiry(stack: BranchStack, days: int) -> str:
    """Return the day until which a branch's stack is meant to live, such as `2030-12-31`.

    Args:
        stack: the stack; it counts from the day on which it was first made, so that the answer stays.
        days: how long.
    """
    return (datetime.fromisoformat(stack.created) + timedelta(days=days)).date().isoformat()


def forget(home: Path, stack: BranchStack) -> None:
    """Drop the record of a stack that is gone."""
    (_folder(home, stack.project) / f"{stack.stack}.json").unlink(missing_ok=True)


def _folder(home: Path, project: str) -> Path:
    return home / FOLDER / project


def _read(path: Path) -> BranchStack:
    try:
        return BranchStack(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise StateError(f"{path} is damaged: {error}", hint=f"rm '{path}' and 'modelyard branch up' again") from error
