"""Small templates that can be changed, and a repository that was made from them and is worked on by hand."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from modelyard.scaffold import bake, templates_folder
from modelyard.scaffold.merging import Merge
from modelyard.scaffold.updating import update

FOLDER = "{{ cookiecutter.project }}"
OWN = ("modelyard.yaml", ".template-base", ".cruft.json")

Content = str | bytes | tuple[str, str]
"""A file's content; with `x` or `link` before it an executable, or a link to it."""


class Templates:
    """Templates in a folder, of one kind and two CI providers.

    Args:
        folder: the folder to make them in.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, real = folder, templates_folder()
        folder.mkdir()
        for name in ("modelyard_template.py", "modelyard_pristine.py", "cookiecutter.json"):
            shutil.copy(real / name, folder / name)
        shutil.copytree(real / FOLDER, folder / FOLDER)
        for layer in ("base", "models/sklearn", "ci/github", "ci/gitlab"):
            (folder / layer / FOLDER).mkdir(parents=True)
        (folder / "ci" / "github" / FOLDER / "github.txt").write_text("github\n")
        (folder / "ci" / "gitlab" / FOLDER / "gitlab.txt").write_text("gitlab\n")

    def hold(self, files: Mapping[str, Content], version: str) -> None:
        """Make the templates of a version hold these files."""
        base = self.folder / "base" / FOLDER
        shutil.rmtree(base)
        base.mkdir()
        for path, content in files.items():
            put(base / path, content)
        self.change(_version=version)

    def change(self, **entries: str | None) -> None:
        """Change what the template asks; nothing takes a question away."""
        path = self.folder / "cookiecutter.json"
        document = {**json.loads(path.read_text()), **entries}
        path.write_text(json.dumps({name: value for name, value in document.items() if value is not None}))


class Repository:
    """A repository in git that was made from templates.

    Args:
        templates: the templates.
        folder: the folder to make it in.
        top: the git repository's folder, if it isn't the model's own.
    """

    def __init__(self, templates: Templates, folder: Path, top: Path | None = None) -> None:
        self.templates = templates
        self.path = bake("sklearn", "churn", folder, templates=templates.folder)
        self.top = top or self.path
        self.git("init", "-q", "-b", "main", folder=self.top)
        self.commit()

    def git(self, *words: str, folder: Path | None = None, check: bool = True) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "core.quotePath=false"]
        kept = {name: value for name, value in os.environ.items() if name != "GIT_DIR"}
        environment = {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        done = subprocess.run(
            ["git", *identity, *words], cwd=folder or self.path, env=environment, capture_output=True, check=False
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.decode()

    def commit(self) -> None:
        self.git("add", "--all", folder=self.top)
        self.git("commit", "-q", "--allow-empty", "-m", "change", folder=self.top)

    def work(self, changes: Mapping[str, Content | None]) -> None:
        """Change files by hand, and commit; nothing deletes one."""
        for path, content in changes.items():
            if (self.path / path).exists():
                (self.path / path).unlink()
            if content is not None:
                put(self.path / path, content)
        self.commit()

    def update(self, **answers: str) -> Merge:
        with update(self.path, answers, templates=self.templates.folder) as found:
            found.apply()
            return found.merge

    def tree(self) -> dict[str, Content]:
        """Return all files, without modelyard's own."""
        found: dict[str, Content] = {}
        for path in sorted(self.path.rglob("*")):
            name = path.relative_to(self.path).as_posix()
            if name.startswith(".git/") or name in (*OWN, "github.txt") or (path.is_dir() and not path.is_symlink()):
                continue
            found[name] = ("link", str(path.readlink())) if path.is_symlink() else content_of(path)
        return found

    def staged(self, number: int) -> dict[str, str]:
        """Return what git's index holds of conflicts: 1 what was there, 2 yours, 3 the templates'."""
        lines = self.git("ls-files", "--unmerged").splitlines()
        found = [line.split(None, 3) for line in lines]
        return {path: self.git("cat-file", "blob", blob) for _, blob, stage, path in found if stage == str(number)}


def put(path: Path, content: Content) -> None:
    """Write a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, tuple) and content[0] == "link":
        path.symlink_to(content[1])
        return
    text = content[1] if isinstance(content, tuple) else content
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(0o755 if isinstance(content, tuple) else 0o644)


def content_of(path: Path) -> Content:
    """Return a file's content, as `put` takes it."""
    raw = path.read_bytes()
    if b"\0" in raw:
        return raw
    return ("x", raw.decode()) if path.stat().st_mode & 0o100 else raw.decode()


def raw(content: Content) -> bytes:
    """Return a file's bytes; of a link, where it leads."""
    text = content[1] if isinstance(content, tuple) else content
    return text if isinstance(text, bytes) else text.encode()
