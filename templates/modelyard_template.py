"""What a valid answer is: the one place for it, read by cookiecutter, by the hooks and by `modelyard new`."""

import json
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
NONE = "none"

# Options of content: each is a folder of `options/`, with one folder for each value.
OPTIONS = ("data_versioning", "tracking", "feature_store")
# Options of the model's stack: they only write settings.
SERVING = ("realtime", "serverless", "async", "batch", "multi_model")
ROLLOUTS = ("all_at_once", "canary", "linear", "rolling", "shadow")
# What is answered where neither the user nor the kind of model says otherwise.
_USUAL = {**dict.fromkeys(OPTIONS, NONE), "serving": SERVING[0], "rollout": ROLLOUTS[0]}
_KIND_FILE = "defaults.json"

# Names that Windows keeps for devices: a folder of that name can't be checked out there.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})
# What AWS keeps for itself at the beginning of names: of buckets, of parameters, of Cognito and Lambda.
_RESERVED = ("aws", "amazon", "amzn", "sthree", "xn--")
# Packages that a model repository imports or that its own folders would hide.
# fmt: off
_TAKEN = frozenset({
    "boto3", "botocore", "build", "comet_ml", "conftest", "cookiecutter", "cruft", "data", "dist", "docs", "dvc",
    "fairlearn", "feast", "foundation", "infra", "inference", "jinja2", "joblib", "keras", "matplotlib", "mlflow",
    "modelyard", "moto", "nbclient", "nbformat", "notebooks", "numpy", "onnx", "onnxruntime", "pandas", "pandera",
    "pip", "platform", "polars", "prometheus_client", "pulumi", "pulumi_aws", "pyarrow", "pydantic", "pytest",
    "requests", "ruff", "safetensors", "sagemaker", "sagemaker_training", "scipy", "setuptools", "shap", "sklearn",
    "skops", "src", "statsmodels", "tensorflow", "test", "tests", "torch", "typer", "venv", "wandb", "wheel",
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


def choices(templates: Path) -> dict[str, tuple[str, ...]]:
    """Return what may be answered to each question that is a choice; folders that are there are what there is."""
    options = {name: (NONE, *(it for it in _overlays(templates / "options" / name) if it != NONE)) for name in OPTIONS}
    return {
        "kind": tuple(kinds(templates)),
        "ci": tuple(providers(templates)),
        "python_version": PYTHON_VERSIONS,
        **options,
        "serving": SERVING,
        "rollout": ROLLOUTS,
    }


def usual(templates: Path, kind: str) -> dict[str, str]:
    """Return what is answered for a kind of model unless the user says otherwise: `models/<kind>/defaults.json`."""
    path = templates / "models" / kind / _KIND_FILE
    own: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {"description": f"A model of the kind {kind}", **_USUAL, **own}


def asked(templates: Path, kind: str) -> dict[str, str]:
    """Return all that the template asks, each with its default for a kind of model."""
    document: dict[str, str] = json.loads((templates / "cookiecutter.json").read_text(encoding="utf-8"))
    plain = {name: text for name, text in document.items() if not name.startswith("_")}
    own = usual(templates, kind)
    return {name: own[name] if text.startswith("{{") else text for name, text in plain.items()} | {"kind": kind}


def overlays(templates: Path, answers: Mapping[str, str]) -> list[Path]:
    """Return the folders to render in turn over one another; an option's `none` need not have one."""
    options = [templates / "options" / name / answers[name] for name in OPTIONS]
    there = [folder for folder in options if (folder / PROJECT_FOLDER).is_dir()]
    return [templates / "base", templates / "models" / answers["kind"], *there, templates / "ci" / answers["ci"]]


def _overlays(folder: Path) -> list[str]:
    there = folder.iterdir() if folder.is_dir() else ()
    return sorted(child.name for child in there if (child / PROJECT_FOLDER).is_dir())


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
    if project.startswith(_RESERVED):
        return [(f"project {project!r} begins with a word that AWS keeps for itself", f"type my-{project[:27].rstrip('-')} instead")]
    return []


def problems(answers: Mapping[str, str], templates: Path) -> list[Problem]:
    """Return what is wrong with the answers, each with what to type instead; nothing if all are valid.

    Args:
        answers: cookiecutter's answers by name; those that are missing are not checked.
        templates: the folder that holds `models/`, `options/` and `ci/`.
    """
    found = project_problems(answers["project"]) if "project" in answers else []
    for name, there in choices(templates).items():
        if name in answers and answers[name] not in there:
            found.append((f"there is no {name} {answers[name]!r}", f"choose one of: {', '.join(there)}"))
    for name, (pattern, hint) in _FIELDS.items():
        if name in answers and not pattern.fullmatch(answers[name]):
            found.append((f"{name} {answers[name]!r} is not valid", hint))
    text = answers.get("description", "-")
    if not (_TEXT.fullmatch(text) and text.isprintable() and text.strip() == text):
        hint = "type one line of at most 120 characters, without quotes, braces, backslashes, < > $ and `"
        found.append((f"description {text!r} is not valid", hint))
    return found


def _package(project: str) -> str:
    found = project_problems(project)
    if found:
        # Before cookiecutter has made a folder; any other exception would bury what to type under its traceback.
        raise SystemExit("; ".join(found[0]))
    return package_name(project)


def _usual(name: str, kind: str) -> str:
    templates = Path(__file__).resolve().parent
    found = problems({"kind": kind}, templates)
    if found:
        raise SystemExit("; ".join(found[0]))
    return usual(templates, kind)[name]


class Rules(Extension):
    """Gives templates the filters `package` and `usual`, and hooks the folder that they came from."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters["package"] = _package
        environment.filters["usual"] = _usual
        # cookiecutter works in the templates folder while it renders a hook; the hook itself runs elsewhere.
        environment.globals["working_folder"] = lambda: str(Path.cwd())
