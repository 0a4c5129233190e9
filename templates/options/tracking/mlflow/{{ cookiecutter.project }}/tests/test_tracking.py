"""A training is recorded in MLflow, and where that is comes from the platform."""

from pathlib import Path

import pytest

from {{ cookiecutter.__package }} import tracking
from {{ cookiecutter.__package }}.settings import PROJECT


def test_a_run_has_its_parameters_and_metrics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    mlflow = pytest.importorskip("mlflow", reason="tracking needs pip install -r src/requirements/tracking.txt")
    store = f"sqlite:///{tmp_path}/runs.db"
    pytest.importorskip("sqlalchemy", reason="a store on this machine needs all of mlflow, not mlflow-skinny")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(store)
    tracking.record({"rate": 0.5}, {"train:loss": 0.25}, tmp_path)
    (run,) = mlflow.search_runs(experiment_names=[PROJECT], output_format="list")
    assert (run.data.params, run.data.metrics) == ({"rate": "0.5"}, {"train_loss": 0.25})


def test_without_a_server_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    tracking.record({}, {}, tmp_path)
    assert capsys.readouterr().out == "not tracked: MLFLOW_TRACKING_URI is not set\n"
