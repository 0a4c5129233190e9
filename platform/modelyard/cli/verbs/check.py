"""`modelyard check`: whether a model repository fits its templates and the platform that it points to."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import typer

from modelyard.cli.options import Choices, takes

if TYPE_CHECKING:
    from modelyard.cli.deploy import Session


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What came of one question.

    Args:
        what: what was looked at.
        fits: whether it is as it should be.
        detail: what was found.
        hint: what to do, if there is something to do.
    """

    what: str
    fits: bool
    detail: str
    hint: str = ""


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("check")(check)


@takes(Choices)
def check(*, choices: Choices) -> None:
    """Tell whether the repository fits its templates, its settings are valid, and the platform is one it can use."""
    from modelyard.cli import deploy, views
    from modelyard.cli.model import require_model
    from modelyard.errors import ModelyardError

    require_model()
    opened = deploy.session(choices.env, choices=choices)
    found = [
        _asked("answers", lambda: _answers(opened)),
        _asked("templates", lambda: _templates(opened)),
        _asked("settings", lambda: _settings(opened)),
        _asked("platform", lambda: _platform(opened)),
    ]
    fits = all(it.fits for it in found)
    if choices.json:
        views.document({"fits": fits, "findings": [asdict(it) for it in found]})
    else:
        _show(found)
    if not fits:
        worst = next(it for it in found if not it.fits)
        raise ModelyardError(f"the repository does not fit: {worst.detail}", hint=worst.hint)


def _show(found: list[Finding]) -> None:
    from modelyard.cli import views

    for it in found:
        mark = "[green]fits[/green]" if it.fits else "[red]no[/red]  "
        views.line(f"  {mark}  {it.what:<9}  {views.escaped(it.detail)}")
        if it.fits and it.hint:
            views.line(f"                   [dim]{views.escaped(it.hint)}[/dim]")


def _asked(what: str, question: Callable[[], tuple[str, str]]) -> Finding:
    from modelyard.errors import ModelyardError

    try:
        detail, hint = question()
    except ModelyardError as error:
        return Finding(what=what, fits=False, detail=str(error), hint=error.hint)
    return Finding(what=what, fits=True, detail=detail, hint=hint)


def _answers(opened: "Session") -> tuple[str, str]:
    from modelyard import scaffold
    from modelyard.scaffold import answers

    _, recorded = answers.recorded(opened.project.root)
    asked = {it.name for it in scaffold.questions({"kind": recorded["kind"]})} | {"kind"}
    scaffold.check({name: text for name, text in recorded.items() if name in asked})
    return f"{recorded['project']}, of the kind {recorded['kind']}", ""


def _templates(opened: "Session") -> tuple[str, str]:
    from modelyard.scaffold import updating

    before, after = updating.versions(opened.project.root)
    return (f"follows {after}", "") if before == after else (f"follows {before}, there is {after}", "modelyard update")


def _settings(opened: "Session") -> tuple[str, str]:
    from modelyard.settings import files
    from modelyard.settings.model import ModelSettings

    there = sorted(opened.project.environments.glob("*.yaml"))
    for path in there:
        files.load(ModelSettings, path)
    return ", ".join(path.stem for path in there), ""


def _platform(opened: "Session") -> tuple[str, str]:
    from modelyard.cli import contract

    contract.refuse_misfit(opened)
    return f"platform/{getattr(opened.settings, 'platform', '')}, outputs of schema {contract.version(opened)}", ""
