"""How long the command line takes; run by hand: `python -m pytest tests/benchmarks -s -m benchmark`."""

import resource
import statistics
import subprocess
import sys

import pytest

pytestmark = pytest.mark.benchmark


def cpu_seconds(*command: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help(capsys):
    pairs = [
        (cpu_seconds(sys.executable, "-m", "modelyard", "--help"), cpu_seconds(sys.executable, "-c", "import typer"))
        for _ in range(7)
    ]
    help_, typer = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    with capsys.disabled():
        print(f"\n--help {help_:.3f} s of CPU, importing typer alone {typer:.3f} s, ratio {ratio:.2f}")  # noqa: T201
    assert help_ < 0.3
