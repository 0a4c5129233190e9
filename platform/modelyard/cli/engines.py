"""Which engine a command runs its programs with, and what it hands to it."""

from collections.abc import Mapping

import modelyard.cli
from modelyard.cli.options import Choices, EngineName
from modelyard.engine.base import Engine, PluginFactory
from modelyard.engine.embedded.engine import EmbeddedEngine
from modelyard.engine.embedded.program import children
from modelyard.errors import UsageError
from modelyard.targets import Target


def check(choices: Choices) -> Choices:
    """Return a command's options if they go together.

    Raises:
        UsageError: they don't.
    """
    _ = choices.cloud  # refuses the embedded engine on AWS
    if choices.engine is EngineName.EMBEDDED:
        if choices.backend and not choices.backend.startswith("file://"):
            raise UsageError(
                f"the embedded engine keeps its state in a folder, not at {choices.backend}",
                hint="add --engine pulumi, or name a folder: --backend file://...",
            )
        if choices.secrets_provider != "passphrase":
            raise UsageError(
                f"the embedded engine encrypts secrets with a passphrase, not with {choices.secrets_provider}",
                hint="add --engine pulumi, or leave --secrets-provider out",
            )
    return choices


def engine_of(choices: Choices) -> Engine:
    """Return the engine that a command asks for."""
    if choices.engine is EngineName.PULUMI:
        from modelyard.engine.pulumi_cli import PulumiEngine

        return PulumiEngine()
    if modelyard.cli.owns_process:
        children.may_fork_from_here()
    return EmbeddedEngine()


def plugins_of(target: Target, *, pretending: bool = False) -> Mapping[str, PluginFactory]:
    """Return the providers that serve a target: ours for the local cloud, nothing of ours for AWS.

    Args:
        target: the cloud.
        pretending: whether previews give out texts of the right form in the place of what is not known yet.
    """
    if target.is_aws:
        return {}
    from modelyard.localcloud.provider.servicer import AwsProvider

    return {"aws": lambda: AwsProvider(target.endpoint_url, pretending=pretending, assuming=target.assuming)}
