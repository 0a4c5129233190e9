"""A job's `requirements.txt`: satisfied as it is, or by an environment that is made once and kept.

The environment lies over the job's Python: what that has is used, and only what is missing is installed.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from modelyard.naming import digest

_TIMEOUT_SECONDS = 900
_DIGEST_LENGTH = 16
# Asks with pip's own reader of requirements, so that markers, extras and versions mean what they mean to pip.
_UNSATISFIED = """
import importlib.metadata, json, sys
from packaging.requirements import InvalidRequirement, Requirement
missing = []
for line in json.loads(sys.argv[1]):
    try:
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate():
            continue
        found = importlib.metadata.version(wanted.name)
        if wanted.extras or wanted.url or not wanted.specifier.contains(found, prereleases=True):
            missing.append(line)
    except (InvalidRequirement, importlib.metadata.PackageNotFoundError):
        missing.append(line)
print(json.dumps(missing))
print(json.dumps([p for p in sys.path if p]))
"""


class RequirementsError(Exception):
    """Requirements can't be installed; the message says why."""


def environment(python: Path, file: Path, folder: Path) -> Path:
    """Return a Python that has what a requirements file asks for.

    Args:
        python: the job's.
        file: the requirements.
        folder: where environments are kept.

    Raises:
        RequirementsError: what is missing can't be installed.
    """
    lines = _lines(file)
    missing, paths = _ask(python, lines)
    if not missing:
        return python
    target = folder / digest(json.dumps([str(python), sorted(lines)]), _DIGEST_LENGTH)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = target / "complete"
        if not done.exists():
            shutil.rmtree(target, ignore_errors=True)
            _make(python, target, paths)
            _install(target, file, missing)
            done.touch()
    return _python_of(target)


def _lines(file: Path) -> list[str]:
    """Return requirements without comments; options such as `-r other.txt` stay, and count as missing."""
    texts = (line.split(" #", 1)[0].strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [text for text in texts if text and not text.startswith("#")]


def _ask(python: Path, lines: list[str]) -> tuple[list[str], list[str]]:
    """Return which requirements are not satisfied, and where that Python looks for packages."""
    command = [str(python), "-c", _UNSATISFIED, json.dumps(lines)]
    asked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if asked.returncode:  # it has no packaging: pip may say what is missing
        return lines, []
    missing, paths = asked.stdout.splitlines()[-2:]
    return list(json.loads(missing)), list(json.loads(paths))


def _make(python: Path, target: Path, paths: list[str]) -> None:
    """Make an environment that sees all packages of another one."""
    _run([str(python), "-m", "venv", "--without-pip", "--symlinks", str(target)], "make an environment")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = next(iter((target / "lib").glob("python*")), target / "lib" / version) / "site-packages"
    below = [path for path in paths if "site-packages" in path or "dist-packages" in path]
    (packages / "base.pth").write_text("\n".join(below) + "\n", encoding="utf-8")


def _install(target: Path, file: Path, missing: list[str]) -> None:
    # Options are of the file; without any, only what is missing is installed.
    wanted = ["-r", str(file)] if any(line.startswith("-") for line in missing) else missing
    python, uv = str(_python_of(target)), shutil.which("uv")
    installer = (
        [uv, "pip", "install", "--python", python]
        if uv
        else [sys.executable, "-m", "pip", "--python", python, "install"]
    )
    _run([*installer, "--quiet", *wanted], f"install {file.name}")


def _run(command: list[str], what: str) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False, env=dict(os.environ)
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RequirementsError(f"can't {what}: {error}") from error
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[-500:]
        raise RequirementsError(
            f"can't {what}: {said} - where there is no network, install it into the job's Python beforehand"
        )


def _python_of(target: Path) -> Path:
    return target / "bin" / "python"
