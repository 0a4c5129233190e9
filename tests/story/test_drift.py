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
    finally:
        daemon.stop(home)
    told = page.partition("<p>")[2].partition("</p>")[0]
    phases = re.findall(r"([a-z][^;.:]+): ([\d.]+) % right", told)
    assert [title for title, _ in phases] == [
        "first model, as it was trained",
        "first model, after the change",
        "both models, during the canary",
        "new model, after the change",
        "bad release, as a canary",
        "new model, after the rollback",
    ]
    first, changed, both, new, bad, last = (float(share) for _, share in phases)
    assert min(first, new) > 95
    assert (changed < 60, changed < both < new, bad < new) == (True, True, True)
    assert last == new
    assert told.startswith("16 of 30 features drifted. ")
    events = re.findall(r"<tr><td>[\d: -]{19}</td><td>(.*?)</td></tr>", page)
    assert [event for event in events if "answers are right" not in event] == [
        "the first model answers",
        "the monitor has looked: its alarm is OK",
        "the monitor has looked: its alarm is ALARM",
        "the alarm&#x27;s rule has run the training pipeline: version 2 waits for an approval",
        "the approval has begun a canary rollout",
        "the new model has taken over",
        "version 3 is released, and fails whenever it is asked",
        "rolled back: One or more alarms went into the ALARM state during the deployment, which was rolled back: "
        "tumours-dev-errors.",
    ]
    assert re.search(r"<td>accuracy</td><td>0\.5\d+</td><td>0\.9\d+</td>", page)
