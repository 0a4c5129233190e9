"""What is kept of each branch's stack: whose it is, what it was made of, and until when it is meant to live."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from modelyard.errors import StateError
from modelyard.naming import NONE
from modelyard.previews.branches import stack_name
from modelyard.stack_keys import BRANCH_KEY, COMMIT_KEY, EXPIRY_KEY, OWNER_KEY, PULL_REQUEST_KEY, SAMPLE_KEY

FOLDER = "branches"


@dataclass(frozen=True, kw_only=True)
class BranchStack:
    """A branch's own stack.

    Args:
        project: the model's project.
        branch: the branch's raw name; of a stack that only its tags tell of, the name as tags take it.
        stack: the stack's name.
        platform: the environment of the platform that it stands on.
        region: the AWS region it is deployed to.
        created: when it was first made, in UTC.
        owner: who made it.
        commit: what it was last made of; empty where git doesn't know.
        pull_request: the pull request's number; empty without one.
        expires: the last day that it is meant to live, such as `2030-12-31`; empty where nothing says so.
        sample_fraction: the share of the training rows that its model trains on; empty for all of them.
    """

    project: str
    branch: str
    stack: str
    platform: str
    region: str
    created: str
    owner: str = ""
    commit: str = ""
    pull_request: str = ""
    expires: str = ""
    sample_fraction: str = ""

    @property
    def title(self) -> str:
        """Name the stack as engines do."""
        return f"{self.project}/{self.stack}"

    @property
    def config(self) -> dict[str, str]:
        """Return what its program is told of it."""
        known = {
            BRANCH_KEY: self.branch,
            EXPIRY_KEY: self.expires,
            OWNER_KEY: self.owner,
            COMMIT_KEY: self.commit,
            PULL_REQUEST_KEY: self.pull_request,
            SAMPLE_KEY: self.sample_fraction,
        }
        return {key: value for key, value in known.items() if value}


def now() -> str:
    """Return the time as records keep it, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def expiry(created: str, days: int) -> str:
    """Return the last day that a stack is meant to live, such as `2030-12-31`.

    Args:
        created: when it was first made, so that the answer stays.
        days: how long.
    """
    return (datetime.fromisoformat(created) + timedelta(days=days)).date().isoformat()


def is_expired(stack: BranchStack, today: date) -> bool:
    """Tell whether a stack's last day is over."""
    return bool(stack.expires) and stack.expires < today.isoformat()


def keep(home: Path, stack: BranchStack) -> None:
    """Keep, durably, what is known of a stack."""
    path = _path(home, stack.project, stack.stack)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(json.dumps(asdict(stack), indent=2))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def find(home: Path, project: str, branch: str) -> BranchStack | None:
    """Return a branch's stack, if it has one.

    Raises:
        StateError: a stack of that name is another branch's, or its record is damaged.
    """
    path = _path(home, project, stack_name(branch))
    found = _read(path) if path.exists() else None
    if found is not None and found.branch != branch:
        raise StateError(
            f"the stack {found.stack} is that of the branch {found.branch!r}, not of {branch!r}",
            hint="git branch -m another-name",
        )
    return found


def branch_stacks(home: Path, project: str) -> list[BranchStack]:
    """List a project's branch stacks, the oldest first; those that vanish meanwhile are left out."""
    found = []
    for path in (home / FOLDER / project).glob("*.json"):
        try:
            found.append(_read(path))
        except FileNotFoundError:
            continue
    return sorted(found, key=lambda it: (it.created, it.stack))


def projects(home: Path) -> list[str]:
    """List the projects that have branch stacks."""
    return sorted(path.name for path in (home / FOLDER).glob("*") if any(path.glob("*.json")))


def forget(home: Path, stack: BranchStack) -> None:
    """Drop the record of a stack that is gone."""
    _path(home, stack.project, stack.stack).unlink(missing_ok=True)


def of_tags(project: str, stack: str, tags: Mapping[str, str], region: str) -> BranchStack | None:
    """Read a record off the tags that all of a stack's resources carry; None where it is no branch's stack."""
    known = {key.removeprefix("modelyard:"): value for key, value in tags.items() if value != NONE}
    if not known.get("branch"):
        return None
    return BranchStack(
        project=project,
        branch=known["branch"],
        stack=stack,
        platform=known.get("platform", ""),
        region=region,
        created="",
        owner=known.get("owner", ""),
        commit=known.get("commit", ""),
        pull_request=known.get("pull-request", ""),
        expires=known.get("expiry", ""),
    )


def _path(home: Path, project: str, stack: str) -> Path:
    return home / FOLDER / project / f"{stack}.json"


def _read(path: Path) -> BranchStack:
    text = path.read_text(encoding="utf-8")
    try:
        content: dict[str, Any] = json.loads(text)
        return BranchStack(**content)
    except (ValueError, TypeError) as error:
        raise StateError(f"{path} is damaged: {error}", hint=f"rm '{path}' and 'modelyard branch up' again") from error
