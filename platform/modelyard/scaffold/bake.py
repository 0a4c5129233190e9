"""Bakes a model repository from overlays: answers are checked first, and it appears whole or not at all."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from modelyard.components.model_service import pairs
from modelyard.errors import TemplateError, UsageError
from modelyard.scaffold import cruft
from modelyard.scaffold.templates import pristine, rules, templates_folder


@dataclass(frozen=True, kw_only=True)
class Question:
    """Something that the template asks.

    Args:
        name: the answer's name.
        text: what people are asked.
        default: what is offered.
        choices: what there is to choose from; empty where any text may be valid.
    """

    name: str
    text: str
    default: str
    choices: tuple[str, ...] = ()


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
        UsageError: the folder is there already, or the one that you are in has been deleted.
    """
    _in_a_folder()
    source = templates or templates_folder()
    whole = completed({**(answers or {}), "kind": kind, "project": project}, source)
    target = output.resolve() / project
    if target.exists() or target.is_symlink():
        raise UsageError(f"{target} is there already", hint="choose another name, or another folder with --output")
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{project}-", dir=target.parent) as folder:
        render(whole, Path(folder), templates=source).rename(target)
    return target


def _in_a_folder() -> None:
    try:
        Path.cwd()
    except FileNotFoundError as error:
        raise UsageError("the folder that you are in has been deleted", hint="cd to a folder that is there") from error


def render(answers: Mapping[str, str], folder: Path, *, templates: Path) -> Path:
    """Render all overlays over one another.

    Args:
        answers: all answers, checked.
        folder: an empty folder to make the repository in.
        templates: the folder of the templates.

    Returns:
        The repository's folder.

    Raises:
        TemplateError: a template is broken.
    """
    from cookiecutter.exceptions import CookiecutterException
    from cookiecutter.generate import generate_files
    from jinja2.exceptions import TemplateError as JinjaError

    package = rules(templates).package_name(answers["project"])
    version = version_of(templates)
    context = {"cookiecutter": {**answers, "__package": package, "_version": version}}
    for overlay in (templates, *rules(templates).overlays(templates, answers)):
        try:
            generate_files(
                repo_dir=overlay, context=context, output_dir=folder, overwrite_if_exists=True, accept_hooks=False
            )
        except (CookiecutterException, JinjaError, UnicodeDecodeError) as error:
            hint = "the template itself is broken: mend it, or pip install --force-reinstall modelyard"
            raise TemplateError(f"{overlay}: {error}", hint=hint) from error
    made = folder / answers["project"]
    pristine(templates).keep(made)
    cruft.write(made, answers, templates)
    return made


def questions(answers: Mapping[str, str] | None = None, *, templates: Path | None = None) -> list[Question]:
    """Return what the template asks besides what is answered already.

    Args:
        answers: answers that are there; the kind decides on what is offered for others.
        templates: the folder of the templates; modelyard's own unless told.

    Raises:
        TemplateError: an answer that is there isn't valid.
    """
    source, given = templates or templates_folder(), answers or {}
    check(given, source)
    document = _document(source)
    offered = rules(source).asked(source, given.get("kind", document["kind"]))
    choices = rules(source).choices(source)
    return [
        Question(name=name, text=document["__prompts__"][name], default=default, choices=choices.get(name, ()))
        for name, default in offered.items()
        if name not in given
    ]


def check(answers: Mapping[str, str], templates: Path | None = None) -> None:
    """Check answers; those that are missing are not.

    Raises:
        TemplateError: one isn't valid, or isn't asked for; it says what to type instead.
    """
    source = templates or templates_folder()
    names = [name for name in _document(source) if not name.startswith("_")]
    unknown = sorted(answers.keys() - set(names))
    if unknown:
        raise TemplateError(f"the template asks no {', '.join(unknown)}", hint=f"it asks: {', '.join(names)}")
    problems: list[tuple[str, str]] = [*rules(source).problems(answers, source), *_refused_pair(answers)]
    if problems:
        raise TemplateError("; ".join(text for text, _ in problems), hint="; ".join(hint for _, hint in problems))


def _refused_pair(answers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return why AWS has not what serving and rollout ask for together, as the model's settings would say."""
    serving, rollout = answers.get("serving"), answers.get("rollout")
    reason = next((why for pair, why in pairs.REFUSED.items() if pair == (serving, rollout)), "")
    if not reason:
        return []
    return [(f"rollout {rollout} does not go with serving {serving}: {reason}", "choose rollout all_at_once")]


def completed(answers: Mapping[str, str], templates: Path) -> dict[str, str]:
    """Return the answers with the defaults of what isn't answered, all of them checked.

    Raises:
        TemplateError: an answer isn't valid.
    """
    check(answers, templates)
    whole: dict[str, str] = {**rules(templates).asked(templates, answers["kind"]), **answers}
    check(whole, templates)
    return whole


def version_of(templates: Path) -> str:
    """Return the templates' version."""
    return str(_document(templates)["_version"])


def _document(templates: Path) -> dict[str, dict[str, str]]:
    document: dict[str, dict[str, str]] = json.loads((templates / "cookiecutter.json").read_text(encoding="utf-8"))
    return document
