"""An evaluation's metrics in Prometheus' text format."""

import pytest

pytest.importorskip("prometheus_client", reason="metrics need pip install -r src/requirements/serving.txt")

from {{ cookiecutter.__package }} import exposition


def test_each_metric_is_a_gauge():
    written = exposition.text({"regression_metrics": {"rmse": {"value": 0.75}, "mae": {"value": 0.5}}})
    assert "# TYPE recommender_evaluation_rmse gauge\nrecommender_evaluation_rmse 0.75\n" in written
    assert "recommender_evaluation_mae 0.5\n" in written
