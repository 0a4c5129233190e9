"""What a valid answer is: the one place for it, read by cookiecutter, by the hooks and by `modelyard new`."""

import keyword
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment
from jinja2.ext import Extension

PROJECT = re.compile(r"[a-z][a-z0-9-]{1,28}[a-z0-9]")
PROJECT_FOLDER = "{{ cookiecutter.project }}"
PYTHON_VERSIONS = ("3.11", "3.12", "3.13")

# Names that Windows keeps for devices: a folder of that name can't be checked out there.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})
# Packages that a model repository imports or that its own folders would hide.
# fmt: off
_TAKEN = frozenset({
    "boto3", "botocore", "build", "conftest", "cookiecutter", "data", "dist", "docs", "foundation", "infra",
    "inference", "jinja2", "joblib", "mlflow", "modelyard", "moto", "numpy", "pandas", "pip", "polars", "pulumi",
    "pulumi_aws", "pydantic", "pytest", "requests", "ruff", "sagemaker", "sagemaker_training", "scipy",
    "setuptools", "sklearn", "skops", "src", "tensorflow", "test", "tests", "torch", "typer", "venv", "wheel",
    "xgboost", "yaml",
})
# fmt: on
_TEXT = re.compile(r"""[^"'`\\{}<>$]{1,120}""")
_FIELDS = {
    "owner": (re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._@+-]{0,62}"), "use letters, digits, spaces and . _ @ + -"),
    "region": (re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]"), "type an AWS region such as us-east-1"),
}

Problem = tuple[str, str]


def package_name(project: str) -> str:
    """Return the Python package of a project: `credit-risk` gives `credit_risk`."""
    return project.replace("-", "_")


def kinds(templates: Path) -> list[str]:
    """Return the kinds of model there are: each is one folder."""
    return _overlays(templates / "models")


def providers(templates: Path) -> list[str]:
    """Return the CI providers there are: each is one folder."""
    return _overlays(templates / "ci")


def overlays(templates: Path, kind: str, provider: str) -> list[Path]:
    """Return the folders to render in turn over one another."""
    return [templates / "base", templates / "models" / kind, templates / "ci" / provider]


def _overlays(folder: Path) -> list[str]:
    return sorted(child.name for child in folder.iterdir() if (child / PROJECT_FOLDER).is_dir())


def project_problems(project: str) -> list[Problem]:
    """Return what is wrong with a project's name, each with what to type instead; nothing if it is valid."""
    if not PROJECT.fullmatch(project):
        hint = "type 3 to 30 lower-case letters, digits and dashes, beginning with a letter, such as churn"
        return [(f"project {project!r} is not a valid name", hint)]
    package = package_name(project)
    if keyword.iskeyword(package) or package in sys.stdlib_module_names or package in _TAKEN:
        what = f"project {project!r}: its package {package} would hide another of that name"
        return [(what, f"type {project}-model instead")]
    if project in _DEVICES:
        return [(f"project {project!r} is a device's name on Windows", f"type {project}-model instead")]
    return []


def problems(answers: Mapping[str, str], templates: Path) -> list[Problem]:
    """Return what is wrong with the answers, each with what to type instead; nothing if all are valid.

    Args:
        answers: cookiecutter's answers by name; those that are missing are not checked.
        templates: the folder that holds `models/` and `ci/`.
    """
    found = project_problems(answers["project"]) if "project" in answers else []
    found += _choice(answers, "kind", kinds(templates))
    found += _choice(answers, "ci", providers(templates))
    found += _choice(answers, "python_version", PYTHON_VERSIONS)
    for name, (pattern, hint) in _FIELDS.items():
        if name in answers and not pattern.fullmatch(answers[name]):
            found.append((f"{name} {answers[name]!r} is not valid", hint))
    text = answers.get("description", "-")
    if not (_TEXT.fullmatch(text) and text.isprintable() and text.strip() == text):
        hint = "type one line of at most 120 characters, without quotes, braces, backslashes, < > $ and `"
        found.append((f"description {text!r} is not valid", hint))
    return found


def _choice(answers: Mapping[str, str], name: str, choices: list[str] | tuple[str, ...]) -> list[Problem]:
    if name not in answers or answers[name] in choices:
        return []
    return [(f"there is no {name} {answers[name]!r}", f"choose one of: {', '.join(choices)}")]


def _package(project: str) -> str:
    found = project_problems(project)
    if found:
        # Before cookiecutter has made a folder; any other exception would bury what to type under its traceback.
        raise SystemExit("; ".join(found[0]))
    return package_name(project)


class Rules(Extension):
    """Gives templates the `package` filter, and hooks the folder that they came from."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters["package"] = _package
        # cookiecutter works in the templates folder while it renders a hook; the hook itself runs elsewhere.
        environment.globals["working_folder"] = lambda: str(Path.cwd())
