"""Three trees become one, as `git merge` does it, in a repository beside that the user's own knows nothing of.

The user's files and index are touched at the end alone, by one command that does all or nothing.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from modelyard.errors import ModelyardError
from modelyard.scaffold.git import Git, WorkTree

YOURS = "yours"
_BASE, _THEIRS = "refs/heads/base", "refs/heads/theirs"
_NOBODY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "modelyard"), ("EMAIL", "modelyard@localhost"), ("DATE", "@0 +0000"))
}
_CONFLICTED = 1
_RENAMES = b"RC"

Files = Mapping[str, tuple[int, bytes]]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One of the versions that a conflict is between, as git's index keeps it.

    Args:
        mode: git's file mode.
        object: the content.
        number: 1 for what was there before, 2 for yours, 3 for the template's.
        path: the file.
    """

    mode: str
    object: str
    number: int
    path: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """A file that a merge changes.

    Args:
        status: git's letter: A, M, D, R, T.
        path: the file.
        before: its path before, if it was renamed.
    """

    status: str
    path: str
    before: str = ""


@dataclass(frozen=True, kw_only=True)
class Merge:
    """What came of a merge.

    Args:
        before: the user's tree.
        tree: the merged tree; files in conflict hold both sides between markers.
        stages: what the conflicts are between.
        notes: what git says of each conflict.
        changes: what differs from the user's tree.
        diff: the same, as a patch.
    """

    before: str
    tree: str
    stages: tuple[Stage, ...]
    notes: tuple[str, ...]
    changes: tuple[Change, ...]
    diff: str

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Return the files that are in conflict."""
        return tuple(sorted({it.path for it in self.stages}))


class Merger:
    """Merges into the tree of a work tree.

    Args:
        work: the user's repository.
        folder: a folder that lives as long as the merge.
    """

    def __init__(self, work: WorkTree, folder: Path) -> None:
        self._work, self._folder = work, folder / "merge.git"
        kind = work.git.text("rev-parse", "--show-object-format")
        objects = Path(work.git.text("rev-parse", "--git-path", "objects"))
        Git(folder=folder)("init", "--quiet", "--bare", f"--object-format={kind}", str(self._folder))
        alternates = self._folder / "objects" / "info" / "alternates"
        alternates.write_text(f"{(work.git.folder / objects).resolve()}\n", encoding="utf-8")
        self._git = Git(folder=self._folder, variables={"GIT_DIR": str(self._folder), **_NOBODY})

    def merge(self, base: Files, theirs: Files, settled: Files, name: str, hidden: str) -> Merge:
        """Merge what changed from `base` to `theirs` into the user's tree.

        Args:
            base: the files that the user began with.
            theirs: the files to follow.
            settled: files whose content is decided already.
            name: what conflicts call `theirs`.
            hidden: a file that no diff shows.
        """
        self._git(
            "-c",
            "fastimport.unpackLimit=1000000",
            "fast-import",
            "--quiet",
            data=b"".join(_stream({**base, **settled}, {**theirs, **settled})),
        )
        mine = self._with(self._work.tree, settled)
        for branch, commit in ((YOURS, self._commit(mine, _BASE)), (name, self._git.text("rev-parse", _THEIRS))):
            self._git("update-ref", f"refs/heads/{branch}", commit)
        words = ("merge-tree", "--write-tree", "-z", "--messages", YOURS, name)
        tree, stages, notes = _parsed(self._git(*words, codes=(0, _CONFLICTED)))
        before = self._work.tree
        diff = self._git(
            "diff", "--no-ext-diff", "--no-color", "--find-renames", before, tree, "--", ".", f":!{hidden}"
        )
        return Merge(
            before=before,
            tree=tree,
            stages=stages,
            notes=notes,
            changes=tuple(_changes(self._git("diff", "--name-status", "-z", "--find-renames", before, tree))),
            diff=diff.decode(errors="replace"),
        )

    def apply(self, merge: Merge) -> None:
        """Put what was merged into the user's files and index; conflicts lie in the index as git's own do.

        Raises:
            UsageError: it would write over files that git doesn't watch.
            ModelyardError: git refuses.
        """
        made = [it.path for it in merge.changes if it.status in ("A", "R", "C")]
        touched = [name for it in merge.changes for name in (it.path, it.before) if name]
        self._work.refuse_obstacles(made, touched)
        git, prefix = Git(folder=self._work.top), self._work.prefix
        self._hand_over(git)
        git("read-tree", "-m", "-u", "HEAD", self._whole(merge.tree))
        lines = [f"0 {'0' * len(merge.tree)}\t{prefix}{path}\0" for path in merge.conflicts]
        lines += [f"{it.mode} {it.object} {it.number}\t{prefix}{it.path}\0" for it in merge.stages]
        git("update-index", "-z", "--index-info", data="".join(lines).encode())

    def _hand_over(self, git: Git) -> None:
        """Give the user's repository what was made here, and none of what it has already."""
        loose = (self._folder / "objects").glob("[0-9a-f][0-9a-f]/*")
        names = "".join(f"{it.parent.name}{it.name}\n" for it in loose)
        git("unpack-objects", "-q", data=self._git("pack-objects", "-q", "--stdout", data=names.encode()))

    def _whole(self, tree: str) -> str:
        """Return the git repository's tree with the model's folder replaced."""
        if not self._work.prefix:
            return tree
        git = Git(folder=self._work.top, variables={"GIT_INDEX_FILE": str(self._folder / "whole")})
        git("read-tree", "HEAD")
        git("rm", "-r", "--quiet", "--cached", "--", self._work.prefix)
        git("read-tree", f"--prefix={self._work.prefix}", tree)
        return git.text("write-tree")

    def _with(self, tree: str, settled: Files) -> str:
        self._git("read-tree", tree)
        for path, (mode, content) in settled.items():
            written = self._git("hash-object", "-w", "--stdin", data=content).decode().strip()
            self._git("update-index", "--add", "--cacheinfo", f"100{mode:o},{written},{path}")
        return self._git.text("write-tree")

    def _commit(self, tree: str, *parents: str) -> str:
        return self._git.text("commit-tree", tree, *(word for it in parents for word in ("-p", it)), "-m", "merge")


