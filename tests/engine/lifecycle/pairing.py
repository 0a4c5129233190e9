"""The same operations on the Pulumi CLI and, in a second folder, on the embedded engine, compared one by one."""

import copy
import shutil
from typing import Any

from engine.bench import Bench
from engine.lifecycle.transcript import differences, transcribe

from modelyard.engine.base import Result


class PairedBench(Bench):
    """A bench on the CLI with a twin on the embedded engine, which must do the same.

    Args:
        twin: the other bench; it gets the same programs, faults and changes to the cloud.
        compared: whether a difference fails the scenario.
    """

    comparing = True

    def __init__(self, *args: Any, twin: Bench, compared: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.twin, self.compared = twin, compared
        self.twin.world.faults = self.world.faults
        self._cloud = copy.deepcopy(self.cloud)

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
        if self.compared and self.comparing:
            ours = self.twin._run(verb, None, arguments, dict(options))
            self._compare(verb, ours, theirs, stack)
        return theirs

    def _follow(self) -> None:
        """Give the twin the program, the settings and what the scenario did to the cloud since the last operation."""
        shutil.rmtree(self.twin.program)
        shutil.copytree(self.program, self.twin.program)
        self.twin.config, self.twin.environment = self.config, self.environment
        for gone in self._cloud.keys() - self.cloud.keys():
            self.twin.cloud.pop(gone, None)
        for key, value in self.cloud.items():
            if self._cloud.get(key) != value:
                self.twin.cloud[key] = copy.deepcopy(value)

    def _compare(self, verb: str, ours: Result, theirs: Result, stack: str) -> None:
        left = transcribe(ours, self.twin.calls, _state(self.twin, stack))
        right = transcribe(theirs, self.calls, _state(self, stack))
        found = differences(left, right) + differences({"cloud": self.twin.cloud}, {"cloud": self.cloud})
        assert not found, f"{verb} differs:\n" + "\n".join(found)


def _state(bench: Bench, stack: str) -> list[dict[str, Any]]:
    return bench.resources(stack)
