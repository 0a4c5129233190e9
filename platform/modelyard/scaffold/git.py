"""git, as a program: the repository that an update works on, and what in it must not be touched."""

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from modelyard.errors import ModelyardError, UsageError

# Variables by which a hook's git would be sent to another repository than the one that is named here.
_STRAY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")
_NEEDED = (2, 38)
_SHOWN = 5
# How `git ls-files -v` marks files that are assumed unchanged, or that are not to be in the work tree.
_NOT_LOOKED_AT = {"h", "s", "S"}


@dataclass(frozen=True, kw_only=True)
class Git:
    """Runs git in a folder.

    Args:
        folder: the folder.
        variables: more of its environment.
    """

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, data: bytes | None = None, codes: Iterable[int] = (0,)) -> bytes:
        """Run a command and return what it writes.

        Args:
            words: the command.
            data: what it reads.
            codes: the exit codes that are no failure.

        Raises:
            ModelyardError: git fails, or is not there.
        """
        done = self.run(*words, data=data)
        if done.returncode not in codes:
            raise ModelyardError(
                f"git {' '.join(words[:3])} failed: {done.stderr.decode(errors='replace').strip()}", hint="git status"
            )
        return done.stdout

    def run(self, *words: str, data: bytes | None = None) -> "subprocess.CompletedProcess[bytes]":
        """Run a command that may fail."""
        kept = {name: value for name, value in os.environ.items() if name not in _STRAY}
        environment = {**kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", **self.variables}
        try:
            return subprocess.run(
                ["git", *words], cwd=self.folder, env=environment, input=data, capture_output=True, check=False
            )
        except FileNotFoundError:
            raise UsageError("git is not installed", hint="install git 2.38 or newer") from None

    def text(self, *words: str) -> str:
        """Return a command's output as one line."""
        return self(*words).decode().strip("\n")


@dataclass(frozen=True, kw_only=True)
class WorkTree:
    """A model repository in git, without changes that are not committed.

    Args:
        git: git in its folder.
        top: the git repository's folder; the model's may be a folder of it.
        prefix: the model's folder in it, with a slash at its end, or nothing.
    """

    git: Git
    top: Path
    prefix: str

    @classmethod
    def clean(cls, folder: Path) -> "WorkTree":
        """Return a repository that may be changed.

        Raises:
            UsageError: it is in no git repository, has nothing committed, or changes that are not.
        """
        git = Git(folder=folder)
        _check_version(git)
        if git.run("rev-parse", "--is-inside-work-tree").stdout.strip() != b"true":
            hint = f"cd {folder} && git init && git add . && git commit -m 'feat: first'"
            raise UsageError(f"{folder} is in no git repository, and an update has to be undoable", hint=hint)
        if git.run("rev-parse", "--quiet", "--verify", "HEAD").returncode:
            raise UsageError(f"nothing is committed in {folder}", hint="git add . && git commit -m 'feat: first'")
        for name in ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD"):
            if not git.run("rev-parse", "--quiet", "--verify", name).returncode:
                raise UsageError("git is in the middle of a merge", hint="finish it: git commit; or git merge --abort")
        made = cls(
            git=git, top=Path(git.text("rev-parse", "--show-toplevel")), prefix=git.text("rev-parse", "--show-prefix")
        )
        made._refuse_changes()
        return made

    @property
    def tree(self) -> str:
        """Return the committed tree of the model's folder."""
        return self.git.text("rev-parse", f"HEAD:{self.prefix}")

    def _refuse_changes(self) -> None:
        words = ("status", "--porcelain=v1", "-z", "--untracked-files=normal", "--ignore-submodules=none", "--", ".")
        found = [it.decode(errors="replace") for it in self.git(*words).split(b"\0") if it]
        if found:
            raise UsageError(
                f"{_many(len(found))} not committed: {_some(it[3:] for it in found)}",
                hint="git add . && git commit, or git stash --include-untracked; then modelyard update",
            )

    def refuse_obstacles(self, made: Iterable[str], touched: Iterable[str]) -> None:
        """Refuse what would write over files that git doesn't watch.

        Args:
            made: paths of files that are not committed, and are about to be written.
            touched: paths of committed files that are about to be changed.

        Raises:
            UsageError: there are such files.
        """
        listed = self.git("ls-files", "-v", "-z", "--", ".").decode(errors="surrogateescape").split("\0")
        marks = {line[2:]: line[:1] for line in listed if line}
        there = sorted({it for path in made for it in _in_the_way(self.git.folder, path) if it not in marks})
        if there:
            hint = f"move them away, then modelyard update: mv {there[0]} {there[0]}.mine"
            raise UsageError(f"the update would write over files that are not in git: {_some(there)}", hint=hint)
        hidden = sorted(path for path in touched if marks.get(path) in _NOT_LOOKED_AT)
        if hidden:
            hint = f"git update-index --no-assume-unchanged --no-skip-worktree {hidden[0]}"
            raise UsageError(f"git was told not to look at files that the update changes: {_some(hidden)}", hint=hint)


def _check_version(git: Git) -> None:
    words = git.text("version").split()
    version = tuple(int(it) for it in words[2].split(".")[:2])
    if version < _NEEDED:
        raise UsageError(f"git {words[2]} can't merge trees", hint="install git 2.38 or newer")


def _in_the_way(folder: Path, path: str) -> Iterator[str]:
    """Return what lies where a file is about to be written: of its name, below it, or in the place of its folders."""
    target = folder / path
    for above in [it for it in target.parents if folder in it.parents]:
        if above.is_symlink() or above.is_file():
            yield above.relative_to(folder).as_posix()
    if target.is_dir() and not target.is_symlink():
        yield from (it.relative_to(folder).as_posix() for it in target.rglob("*") if it.is_symlink() or not it.is_dir())
    elif target.exists() or target.is_symlink():
        yield path


def _many(count: int) -> str:
    return "1 change is" if count == 1 else f"{count} changes are"


def _some(names: Iterable[str]) -> str:
    found = list(names)
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(found[:_SHOWN]) + more
