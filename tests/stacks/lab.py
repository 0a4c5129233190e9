"""The shipped stacks on a cloud of their own: planned, deployed and planned again with other settings."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from typist import ROOT

from modelyard.cli.engines import plugins_of
from modelyard.engine.base import Change, Deployment, Diagnostic, Result, Severity
from modelyard.engine.embedded.engine import EmbeddedEngine
from modelyard.engine.plan import Op
from modelyard.localcloud import daemon
from modelyard.localcloud.inventory import inventory
from modelyard.project import Project
from modelyard.settings import files
from modelyard.settings.environment import EnvironmentSettings
from modelyard.targets import Target

ENVIRONMENTS = ("dev", "prod", "staging")


class Lab:
    """A copy of the stacks, a cloud and an engine, in this process.

    Args:
        folder: where all of it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.engine = EmbeddedEngine()
        shutil.copytree(ROOT / "stacks", folder / "stacks")
        self.info = daemon.start(self.home)

    def close(self) -> None:
        daemon.stop(self.home)

    def target(self, region: str) -> Target:
        return Target(endpoint_url=self.info.endpoint_url, environment=daemon.environment(self.info, region))

    def settings(self, environment: str) -> EnvironmentSettings:
        return files.load(EnvironmentSettings, self._path(environment))

    def write(self, environment: str, document: Mapping[str, Any]) -> None:
        """Give an environment these settings."""
        self._path(environment).write_text(yaml.safe_dump(dict(document)))

    def document(self, environment: str) -> dict[str, Any]:
        return yaml.safe_load((ROOT / "stacks" / "environments" / f"{environment}.yaml").read_text())

    def deployments(self, environment: str, *, pretending: bool = False) -> list[Deployment]:
        region = self.settings(environment).region
        target = replace(self.target(region), assuming=pretending)
        return [
            Deployment(
                project=stack.project,
                stack=environment,
                program=stack.path,
                state=self.home / "state",
                config={"aws:region": region},
                environment=target.environment,
                plugins=plugins_of(target, pretending=pretending),
            )
            for stack in Project("platform", self.folder).stacks
        ]

    def plan(self, environment: str, *, pretending: bool = False, failing: bool = False) -> dict[str, Result]:
        """Plan all stacks, one on the other; returns the results by project. A plan that is refused may be wanted."""
        results: dict[str, Result] = {}
        assumed: dict[str, dict[str, Any]] = {}
        for described in self.deployments(environment, pretending=pretending):
            planned = Deployment(**{**vars(described), "assumed": dict(assumed)})
            result = self.engine.preview(planned, lambda event: None)
            results[described.project] = result if failing else checked(result)
            assumed[described.title] = dict(results[described.project].outputs)
        return results

    def up(self, environment: str) -> dict[str, Result]:
        return {it.project: checked(self.engine.up(it, lambda event: None)) for it in self.deployments(environment)}

    def destroy(self, environment: str) -> None:
        for described in reversed(self.deployments(environment)):
            checked(self.engine.destroy(described, lambda event: None, unprotect=True))

    def inventory(self, region: str = "us-east-1") -> list[tuple[str, str]]:
        """List what the cloud holds."""
        return [(it.type, it.id) for it in inventory(self.info.endpoint_url, region)]

    def _path(self, environment: str) -> Path:
        return self.folder / "stacks" / "environments" / f"{environment}.yaml"


def checked(result: Result) -> Result:
    told = [it.message for it in result.diagnostics] + [it.error for it in result.changes if it.error]
    assert result.outcome == "succeeded", told
    return result


def touched(results: Mapping[str, Result]) -> list[str]:
    """Return what would happen, one line for each resource: stack, operation, name, and the inputs that change.

    Of a stack whose plan is refused: which of its resources were. Which came first, and so which, is a matter of time.
    """
    return sorted({f"{stack}: {line}".rstrip() for stack, result in results.items() for line in _lines(result)})


def _lines(result: Result) -> list[str]:
    refused = [f"refused {_about(it)}" for it in result.diagnostics if it.severity is Severity.ERROR]
    return refused or [
        f"{change.op} {change.name} {_inputs(change)}"
        for change in result.changes
        if change.op.is_change and not _only_passes_on(change)
    ]


def _about(problem: Diagnostic) -> str:
    """Return the name of the resource that an error is about; some name it in their text alone."""
    found = re.search(r"urn:pulumi:\S+::([\w-]+)", problem.urn or problem.message)
    return found[1] if found else problem.message


def _inputs(change: Change) -> str:
    names = {path.split(".")[0].split("[")[0] for path in change.changes} - {"tagsAll"}
    return f"({', '.join(sorted(names))})" if change.op in (Op.UPDATE, Op.REPLACE) and names else ""


def _only_passes_on(change: Change) -> bool:
    """Tell whether a step is the stack's or a component's, or its provider's tags: others say what happens."""
    return change.type.startswith(("pulumi:pulumi:", "modelyard:")) and change.op is Op.UPDATE
