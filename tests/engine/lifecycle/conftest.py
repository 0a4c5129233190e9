"""A stack on each engine: the embedded one, and the real Pulumi CLI where it is installed."""

import shutil
from pathlib import Path

import pytest
from engine.bench import Bench
from engine.lifecycle.pairing import PairedBench

ENGINES = [
    "embedded",
    pytest.param(
        "pulumi",
        marks=[
            pytest.mark.slow,
            pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not installed"),
        ],
    ),
]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "differs(reason): the engines are meant to differ here; transcripts are not compared"
    )


@pytest.fixture(params=ENGINES)
def bench(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase")
    if request.param == "embedded":
        return Bench(tmp_path)
    from modelyard.engine.pulumi_cli import PulumiEngine

    marker = request.node.get_closest_marker("differs")
    difference = marker.args[0] if marker else None
    return PairedBench(tmp_path / "cli", PulumiEngine(), twin=Bench(tmp_path / "embedded"), difference=difference)
