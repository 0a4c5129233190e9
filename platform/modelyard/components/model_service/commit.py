"""Which commit a model's code is of."""

import subprocess
from pathlib import Path


def last_commit(folder: Path) -> str:
    """Return the commit that last changed a folder; an empty text where that is in no git repository.

    It changes with the code alone, so that a commit elsewhere in the repository plans nothing.
    """
    command = ["git", "-C", str(folder), "log", "-1", "--format=%H", "--", "."]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
