"""What the scaffold's tests share."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from modelyard.scaffold import templates_folder

Tree = dict[str, tuple[bytes, int]]


def tree(folder: Path) -> Tree:
    """Return each file below a folder with its bytes and its permissions, and each folder that is empty."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file():
            found[name] = (path.read_bytes(), path.stat().st_mode)
        elif not any(path.iterdir()):
            found[f"{name}/"] = (b"", path.stat().st_mode)
    return found


@pytest.fixture
def listing() -> Callable[[Path], Tree]:
    return tree


@pytest.fixture
def plain(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the real cookiecutter program in a folder, with a home of its own."""

    def run(folder: Path, *answers: str, template: str = str(templates_folder())) -> subprocess.CompletedProcess[str]:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "cookiecutter", template, "--no-input", *answers]
        environment = {**os.environ, "HOME": str(home)}
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    return run
