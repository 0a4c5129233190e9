"""Writes each provider's file, as a template of `templates/ci/<provider>/`."""

import importlib
import pkgutil
from pathlib import Path
from typing import Protocol

from modelyard.scaffold.ci.stages import PYTHON, STAGES, Stage

_PROJECT_FOLDER = "{{ cookiecutter.project }}"
_ANSWER = "{% endraw %}{{ cookiecutter.python_version }}{% raw %}"
_NO_PROVIDERS = {"stages", "writing", "__main__"}


class Provider(Protocol):
    """A module that writes a provider's file."""

    FILE: str

    def render(self, stages: tuple[Stage, ...]) -> str:
        """Return the file's text; `PYTHON` stands for the Python version."""


def providers() -> dict[str, Provider]:
    """Return all providers by name: each is a module beside this one."""
    package = __name__.rpartition(".")[0]
    names = [it.name for it in pkgutil.iter_modules([str(Path(__file__).parent)]) if it.name not in _NO_PROVIDERS]
    found: dict[str, Provider] = {name: importlib.import_module(f"{package}.{name}") for name in names}
    return found


def rendered(stages: tuple[Stage, ...] = STAGES) -> dict[str, str]:
    """Return all templates by their path below `templates/ci`."""
    found = {f"{name}/{_PROJECT_FOLDER}/{it.FILE}": it.render(stages) for name, it in providers().items()}
    return {path: f"{{% raw -%}}\n{text.replace(PYTHON, _ANSWER)}{{% endraw %}}" for path, text in found.items()}


def write(folder: Path) -> list[Path]:
    """Write all templates that are not as they should be.

    Args:
        folder: the folder `templates/ci`.

    Returns:
        The files that were written.
    """
    written = []
    for name, text in rendered().items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written
