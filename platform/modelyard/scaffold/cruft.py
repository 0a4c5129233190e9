"""The file by which `cruft` recognises a repository, where the templates lie in a git repository that it can clone."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

FILE = ".cruft.json"
_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")


def write(repository: Path, answers: Mapping[str, str], templates: Path) -> None:
    """Write the file beside the answers; templates of an installed package are in no git repository, and have none.

    Args:
        repository: the repository that was made.
        answers: all answers.
        templates: the folder that it was made from.
    """
    # The last commit that changed the templates: others are no reason for an update.
    commit = _git(templates, "log", "-1", "--format=%H", "--", ".").strip()
    if not commit or not _git(templates, "ls-files", "cookiecutter.json"):
        return
    prefix, top = _git(templates, "rev-parse", "--show-prefix", "--show-toplevel").splitlines()
    state = {
        "template": _CREDENTIALS.sub("", _git(templates, "remote", "get-url", "origin").strip() or top),
        "commit": commit,
        "checkout": None,
        "context": {"cookiecutter": dict(answers)},
        "directory": prefix.rstrip("/") or None,
        # What modelyard keeps for its own updates.
        "skip": [".template-base"],
    }
    (repository / FILE).write_text(json.dumps(state, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def carried(mine: str, theirs: str) -> str:
    """Return the file with another commit and other answers, where it still names the same templates.

    Args:
        mine: the file in the repository.
        theirs: the file that the templates make.
    """
    try:
        found, wanted = json.loads(mine), json.loads(theirs)
        if found["template"] != wanted["template"]:
            return mine
        changed = {**found, "commit": wanted["commit"], "context": wanted["context"]}
    except (ValueError, KeyError, TypeError):
        return mine
    return json.dumps(changed, ensure_ascii=False, indent=2) + "\n"


def _git(folder: Path, *words: str) -> str:
    try:
        return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return ""
