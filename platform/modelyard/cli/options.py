"""Options that several verbs share: each verb takes one frozen object, and its fields are the verb's options.

A new option for all verbs that deploy is a new field of `Deploying`; one for fewer of them belongs further down.
"""

import inspect
import os
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer

from modelyard.errors import UsageError

if TYPE_CHECKING:
    from modelyard.engine import base

Environment = Annotated[str, typer.Option("--env", "-e", help="The environment, or a branch stack's name.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Stacks = Annotated[list[str] | None, typer.Argument(metavar="[STACK]...", help="Stacks; all of them by default.")]

T = TypeVar("T")


class EngineName(StrEnum):
    """Which engine runs the programs."""

    EMBEDDED = "embedded"
    PULUMI = "pulumi"


class Cloud(StrEnum):
    """Where resources live."""

    LOCAL = "local"
    AWS = "aws"


Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        "-t",
        metavar="local|aws|RESOURCE",
        help="Where resources live: local (the default) or aws. Any other value is a resource, and only what is named "
        "so is touched: a name, a URN, or a URN with * and **. Can be repeated.",
    ),
]
_Engine = Annotated[EngineName, typer.Option("--engine", envvar="MODELYARD_ENGINE", help="What runs the programs.")]
_Backend = Annotated[
    str,
    typer.Option(
        "--backend",
        envvar="MODELYARD_BACKEND",
        metavar="URL",
        help="Where the state is kept: file://..., s3://... or https://api.pulumi.com; by default below .modelyard. "
        "With the Pulumi CLI, PULUMI_BACKEND_URL counts too.",
    ),
]
_SecretsProvider = Annotated[
    str,
    typer.Option(
        "--secrets-provider",
        envvar="MODELYARD_SECRETS_PROVIDER",
        metavar="PROVIDER",
        help="What encrypts a new stack's secrets: passphrase, or awskms://... with the Pulumi CLI.",
    ),
]
_Dependents = Annotated[
    bool, typer.Option("--target-dependents", help="Touch what depends on a target too, not only the targets.")
]
_Parallel = Annotated[int, typer.Option("--parallel", "-p", min=1, help="How many resources to work on at once.")]
_Message = Annotated[str, typer.Option("--message", "-m", help="What the stack's history says of this.")]
_Refresh = Annotated[bool, typer.Option("--refresh", "-r", help="First make the state what the cloud says.")]
_Replace = Annotated[
    list[str] | None,
    typer.Option("--replace", metavar="RESOURCE", help="Replace a resource though it hasn't changed; can be repeated."),
]
_ContinueOnError = Annotated[
    bool, typer.Option("--continue-on-error", help="Go on with what doesn't depend on a step that failed.")
]
_Diff = Annotated[bool, typer.Option("--diff", help="Show all properties of each step, whole.")]
_EventLog = Annotated[
    Path | None,
    typer.Option("--event-log", metavar="FILE", help="Write each event to a file, as JSON lines in Pulumi's form."),
]
_Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Nothing is asked, with it or without: for those who always type it.")
]
ExpectNoChanges = Annotated[bool, typer.Option("--expect-no-changes", help="Fail (exit 1) if anything changes.")]
_PreviewOnly = Annotated[bool, typer.Option("--preview-only", help="Show what would be done, and do nothing.")]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Which environment, and how and where: what every verb on stacks takes.

    Args:
        env: the environment, or a branch stack's name.
        json: whether to write one JSON document instead of showing steps.
        engine: what runs the programs.
        target: a cloud, and resources that alone are touched.
        backend: the address of the state; empty for the folder below the home.
        secrets_provider: what encrypts a new stack's secrets.
    """

    env: Environment = "dev"
    json: AsJson = False
    engine: _Engine = EngineName.EMBEDDED
    target: Targets = None
    backend: _Backend = ""
    secrets_provider: _SecretsProvider = "passphrase"

    def __post_init__(self) -> None:
        """Let the Pulumi CLI keep the backend that its own variable names, where no other is asked for."""
        if self.engine is EngineName.PULUMI and not self.backend:
            object.__setattr__(self, "backend", os.environ.get("PULUMI_BACKEND_URL", ""))

    @property
    def cloud(self) -> Cloud:
        """Return where resources live.

        Raises:
            UsageError: two clouds are named, or the embedded engine is to work on AWS.
        """
        named = {value for value in self.target or () if value in set(Cloud)}
        if len(named) > 1:
            raise UsageError("--target names both local and aws", hint="name one: --target local")
        cloud = Cloud(named.pop()) if named else Cloud.LOCAL
        if cloud is Cloud.AWS and self.engine is EngineName.EMBEDDED:
            raise UsageError(
                "the embedded engine works on the local cloud only", hint="modelyard up --engine pulumi --target aws"
            )
        return cloud

    @property
    def targets(self) -> tuple[str, ...]:
        """Return the resources that alone are touched, as URN patterns."""
        return tuple(pattern(value) for value in self.target or () if value not in set(Cloud))

    def options(self) -> "base.Options":
        """Return what the engine is told."""
        from modelyard.engine import base

        return base.Options(targets=self.targets)


@dataclass(frozen=True, kw_only=True)
class Deploying(Choices):
    """What every verb that deploys takes.

    Args:
        target_dependents: whether what depends on a target is touched too.
        parallel: how many resources are worked on at once.
        message: what the history says.
        diff: whether all properties are shown whole.
        event_log: the file that events are written to, if any.
        yes: taken as Pulumi takes it; no verb asks before it begins.
    """

    target_dependents: _Dependents = False
    parallel: _Parallel = 16
    message: _Message = ""
    diff: _Diff = False
    event_log: _EventLog = None
    yes: _Yes = False

    def options(self) -> "base.Options":
        """Return what the engine is told."""
        from modelyard.engine import base

        taken = {it.name: getattr(self, it.name) for it in fields(base.Options) if hasattr(self, it.name)}
        replaced = tuple(map(pattern, taken.pop("replace", None) or ()))
        return base.Options(**{**taken, "targets": self.targets, "replace": replaced})


@dataclass(frozen=True, kw_only=True)
class RefreshChoices(Deploying):
    """What `refresh` takes."""

    preview_only: _PreviewOnly = False


@dataclass(frozen=True, kw_only=True)
class DestroyChoices(Deploying):
    """What `destroy` takes."""

    refresh: _Refresh = False
    continue_on_error: _ContinueOnError = False
    preview_only: _PreviewOnly = False


@dataclass(frozen=True, kw_only=True)
class PreviewChoices(Deploying):
    """What `preview` takes."""

    refresh: _Refresh = False
    replace: _Replace = None


@dataclass(frozen=True, kw_only=True)
class UpChoices(PreviewChoices):
    """What `up` takes."""

    continue_on_error: _ContinueOnError = False


def pattern(resource: str) -> str:
    """Return the URN pattern that means a resource: a plain name means every resource of that name."""
    return resource if "::" in resource else f"**::{resource}"


def takes(kind: type[T], without: tuple[str, ...] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a verb's last parameter, `choices`, out of one option for each field of a class.

    Args:
        kind: the class.
        without: fields that keep their default, as they mean nothing to the verb.
    """

    def decorate(verb: Callable[..., None]) -> Callable[..., None]:
        options = [it for it in _parameters(kind) if it.name not in without]

        @wraps(verb)
        def flat(*args: Any, **given: Any) -> None:
            taken = {it.name: given.pop(it.name) for it in options if it.name in given}
            verb(*args, choices=kind(**taken), **given)

        own = [it for it in inspect.signature(verb).parameters.values() if it.name != "choices"]
        parameters = [it.replace(kind=inspect.Parameter.KEYWORD_ONLY) for it in own] + options
        flat.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        flat.__annotations__ = {it.name: it.annotation for it in parameters}
        return flat

    return decorate


def _parameters(kind: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return [
        inspect.Parameter(
            it.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if it.default is MISSING else it.default,
            annotation=hints[it.name],
        )
        for it in fields(kind)
    ]
