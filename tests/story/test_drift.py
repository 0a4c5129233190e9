"""The loop that closes, as `modelyard demo drift` shows it: drift, alarm, training, rollout, and one taken back."""

import re
import subprocess
import sys

import pytest
from typist import ROOT

from modelyard.localcloud import daemon

pytestmark = pytest.mark.slow


def test_the_loop_closes_by_itself(tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setenv("MODELYARD_HOME", str(home))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "modelyard", "demo", "drift"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        page = (home / "demo" / "drift.html").read_text(encoding="utf-8")
        right = {title: float(share) for title, share in re.findall(r"([^;.]+?): ([\d.]+) % right", page)}
        shares = {title.split(". ")[-1].strip(): share for title, share in right.items()}
        assert shares["first model, as it was trained"] > 95
        assert shares["first model, after the change"] < 90
        assert shares["new model, after the change"] > 95
        assert shares["bad release, as a canary"] < 90
        assert shares["new model, after the rollback"] == shares["new model, after the change"]
        assert "rolled back: One or more alarms went into the ALARM state" in page
    finally:
        daemon.stop(home)