@contextmanager
def merger(work: WorkTree) -> Iterator[Merger]:
    """Make what merges into a work tree, and take its traces away at the end."""
    with TemporaryDirectory(prefix="modelyard-update-") as folder:
        yield Merger(work, Path(folder))


def _stream(base: Files, theirs: Files) -> Iterator[bytes]:
    """Write two commits, one on the other, for `git fast-import`."""
    for branch, files, parent in ((_BASE, base, ""), (_THEIRS, theirs, _BASE)):
        yield f"commit {branch}\ncommitter modelyard <modelyard@localhost> 0 +0000\ndata 0\n".encode()
        yield f"from {parent}\n".encode() if parent else b""
        yield b"deleteall\n"
        for path, (mode, content) in files.items():
            yield f"M 100{mode:o} inline {_quoted(path)}\ndata {len(content)}\n".encode() + content + b"\n"


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _parsed(output: bytes) -> tuple[str, tuple[Stage, ...], tuple[str, ...]]:
    """Read what `git merge-tree -z` says: the tree, the conflicted files, and what there is to say of them."""
    tree, *rest = output.decode(errors="surrogateescape").split("\0")
    end = rest.index("") if "" in rest else len(rest)
    stages = tuple(_stage(line) for line in rest[:end])
    return tree.strip(), stages, tuple(_notes(rest[end + 1 :]))


def _stage(line: str) -> Stage:
    head, _, path = line.partition("\t")
    mode, content, number = head.split(" ")
    return Stage(mode=mode, object=content, number=int(number), path=path)


def _notes(words: list[str]) -> Iterator[str]:
    """Read messages: a number of paths, the paths, the kind of message, the message."""
    position = 0
    while position < len(words) and words[position]:
        after = position + 1 + int(words[position])
        if after + 1 >= len(words):
            raise ModelyardError("git merge-tree said what modelyard can't read", hint="git version")
        if words[after].startswith("CONFLICT"):
            yield words[after + 1].strip()
        position = after + 2


def _changes(output: bytes) -> Iterator[Change]:
    words = iter(output.split(b"\0")[:-1])
    for status in words:
        path = next(words).decode(errors="surrogateescape")
        letter = status[:1]
        if letter in _RENAMES:
            yield Change(status=letter.decode(), before=path, path=next(words).decode(errors="surrogateescape"))
        else:
            yield Change(status=letter.decode(), path=path)
