"""A training is recorded offline, in an archive that can be sent later."""

import json
import zipfile
from pathlib import Path

import pytest

from {{ cookiecutter.__package }} import tracking

pytest.importorskip("comet_ml", reason="tracking needs pip install -r src/requirements/tracking.txt")


def test_a_run_without_a_key_is_kept_in_the_jobs_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("COMET_API_KEY", raising=False)
    tracking.record({"rate": 0.5}, {"train:loss": 0.25}, tmp_path)
    (written,) = tmp_path.glob("*.zip")
    with zipfile.ZipFile(written) as archive:
        lines = archive.read("messages.json").decode().splitlines()
    told = [json.loads(line)["payload"] for line in lines]
    metrics = {it["metric"]["metricName"]: it["metric"]["metricValue"] for it in told if it.get("metric")}
    assert metrics["train:loss"] == 0.25
