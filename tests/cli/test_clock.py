"""`modelyard cloud clock`, as a user types it."""

from datetime import datetime

import pytest


@pytest.mark.slow
def test_the_clock_is_shown_stepped_and_comes_back(yard):
    assert "modelyard cloud start" in yard.refused(1, "cloud", "clock")
    yard.ok("cloud", "start")
    shown = yard.json("cloud", "clock")
    assert (shown["speed"], shown["fired"], shown["next"], shown["ahead_seconds"] < 1) == (1.0, 0, [], True)
    stepped = yard.json("cloud", "clock", "--step", "2d")
    passed = datetime.fromisoformat(stepped["time"]) - datetime.fromisoformat(shown["time"])
    assert (passed.days, stepped["speed"]) == (2, 1.0)
    assert yard.json("cloud", "clock", "--speed", "3600")["speed"] == 3600.0
    assert "3600 times as fast as ours" in yard.ok("cloud", "clock")
    yard.ok("cloud", "stop")
    yard.ok("cloud", "start")
    later = yard.json("cloud", "clock", "--speed", "1")
    assert (later["speed"], later["ahead_seconds"] > 2 * 86_400) == (1.0, True)


@pytest.mark.parametrize("step", ["soon", "-1h", "0s", "9999d", "1w"])
def test_what_is_no_time_to_step_by(yard, step):
    said = yard.refused(2, "cloud", "clock", f"--step={step}")
    assert "modelyard cloud clock --step 1h" in said
