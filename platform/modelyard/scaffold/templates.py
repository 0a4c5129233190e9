"""The templates: where they are, and the rules that lie beside them because hooks use them without modelyard."""

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

from modelyard.errors import TemplateError

_PACKAGE = Path(__file__).resolve().parents[1]


def templates_folder() -> Path:
    """Return the folder of the templates: in the installed package, or `templates/` of this repository.

    Raises:
        TemplateError: neither is there.
    """
    for folder in (_PACKAGE / "_templates", _PACKAGE.parents[1] / "templates"):
        if (folder / "cookiecutter.json").is_file():
            return folder
    raise TemplateError("modelyard's templates are missing", hint="pip install --force-reinstall modelyard")


def rules(templates: Path) -> ModuleType:
    """Load what says which answers are valid, and which folders they ask for."""
    return _module(templates, "modelyard_template")


def pristine(templates: Path) -> ModuleType:
    """Load what keeps in a repository what the templates gave it."""
    return _module(templates, "modelyard_pristine")


def kinds(templates: Path | None = None) -> list[str]:
    """Return the kinds of model that there are templates for."""
    folder = templates or templates_folder()
    found: list[str] = rules(folder).kinds(folder)
    return found


def providers(templates: Path | None = None) -> list[str]:
    """Return the CI providers that there are templates for."""
    folder = templates or templates_folder()
    found: list[str] = rules(folder).providers(folder)
    return found


@cache
def _module(templates: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, templates / f"{name}.py")
    if spec is None or spec.loader is None or not (templates / f"{name}.py").is_file():
        raise TemplateError(f"{templates} has no {name}.py", hint="copy it from modelyard's templates")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
