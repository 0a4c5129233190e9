"""What baking a repository costs, by pairs: against loading what it is made with; run it by `make benchmark`."""

import statistics
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.benchmark

BAKE = """
import sys, time, pathlib
from modelyard.scaffold import bake
began = time.process_time()
bake("sklearn", "churn", pathlib.Path(sys.argv[1]) / "cold")
cold = time.process_time() - began
began = time.process_time()
bake("sklearn", "churn", pathlib.Path(sys.argv[1]) / "warm")
print(cold, time.process_time() - began)
"""
LOAD = """
import time
began = time.process_time()
import cookiecutter.generate
print(time.process_time() - began)
"""


def measured(program: str, *words: str) -> list[float]:
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
    return [float(it) for it in done.stdout.split()]


def test_baking_in_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    rounds = [(measured(BAKE, str(tmp_path / str(number))), measured(LOAD)) for number in range(5)]
    cold, warm, load = (statistics.median(it) for it in zip(*((*one, *other) for one, other in rounds), strict=True))
    with capsys.disabled():
        print(f"\nbaking {cold:.3f} s of CPU, again {warm:.3f} s, loading cookiecutter {load:.3f} s")  # noqa: T201
    assert cold < 0.5
