"""What the Pulumi CLI says when it can't begin, in our words: what is wrong, and what to type next."""

import re

from modelyard.engine.base import Deployment
from modelyard.errors import DeploymentError, ModelyardError, StateError

INSTALL = "install it as https://www.pulumi.com/docs/install/ says, or leave out --engine pulumi"
_LOCKED = re.compile(r"created by (?P<who>\S+) \(pid (?P<pid>\d+)\) at (?P<when>\S+)")
_PASSPHRASE = re.compile(r"incorrect passphrase|passphrase must be set|PULUMI_CONFIG_PASSPHRASE")
_TOKEN = re.compile(r"PULUMI_ACCESS_TOKEN|invalid access token|not logged in|[Pp]lease run `?pulumi login")
_MISSING_STACK = re.compile(r"no stack named .* found")
_EXISTING_STACK = re.compile(r"stack .* already exists")
_NOISE = re.compile(r"^(\s*$|warning: |info: |Usage:|(Previewing|Updating|Destroying|Refreshing) |@ )")
_LINES = 5


def is_missing_stack(said: str) -> bool:
    """Tell whether the CLI found no such stack."""
    return bool(_MISSING_STACK.search(said))


def is_existing_stack(said: str) -> bool:
    """Tell whether the CLI was to make a stack that is there already."""
    return bool(_EXISTING_STACK.search(said))


def missing() -> DeploymentError:
    """Say that there is no Pulumi CLI."""
    return DeploymentError("the Pulumi CLI is not installed: there is no 'pulumi' on the PATH", hint=INSTALL)


def unfit(why: str) -> DeploymentError:
    """Say that the Pulumi CLI can't be used."""
    return DeploymentError(f"the Pulumi CLI can't be used: {why}", hint=INSTALL)


def translated(deployment: Deployment, said: str) -> ModelyardError:
    """Turn what the CLI wrote into an error of ours.

    Args:
        deployment: what it was about.
        said: its standard error and output.
    """
    title = deployment.title
    if "currently locked by" in said or "Another update is currently in progress" in said:
        found = _LOCKED.search(said)
        owner = f"{found['who']} (process {found['pid']}) since {found['when']}" if found else "another deployment"
        return StateError(
            f"stack {title} is being changed by {owner}",
            hint=f"wait until it has finished; if it is dead: "
            f"modelyard cancel {deployment.project} --env {deployment.stack}",
        )
    if _PASSPHRASE.search(said):
        return StateError(
            f"the secrets of stack {title} can't be decrypted: the passphrase is another one, or none was given",
            hint="set PULUMI_CONFIG_PASSPHRASE to the passphrase the stack was made with; "
            "a new stack takes any, or a key: --secrets-provider awskms://...",
        )
    if _TOKEN.search(said):
        return DeploymentError(
            f"the Pulumi CLI is not logged in to {deployment.backend or 'its backend'}",
            hint="set PULUMI_ACCESS_TOKEN, or name another backend: --backend file://... or s3://...",
        )
    if is_missing_stack(said):
        return StateError(
            f"the stack {title} has not been deployed",
            hint=f"modelyard up {deployment.project} --env {deployment.stack} --engine pulumi",
        )
    return DeploymentError(f"the Pulumi CLI failed: {essence(said)}", hint="mend what it says, then try again")


def essence(said: str) -> str:
    """Return the lines of what the CLI wrote that say what is wrong: those after `error:`, or else the last ones."""
    lines = [line for line in said.splitlines() if not _NOISE.match(line)]
    start = next((place for place, line in enumerate(lines) if line.startswith("error:")), -_LINES)
    return "\n".join(lines[start:][:_LINES]).removeprefix("error:").strip() or "it gave no reason"
