"""Many models on one platform: the last of 200 stacks costs what the first did."""

import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from stacks.lab import Lab, checked
from typist import Typist

from modelyard.cli.engines import plugins_of
from modelyard.engine.base import Deployment

pytestmark = pytest.mark.benchmark
COUNTS = tuple(int(it) for it in os.environ.get("MODELYARD_MODELS", "10,50,200").split(","))
MOST = 1.3  # how much more a stack may cost, on average, among the most than among the fewest


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    made = Lab(tmp_path_factory.mktemp("growth"))
    made.up("dev")
    yield made
    made.close()


def model(lab: Lab) -> Path:
    """Make a model repository; its environments are as many models."""
    Typist(lab.home, lab.folder).ok("new", "sklearn", "churn", "--no-input")
    return lab.folder / "churn" / "infra"


def deployment(lab: Lab, infra: Path, number: int) -> Deployment:
    name = f"m{number}"
    (infra / "environments" / f"{name}.yaml").write_text("platform: dev\n")
    target = lab.target("us-east-1")
    return Deployment(
        project="churn",
        stack=name,
        program=infra,
        state=lab.home / "state",
        config={"aws:region": "us-east-1"},
        environment=target.environment,
        plugins=plugins_of(target),
    )


def test_models_grow_linearly(lab: Lab, capsys: pytest.CaptureFixture[str]):
    infra = model(lab)
    seconds: list[float] = []
    for number in range(max(COUNTS)):
        started = time.perf_counter()
        checked(lab.engine.up(deployment(lab, infra, number), lambda event: None))
        seconds.append(time.perf_counter() - started)
    each = {count: statistics.mean(seconds[:count]) for count in COUNTS}
    with capsys.disabled():
        for count in COUNTS:
            print(f"\n{count} models: {sum(seconds[:count]):.1f} s, {each[count]:.2f} s each", end="")  # noqa: T201
        print()  # noqa: T201
    assert each[max(COUNTS)] < MOST * each[min(COUNTS)]
