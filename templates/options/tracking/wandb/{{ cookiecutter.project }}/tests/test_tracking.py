"""A training is recorded offline, in a file that can be sent later."""

from pathlib import Path

import pytest

from {{ cookiecutter.__package }} import tracking
from {{ cookiecutter.__package }}.settings import PROJECT

pytest.importorskip("wandb", reason="tracking needs pip install -r src/requirements/tracking.txt")


def test_a_run_without_a_key_is_kept_in_the_jobs_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    tracking.record({"rate": 0.5}, {"train:loss": 0.25}, tmp_path)
    (written,) = tmp_path.glob("wandb/offline-run-*/run-*.wandb")
    content = written.read_bytes()
    for word in (b"rate", b"train:loss", b"0.25", PROJECT.encode()):
        assert word in content
