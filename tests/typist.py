"""The command line as a user types it: a process for each command, with a home of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


class Typist:
    """Types commands.

    Args:
        home: where MODELYARD_HOME points.
        folder: the folder to stand in.
    """

    def __init__(self, home: Path, folder: Path = ROOT) -> None:
        self.home, self.folder = home, folder

    def type(self, *words: str, folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "modelyard", *words],
            cwd=folder or self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def ok(self, *words: str, folder: Path | None = None) -> str:
        done = self.type(*words, folder=folder)
        assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, *words: str, folder: Path | None = None) -> Any:
        return json.loads(self.ok(*words, "--json", folder=folder))

    def refused(self, code: int, *words: str, folder: Path | None = None) -> str:
        """Check that a command fails as it should, without a traceback, and return what it says."""
        done = self.type(*words, folder=folder)
        assert done.returncode == code, f"{words}: {done.returncode} {done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr
        return done.stderr

    def environment(self) -> dict[str, str]:
        return {**os.environ, "MODELYARD_HOME": str(self.home), "COLUMNS": "200"}
