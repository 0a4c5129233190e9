"""Bakes a model repository with cookiecutter: answers are checked first, and it appears whole or not at all."""

import importlib.util
import json
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

from modelyard.errors import TemplateError, UsageError

_PACKAGE = Path(__file__).resolve().parents[1]
_RULES = "modelyard_template"


def templates_folder() -> Path:
    """Return the folder of the templates: in the installed package, or `templates/` of this repository.

    Raises:
        TemplateError: neither is there.
    """
    for folder in (_PACKAGE / "_templates", _PACKAGE.parents[1] / "templates"):
        if (folder / "cookiecutter.json").is_file():
            return folder
    raise TemplateError("modelyard's templates are missing", hint="pip install --force-reinstall modelyard")


def kinds(templates: Path | None = None) -> list[str]:
    """Return the kinds of model that there are templates for."""
    found: list[str] = _rules(templates or templates_folder()).kinds(templates or templates_folder())
    return found


def providers(templates: Path | None = None) -> list[str]:
    """Return the CI providers that there are templates for."""
    found: list[str] = _rules(templates or templates_folder()).providers(templates or templates_folder())
    return found


def bake(
    kind: str, project: str, output: Path, answers: Mapping[str, str] | None = None, *, templates: Path | None = None
) -> Path:
    """Make a model repository.

    Args:
        kind: the kind of model, one of `kinds()`.
        project: the repository's and the model's name.
        output: the folder to make it in.
        answers: more of the template's answers by name, such as `ci`, `owner` and `description`.
        templates: the folder of the templates; modelyard's own unless told.

    Returns:
        The new repository's folder.

    Raises:
        TemplateError: an answer isn't valid, or the template fails.
        UsageError: the folder is there already.
    """
    source = templates or templates_folder()
    given = {**(answers or {}), "kind": kind, "project": project}
    _check(given, source)
    target = output.resolve() / project
    if target.exists() or target.is_symlink():
        raise UsageError(f"{target} is there already", hint="choose another name, or another folder with --output")
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{project}-", dir=target.parent) as folder:
        _cookiecutter(source, Path(folder), given).rename(target)
    return target


def questions(
    kind: str, project: str, answers: Mapping[str, str] | None = None, *, templates: Path | None = None
) -> dict[str, str]:
    """Return what the template asks besides what is answered already, each with its default.

    Args:
        kind: the kind of model.
        project: the project's name.
        answers: answers that are there.
        templates: the folder of the templates; modelyard's own unless told.

    Raises:
        TemplateError: an answer that is there isn't valid.
    """
    source = templates or templates_folder()
    given = {**(answers or {}), "kind": kind, "project": project}
    _check(given, source)
    asked = json.loads((source / "cookiecutter.json").read_text(encoding="utf-8"))
    return {name: default for name, default in asked.items() if not name.startswith("_") and name not in given}


def _check(answers: Mapping[str, str], templates: Path) -> None:
    asked = json.loads((templates / "cookiecutter.json").read_text(encoding="utf-8"))
    names = [name for name in asked if not name.startswith("_")]
    unknown = sorted(answers.keys() - set(names))
    if unknown:
        raise TemplateError(f"the template asks no {', '.join(unknown)}", hint=f"it asks: {', '.join(names)}")
    problems: list[tuple[str, str]] = _rules(templates).problems(answers, templates)
    if problems:
        raise TemplateError("; ".join(text for text, _ in problems), hint="; ".join(hint for _, hint in problems))


def _cookiecutter(templates: Path, folder: Path, answers: Mapping[str, str]) -> Path:
    """Run cookiecutter in a folder of its own, which holds its configuration too: the user's own changes nothing."""
    from cookiecutter.exceptions import CookiecutterException
    from cookiecutter.main import cookiecutter

    config = folder / "cookiecutter.yaml"
    config.write_text(json.dumps({"replay_dir": str(folder / "replay")}), encoding="utf-8")
    try:
        baked = cookiecutter(
            str(templates.resolve()),
            no_input=True,
            extra_context=dict(answers),
            output_dir=str(folder / "output"),
            config_file=str(config),
        )
    except CookiecutterException as error:
        raise TemplateError(
            f"{templates}: {error}", hint="see the lines above; the template itself is broken"
        ) from error
    return Path(baked)


@cache
def _rules(templates: Path) -> ModuleType:
    """Load the templates' own rules: the hooks use the same file where modelyard isn't installed."""
    spec = importlib.util.spec_from_file_location(_RULES, templates / f"{_RULES}.py")
    if spec is None or spec.loader is None:
        raise TemplateError(f"{templates} has no {_RULES}.py", hint="copy it from modelyard's templates")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
