"""A branch's stack from nothing to ready and back, at the median; and a reaper whose cost grows with its stacks."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from story.conftest import Story

from modelyard.previews import records
from modelyard.previews.branches import stack_name

pytestmark = pytest.mark.benchmark
UP_SECONDS, DOWN_SECONDS = 5.0, 3.0
ROUNDS = 5
COUNTS = tuple(int(it) for it in os.environ.get("MODELYARD_BRANCHES", "10,40,160").split(","))
MOST = 1.3  # how much more a stack may cost, on average, among the most than among the fewest


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    made = Story(tmp_path_factory.mktemp("branches"))
    made.json("up", "--env", "dev")
    made.ok("new", "sklearn", "churn", "--no-input", "--output", str(made.model.parent))
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=made.model, check=True)
    yield made
    made.type("cloud", "stop")


def timed(work: Callable[..., Any], *words: str) -> float:
    started = time.perf_counter()
    work(*words)
    return time.perf_counter() - started


def test_create_to_ready_and_teardown(yard: Story, capsys: pytest.CaptureFixture[str]):
    ups, downs = [], []
    for number in range(ROUNDS):
        ups.append(timed(yard.in_model, "branch", "up", f"feature/{number}", "--model", "none"))
        downs.append(timed(yard.in_model, "branch", "down", f"feature/{number}"))
    up, down = statistics.median(ups), statistics.median(downs)
    with capsys.disabled():
        rounded = [f"{it:.1f}" for it in ups], [f"{it:.1f}" for it in downs]
        print(f"\ncreate to ready {up:.2f} s, teardown {down:.2f} s at the median: {rounded}")  # noqa: T201
    assert up < UP_SECONDS
    assert down < DOWN_SECONDS


def test_the_reaper_grows_linearly(yard: Story, capsys: pytest.CaptureFixture[str]):
    """The dead are copies of one stack's state: what they tell of is gone, which costs the same calls."""
    yard.in_model("branch", "up", "model", "--model", "none")
    pattern = yard.json("state", "export", f"churn/{stack_name('model')}")
    record = records.find(yard.home, "churn", "model")
    assert record is not None
    yard.in_model("branch", "down", "model")
    each = {}
    for count in COUNTS:
        for number in range(count):
            branch = f"dead-{number}"
            copied = replace(record, branch=branch, stack=stack_name(branch), expires="2020-01-01")
            text = json.dumps(pattern["deployment"]).replace(record.stack, copied.stack)
            folder = yard.home / "state" / ".pulumi" / "stacks" / "churn"
            checkpoint = {"stack": f"organization/churn/{copied.stack}", "latest": json.loads(text)}
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{copied.stack}.json").write_text(json.dumps({"version": 3, "checkpoint": checkpoint}))
            records.keep(yard.home, copied)
        started = time.perf_counter()
        command = [sys.executable, "-m", "modelyard", "branch", "reap", "--json"]
        done = subprocess.run(command, cwd=yard.model, env=yard.environment(), capture_output=True, check=True)
        each[count] = (time.perf_counter() - started) / count
        assert json.loads(done.stdout)["counts"] == {"removed": count}
    with capsys.disabled():
        for count in COUNTS:
            print(f"\n{count} dead stacks: {each[count]:.3f} s each", end="")  # noqa: T201
        print()  # noqa: T201
    assert each[max(COUNTS)] < MOST * each[min(COUNTS)]
