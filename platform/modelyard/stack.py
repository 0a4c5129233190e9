"""What every Pulumi program of modelyard starts from: its settings, its provider and the stacks it builds on."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

import pulumi
import pulumi_aws as aws
from pydantic import BaseModel

from modelyard.naming import NONE, Scope, branch_tag, tag_value
from modelyard.outputs import SCHEMA_KEY, Promise, misfit
from modelyard.settings import files
from modelyard.settings.environment import EnvironmentSettings
from modelyard.stack_keys import BRANCH_SETTINGS

S = TypeVar("S", bound=BaseModel)
O = TypeVar("O", bound=Promise)  # noqa: E741 - outputs


@dataclass(frozen=True, kw_only=True)
class StackContext(Generic[S]):
    """The stack that a program makes.

    Args:
        settings: its environment's settings.
        scope: the first words of its physical names.
        provider: AWS, in the settings' region, with the stack's tags on everything.
    """

    settings: S
    scope: Scope
    provider: aws.Provider

    @classmethod
    def load(cls, kind: type[S] = EnvironmentSettings) -> "StackContext[S]":  # type: ignore[assignment]
        """Read the settings of the stack that runs, and set up its provider.

        A stack without a settings file of its own is a branch's when `modelyard:branch` is configured, and takes
        `branch.yaml`.

        Raises:
            SettingsError: the settings are missing or not valid.
        """
        stack, config = pulumi.get_stack(), pulumi.Config("modelyard")
        branch = config.get("branch")
        folder = Path(pulumi.runtime.get_root_directory()) / _folder(kind)
        settings: Any = files.load(kind, folder.resolve() / f"{BRANCH_SETTINGS if branch else stack}.yaml")
        settings = _sampled(settings, config.get("sample_fraction"))
        owner = getattr(settings, "name", pulumi.get_project())
        scope = Scope(owner=owner, environment=stack, region=settings.region, preview=bool(branch))
        tags = _tags(settings, config)
        provider = aws.Provider("aws", region=settings.region, default_tags={"tags": tags})
        return cls(settings=settings, scope=scope, provider=provider)

    @property
    def options(self) -> pulumi.ResourceOptions:
        """Return the options that every component of the stack is given."""
        settings: Any = self.settings
        return pulumi.ResourceOptions(providers=[self.provider], protect=settings.protect or None)

    @cached_property
    def account_id(self) -> pulumi.Output[str]:
        """Return the account that the provider works in."""
        identity = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(provider=self.provider))
        return identity.account_id

    def require(self, project: str, outputs: type[O], environment: str | None = None) -> O:
        """Return what another stack promises, by a stack reference.

        Args:
            project: the other stack's project.
            outputs: the promise.
            environment: the other stack's environment; this one's own when it is not given.
        """
        stack = environment or pulumi.get_stack()
        reference = pulumi.StackReference(f"{pulumi.get_organization()}/{project}/{stack}")
        version = _output(reference, SCHEMA_KEY).apply(lambda found: _fitting(outputs, found, f"{project}/{stack}"))
        promised = {it.name: _promised(reference, it.name, f"{project}/{stack}", version) for it in fields(outputs)}
        return outputs(**promised)

    def export(self, outputs: Promise) -> None:
        """Keep the stack's own promise.

        Args:
            outputs: a dataclass of `modelyard.outputs`.
        """
        for field in fields(outputs):
            pulumi.export(field.name, getattr(outputs, field.name))
        pulumi.export(SCHEMA_KEY, outputs.version)


def _fitting(kind: type[Promise], version: Any, stack: str) -> Any:
    """Return the version of what another stack promises; one that isn't read here is an error for people."""
    found = {} if version is None else {SCHEMA_KEY: version}
    problem = misfit(kind, {**{it.name: True for it in fields(kind)}, **found}, stack)
    if problem:
        raise pulumi.RunError(f"{problem[0]}\n  -> {problem[1]}")
    return version


def _promised(
    reference: pulumi.StackReference, name: str, stack: str, version: pulumi.Output[Any]
) -> pulumi.Output[Any]:
    """Return another stack's output; that it is missing is an error for people."""

    def present(known: list[Any]) -> Any:
        value = known[1]
        if value is None:
            project, _, environment = stack.partition("/")
            raise pulumi.RunError(
                f"the stack {stack} has no output {name!r}: it is not deployed completely\n"
                f"  -> modelyard up {project} --env {environment}"
            )
        return value

    return pulumi.Output.all(version, _output(reference, name)).apply(present)


def _output(reference: pulumi.StackReference, name: str) -> pulumi.Output[Any]:
    """Return one output of a stack; in a preview of several stacks it is known though others of them are not.

    `get_output` knows none until it knows all, and a domain whose VPC isn't known looks as if it were replaced.
    """
    everything: pulumi.Output[Any] = reference.outputs

    def found(outputs: Any) -> Any:
        value = outputs.get(name) if isinstance(outputs, Mapping) else pulumi.UNKNOWN
        return everything if pulumi.contains_unknowns(value) else value

    return everything.apply(found, run_with_unknowns=True)


def _sampled(settings: Any, fraction: str | None) -> Any:
    """Return a branch's settings with the share of the rows that its model is to train on."""
    if not fraction:
        return settings
    service = settings.service.model_copy(update={"sample_fraction": float(fraction)})
    return settings.model_copy(update={"service": service})


def _tags(settings: Any, config: pulumi.Config) -> dict[str, str]:
    """Return the tags of all of the stack's resources; a branch's stack says what it was made of, too."""
    stack, branch = pulumi.get_stack(), config.get("branch")
    expiry = config.get("expiry") or (settings.expiry and settings.expiry.isoformat())
    own = {"modelyard:commit": "commit", "modelyard:pull-request": "pull_request"} if branch else {}
    return {
        "modelyard:project": pulumi.get_project(),
        "modelyard:environment": stack,
        "modelyard:platform": getattr(settings, "platform", stack),
        "modelyard:branch": branch_tag(branch) if branch else NONE,
        "modelyard:owner": tag_value((branch and config.get("owner")) or settings.owner),
        "modelyard:expiry": expiry or NONE,
        "modelyard:protect": str(settings.protect).lower(),
        **{tag: tag_value(config.get(key) or NONE) for tag, key in own.items()},
    }


def _folder(kind: Any) -> str:
    return str(kind.folder)
