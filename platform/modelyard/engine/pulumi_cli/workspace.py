"""What the Pulumi CLI needs around a deployment: a scratch folder, its environment, its backend and its settings."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from modelyard.engine import stack_file
from modelyard.engine.base import Deployment
from modelyard.engine.embedded.state.crypt import passphrase_file
from modelyard.engine.embedded.state.disk import Disk
from modelyard.engine.embedded.state.store import StackStore

_CLOUD = ("https://", "http://")
PHRASE_VARIABLE = "PULUMI_CONFIG_PASSPHRASE_FILE"


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A scratch folder for one command of the Pulumi CLI, and all that the command is told.

    Args:
        folder: the scratch folder: a copy of Pulumi.yaml and of the stack's file, and the event log.
        program: the folder with the program; the scratch folder where there is none.
        environment: environment variables for the CLI.
        deployment: the stack.
    """

    folder: Path
    program: Path
    environment: Mapping[str, str]
    deployment: Deployment

    @property
    def settings(self) -> Path:
        """Return the stack's file: as the CLI reads it, and as it may change it."""
        return self.folder / f"Pulumi.{self.deployment.stack}.yaml"

    @property
    def event_log(self) -> Path:
        """Return the file that the CLI writes its engine's events to."""
        return self.folder / "events.jsonl"

    @property
    def file_backend(self) -> Path | None:
        """Return the folder of the backend, if it is one."""
        return file_folder(self.environment["PULUMI_BACKEND_URL"])

    @property
    def has_state(self) -> bool | None:
        """Tell whether the stack exists; None where only the backend knows."""
        folder = self.file_backend
        if folder is None:
            return None
        return StackStore(folder, self.deployment.project, self.deployment.stack).path.exists()


@contextmanager
def opened(deployment: Deployment, served: Mapping[str, str], *, writes: bool) -> Iterator[Workspace]:
    """Set up a workspace, and clear it away again.

    Args:
        deployment: the stack.
        served: environment variables in which the CLI finds providers of ours; empty where there are none.
        writes: whether the command may write to the backend; if not, nothing is made there either.
    """
    with tempfile.TemporaryDirectory(prefix="modelyard-") as name:
        folder = Path(name)
        program = deployment.program.resolve()
        own = deployment.program != Path() and (program / "Pulumi.yaml").is_file()
        if own:
            shutil.copy(program / "Pulumi.yaml", folder / "Pulumi.yaml")
        else:  # a stack of another repository, which is only looked at or taken away
            (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": deployment.project, "runtime": "python"}))
        if writes and (backend := file_folder(backend_url(deployment))):
            backend.mkdir(parents=True, exist_ok=True)
        workspace = Workspace(
            folder=folder,
            program=program if own else folder,
            environment=_environment(deployment, served, folder, writes=writes),
            deployment=deployment,
        )
        workspace.settings.write_text(stack_file.merged(stack_file.read(deployment) if own else "", deployment.config))
        yield workspace


def backend_url(deployment: Deployment) -> str:
    """Return the address of the backend; without one the state is kept in the deployment's own folder."""
    return deployment.backend or f"file://{deployment.state.resolve()}"


def file_folder(url: str) -> Path | None:
    """Return the folder of a file backend; none for another."""
    return Path(url.removeprefix("file://")) if url.startswith("file://") else None


def is_pulumi_cloud(url: str) -> bool:
    """Tell whether a backend is Pulumi Cloud, or one like it."""
    return url.startswith(_CLOUD)


def machine_bound(workspace: Workspace) -> bool:
    """Tell whether the passphrase is one that was made up here, and that nobody else has."""
    return PHRASE_VARIABLE in workspace.environment


def _environment(deployment: Deployment, served: Mapping[str, str], scratch: Path, *, writes: bool) -> dict[str, str]:
    url = backend_url(deployment)
    return {
        **deployment.environment,
        **served,
        **({"PULUMI_HOME": str(scratch / "home")} if served else {}),  # or its logs would grow with each command
        **_passphrase(deployment, scratch, writes=writes),
        "PULUMI_BACKEND_URL": url,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DEBUG_COMMANDS": "true",  # the event log is one of those
        "PULUMI_AUTOMATION_API": "true",
        "PULUMI_PYTHON_CMD": sys.executable,  # where Pulumi.yaml names no virtual environment
        "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
    }


def _passphrase(deployment: Deployment, scratch: Path, *, writes: bool) -> dict[str, str]:
    """Point the CLI to the passphrase that the embedded engine takes, unless the environment gives one.

    One is made up only for a folder of this machine: others could not read what it encrypts elsewhere.
    """
    if {"PULUMI_CONFIG_PASSPHRASE", PHRASE_VARIABLE} & os.environ.keys():
        return {}
    if deployment.secrets_provider != "passphrase" or file_folder(backend_url(deployment)) is None:
        return {}
    state = deployment.state.resolve()
    kept = writes or (state / "passphrase").exists()
    return {PHRASE_VARIABLE: str(passphrase_file(state if kept else scratch, Disk()))}
