"""Git's branches: what they may be called, what their stacks are called, and what git knows of them."""

import os
import subprocess
from pathlib import Path

from modelyard.errors import UsageError
from modelyard.naming import code, plain, slug

_HEAD_LIMIT = 12  # with the code and a project of 30 characters the whole is whole within every service's limit
_FORBIDDEN = frozenset(" ~^:?*[\\\x7f")
_FIRST_PRINTABLE = 0x20
_PATIENCE_SECONDS = 60


def stack_name(branch: str) -> str:
    """Name a branch's stack: readable, legal everywhere, the same each time, and no other branch's."""
    head = slug(plain(branch), _HEAD_LIMIT)
    head = head if head[:1].isalpha() else f"b-{head}"[:_HEAD_LIMIT].rstrip("-")
    return f"{head}-{code(branch)}"


def shown(branch: str) -> str:
    """Return a branch's name as it can be shown: characters that can't be seen, or turn a line round, are escaped."""
    return "".join(it if it.isprintable() else it.encode("unicode_escape").decode() for it in branch)


def check_branch(branch: str) -> str:
    """Return the name if git takes it as a branch's.

    Raises:
        UsageError: it does not.
    """
    if reason := refusal(branch):
        raise UsageError(
            f"{branch!r} is no name of a git branch: {reason}", hint="git branch --list shows those there are"
        )
    return branch


def refusal(branch: str) -> str:
    """Say why git doesn't take a name for a branch; nothing if it does.

    Source: git-check-ref-format(1), with `--branch`.
    """
    try:
        branch.encode()
    except UnicodeEncodeError:
        return "it is not UTF-8"
    if branch in ("", "@", "HEAD"):
        return "git gives it another meaning" if branch else "it is empty"
    if any(it in _FORBIDDEN or ord(it) < _FIRST_PRINTABLE for it in branch):
        return "it has a space, a control character or one of ~ ^ : ? * [ \\"
    return _refused_sequence(branch) or _refused_part(branch)


def _refused_sequence(branch: str) -> str:
    if branch.startswith("-"):
        return "it begins with a dash"
    if ".." in branch or "@{" in branch:
        return "it has .. or @{ in it"
    return "it ends with a dot" if branch.endswith(".") else ""


def _refused_part(branch: str) -> str:
    parts = branch.split("/")
    if "" in parts:
        return "it begins or ends with a slash, or has two in a row"
    wrong = any(it.startswith(".") or it.endswith(".lock") for it in parts)
    return "a part of it begins with a dot or ends with .lock" if wrong else ""


def current_branch(repository: Path) -> str:
    """Return the branch that is checked out.

    Raises:
        UsageError: the folder is in no git repository, or no branch is checked out.
    """
    found = _git(repository, "symbolic-ref", "--short", "HEAD")
    if found is None:
        raise UsageError(
            f"git is missing, {repository} is in no git repository, or no branch is checked out",
            hint="git init && git switch -c my-branch, or name the branch: --branch NAME",
        )
    return found


def is_checked_out(repository: Path, branch: str) -> bool:
    """Tell whether a branch is what the working folder holds."""
    return _git(repository, "symbolic-ref", "--short", "HEAD") == branch


def commit(repository: Path) -> str:
    """Return the commit that is checked out; empty where git knows of none."""
    return _git(repository, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") or ""


def author(repository: Path) -> str:
    """Return who works here, by git's configuration; empty where it doesn't say."""
    return _git(repository, "config", "user.email") or ""


def has_remote(repository: Path, remote: str) -> bool:
    """Tell whether a repository has a remote of a name; an address is always one."""
    return ":" in remote or "/" in remote or remote in (_git(repository, "remote") or "").split()


def live_branches(repository: Path, remote: str) -> frozenset[str] | None:
    """Ask a remote for its branches.

    Args:
        repository: the folder that git is asked in.
        remote: the remote's name or address.

    Returns:
        Their names; None where it doesn't answer, or has none at all, which says nothing about any of them.
    """
    found = _git(repository, "ls-remote", "--heads", "--", remote)
    names = [line.partition("\trefs/heads/")[2] for line in (found or "").splitlines()]
    return frozenset(name for name in names if not refusal(name)) or None


def _git(folder: Path, *words: str) -> str | None:
    """Ask git, without letting it ask anybody; None where it fails."""
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    environment.setdefault("GIT_SSH_COMMAND", "ssh -o BatchMode=yes")
    try:
        done = subprocess.run(
            ["git", *words],
            cwd=folder,
            env=environment,
            capture_output=True,
            check=False,
            timeout=_PATIENCE_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="surrogateescape").rstrip("\n") if done.returncode == 0 else None
