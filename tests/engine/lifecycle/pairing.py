"""The same operations on the Pulumi CLI and, in a second folder, on the embedded engine, compared one by one."""

import copy
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.bench import Bench
from engine.lifecycle.differences import Difference
from engine.lifecycle.transcript import differences, transcribe

from modelyard.engine.base import Deployment, Result


class PairedBench(Bench):
    """A bench on the CLI with a twin on the embedded engine, which must do the same.

    Args:
        twin: the other bench; it gets the same programs, faults and changes to the cloud.
        difference: what is meant to differ: of `WORDS` only diagnostics are left out, of another all is.
    """

    def __init__(self, *args: Any, twin: Bench, difference: Difference | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.twin, self.difference = twin, difference
        self.twin.world.faults = self.world.faults
        self._cloud = copy.deepcopy(self.cloud)
        tools = _tools(self.folder)
        self._paths = {name: os.pathsep.join([str(tools), os.environ.get(name, "")]) for name in ("PATH", "PYTHONPATH")}

    def deployment(self, stack: str = "dev", **options: Any) -> Deployment:
        found = super().deployment(stack, **options)
        return replace(found, environment={**self._paths, **found.environment})

    def resources(self, stack: str = "dev") -> list[dict[str, Any]]:
        """Read the file, which takes the CLI half a second."""
        path = self.folder / "state" / ".pulumi" / "stacks" / "bench" / f"{stack}.json"
        if not path.exists():
            return []
        return (json.loads(path.read_text())["checkpoint"].get("latest") or {}).get("resources") or []

    def import_state(self, document: dict[str, Any], stack: str = "dev", *, force: bool = False) -> None:
        super().import_state(document, stack, force=force)
        self.twin.import_state(document, stack, force=force)

    def _run(self, verb: str, program: str | None, arguments: dict[str, Any], options: dict[str, Any]) -> Result:
        if program is not None:
            self.write(program)
        stack = options.get("stack", "dev")
        self._follow()
        theirs = super()._run(verb, None, arguments, dict(options))
        self._cloud = copy.deepcopy(self.cloud)
        if self.difference in (None, Difference.WORDS):
            ours = self.twin._run(verb, None, arguments, dict(options))
            self._compare(verb, ours, theirs, stack, targeted=bool(options.get("targets")))
        return theirs

    def _follow(self) -> None:
        """Give the twin the program, the settings and what the scenario did to the cloud since the last operation."""
        shutil.rmtree(self.twin.program)
        shutil.copytree(self.program, self.twin.program)
        self.twin.config, self.twin.environment, self.twin.assumed = self.config, self.environment, self.assumed
        self.twin.gate = self.gate
        for gone in self._cloud.keys() - self.cloud.keys():
            self.twin.cloud.pop(gone, None)
        for key, value in self.cloud.items():
            if self._cloud.get(key) != value:
                self.twin.cloud[key] = copy.deepcopy(value)

    def _compare(self, verb: str, ours: Result, theirs: Result, stack: str, *, targeted: bool) -> None:
        left = transcribe(ours, self.twin.calls, self.twin.resources(stack), folder=self.twin.folder)
        right = transcribe(theirs, self.calls, self.resources(stack), folder=self.folder)
        if targeted:  # Difference.SKIPPED
            for side in (left, right):
                side["steps"] = [step for step in side["steps"] if step[1] != "same"]
        if self.difference is Difference.WORDS:
            left["diagnostics"] = right["diagnostics"] = []
        found = differences(left, right) + differences({"cloud": self.twin.cloud}, {"cloud": self.cloud})
        assert not found, f"{verb} differs:\n" + "\n".join(found)


def _tools(folder: Path) -> Path:
    """Make what the CLI starts beside the program.

    A `pip` that lists no package, as the CLI asks for them twice a command, which takes as long as all the rest; and
    the provider of dynamic resources, for installations that lack it.
    """
    package = folder / "tools" / "pip"
    package.mkdir(parents=True)
    (package / "__main__.py").write_text('print("[]")\n')
    dynamic = package.parent / "pulumi-resource-pulumi-python"
    dynamic.write_text('#!/bin/sh\nexec python3 -u -m pulumi.dynamic "$@"\n')
    dynamic.chmod(0o755)
    return package.parent
