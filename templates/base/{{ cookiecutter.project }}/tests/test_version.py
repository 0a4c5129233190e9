"""The data's version changes with the data, and with nothing else."""

import json
from pathlib import Path

import pandas as pd
import pytest

from {{ cookiecutter.__package }} import data, version

FRAME = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})


def found(monkeypatch: pytest.MonkeyPatch, frame: pd.DataFrame) -> str:
    monkeypatch.setattr(version, "load", lambda: frame)
    return version.version()


@pytest.mark.parametrize(
    "other",
    [
        FRAME.assign(a=[1.0, 2.5]),
        FRAME.assign(b=["x", None]),
        FRAME.assign(a=[1, 2]),
        FRAME.rename(columns={"a": "c"}),
        FRAME.iloc[:1],
        FRAME.iloc[::-1],
    ],
)
def test_other_data_is_another_version(monkeypatch: pytest.MonkeyPatch, other: pd.DataFrame):
    assert found(monkeypatch, FRAME.copy()) == found(monkeypatch, FRAME)
    assert found(monkeypatch, other) != found(monkeypatch, FRAME)


def test_the_pipeline_finds_it_in_a_file(tmp_path: Path):
    version.main(["--output", str(tmp_path / "version")])
    text = (tmp_path / "version" / "version.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"version": version.version()}


def test_the_data_is_the_same_each_time():
    assert data.load().equals(data.load())
