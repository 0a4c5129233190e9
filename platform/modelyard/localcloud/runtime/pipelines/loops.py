"""ForEach steps: the body once for each item, some at once, and what comes of all of them.

The shape is SDK 3's `for_each_step.py`: children are called `{body step}-{index}`; later steps see IterationOutputs,
Selected and the counts.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Protocol

from modelyard.localcloud.runtime.pipelines.definition import Step
from modelyard.localcloud.runtime.pipelines.references import PathError, Scope, follow
from modelyard.localcloud.runtime.pipelines.steps import Result, StepError, StepStopped

ITERATION = "IterationContext"
DEFAULT_CONCURRENCY = 10
_MOST_ITEMS = 10_000


class Runner(Protocol):
    """What runs one step of an iteration."""

    def run(self, step: Step) -> Result:
        """Run one step to its end."""
        ...


class Loop:
    """One run of a ForEach step.

    Args:
        step: the loop.
        scope: what it can see.
        stopping: set when the execution is to end early.
        runner: returns what runs a step of an iteration, given the iteration's scope.
    """

    def __init__(self, step: Step, scope: Scope, stopping: threading.Event, runner: Callable[[Scope], Runner]) -> None:
        self._step = step
        self._scope = scope
        self._stopping = stopping
        self._runner = runner
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def run(self) -> Result:
        """Run all iterations.

        Raises:
            StepError: a step of one failed.
            StepStopped: the execution is stopped.
            PathError: the items can't be found.
        """
        items = self._items()
        limit = int(self._scope.resolve(self._step.arguments.get("MaxConcurrency")) or DEFAULT_CONCURRENCY)
        with ThreadPoolExecutor(max(limit, 1)) as pool:
            outputs = list(pool.map(self._iterate, range(len(items)), items))
        status = "Failed" if self._counts["Failed"] else "Stopped" if self._counts["Stopped"] else "Succeeded"
        summary: dict[str, Any] = {
            "Status": status,
            "InputItemCount": len(items),
            "TotalStepCount": len(items) * len(self._step.body),
            "SucceededStepCount": self._counts["Succeeded"],
            "FailedStepCount": self._counts["Failed"],
            "StoppedStepCount": self._counts["Stopped"],
        }
        if self._stopping.is_set():
            raise StepStopped
        if status != "Succeeded":
            said = f"{self._counts['Failed']} of {summary['TotalStepCount']} steps failed"
            raise StepError(f"ClientError: {self._step.name}: {said}", {"ForEach": summary})
        return self._result(summary, outputs)

    def _items(self) -> list[Any]:
        found = self._scope.resolve(self._step.arguments["IterableItems"])
        if isinstance(found, str):
            try:
                found = json.loads(found)
            except ValueError as error:
                raise PathError(f"ClientError: IterableItems is no JSON list: {error}") from error
        if not isinstance(found, list) or len(found) > _MOST_ITEMS:
            raise PathError(f"ClientError: IterableItems is no list of at most {_MOST_ITEMS} items")
        return found

    def _iterate(self, index: int, item: Any) -> dict[str, Any]:
        """Run the body for one item and return its steps' properties by name."""
        scope = replace(self._scope, properties=dict(self._scope.properties), loop={"CurrentItem": _drillable(item)})
        runner, inner = self._runner(scope), {step.name for step in self._step.body}
        left, done = list(self._step.body), dict[str, Any]()
        while left:
            ready = [step for step in left if not (step.needs.keys() & inner) - done.keys()]
            if not ready or self._stopping.is_set():
                self._count("Stopped", len(left))
                return done
            left.remove(ready[0])
            child = _child(self._step.name, ready[0], index, item)
            if not self._run(runner, child):
                self._count("Stopped", len(left))
                return done
            done[ready[0].name] = scope.properties[ready[0].name] = scope.properties[child.name]
        return done

    def _run(self, runner: Runner, child: Step) -> bool:
        try:
            runner.run(child)
        except StepStopped:
            self._count("Stopped", 1)
            return False
        except (StepError, PathError):
            self._count("Failed", 1)
            return False
        self._count("Succeeded", 1)
        return True

    def _count(self, status: str, number: int) -> None:
        with self._lock:
            self._counts[status] += number

    def _result(self, summary: dict[str, Any], outputs: list[dict[str, Any]]) -> Result:
        selector = self._step.arguments.get("Selector")
        if not selector or not outputs:
            return Result({"ForEach": summary}, {**summary, "IterationOutputs": outputs})
        _, name, path = selector["Field"]["Get"].split(".", 2)
        values = [_number(follow(output[name], path, selector["Field"]["Get"])) for output in outputs]
        index = values.index((max if selector.get("Pick") == "MaxBy" else min)(values))
        shown = {**summary, "Selector": {"StepName": f"{name}-{index}", "Index": index}}
        return Result({"ForEach": shown}, {**summary, "IterationOutputs": outputs, "Selected": outputs[index][name]})


def _child(loop: str, step: Step, index: int, item: Any) -> Step:
    text = item if isinstance(item, str) else json.dumps(item)
    context = {"ParentStepName": loop, "Index": index, "Item": text}
    return replace(step, name=f"{step.name}-{index}", fields={**step.fields, ITERATION: context})


def _drillable(item: Any) -> Any:
    """Return an item that is the text of a JSON object as that object, so that its fields can be referred to."""
    if not isinstance(item, str) or not item.lstrip().startswith("{"):
        return item
    try:
        return json.loads(item)
    except ValueError:
        return item


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise PathError(f"ClientError: the selector compares numbers, and {value!r} is none") from error
