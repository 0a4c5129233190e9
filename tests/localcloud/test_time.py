"""The clock, schedule expressions, alarms' judgement and rollouts' steps, each by itself."""

import threading
import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from modelyard.localcloud.runtime import cron, expressions, rollouts
from modelyard.localcloud.runtime.alarms import judged
from modelyard.localcloud.runtime.clock import Clock
from modelyard.localcloud.runtime.metrics import Series, Spec


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def text(moment: float | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("expression", "after", "due"),
    [
        ("cron(0 12 * * ? *)", "2026-11-21T12:00", "2026-11-22T12:00"),
        ("cron(15,45 8-9 ? * MON-FRI *)", "2026-11-21T00:00", "2026-11-23T08:15"),
        ("cron(0/15 * * * ? *)", "2026-11-21T10:16", "2026-11-21T10:30"),
        ("cron(0 8 1 * ? *)", "2026-12-01T08:00", "2027-01-01T08:00"),
        ("cron(0 0 L * ? *)", "2026-02-01T00:00", "2026-02-28T00:00"),
        ("cron(0 0 15W * ? *)", "2026-11-01T00:00", "2026-11-16T00:00"),
        ("cron(0 9 ? * 2#1 *)", "2026-11-03T00:00", "2026-12-07T09:00"),
        ("cron(0 9 ? * 6L *)", "2026-11-01T00:00", "2026-11-27T09:00"),
        ("cron(0 0 29 2 ? *)", "2026-03-01T00:00", "2028-02-29T00:00"),
        ("cron(0 0 1 1 ? 2020)", "2026-01-01T00:00", None),
        ("rate(5 minutes)", "2026-11-21T10:07", "2026-11-21T10:10"),
        ("rate(1 day)", "2026-11-21T10:00", "2026-11-22T00:00"),
        ("at(2026-12-24T18:00:00)", "2026-11-21T00:00", "2026-12-24T18:00"),
        ("at(2026-12-24T18:00:00)", "2026-12-24T18:00", None),
    ],
)
def test_when_a_schedule_is_due(expression, after, due):
    assert text(cron.next_due(expression, at("2026-11-01T00:00"), at(after))) == due


def test_a_schedule_has_a_zone_and_its_summer_time():
    for day, expected in (("2026-07-01", "2026-07-01T06:00"), ("2026-12-01", "2026-12-01T07:00")):
        assert text(cron.next_due("cron(0 8 * * ? *)", 0.0, at(f"{day}T00:00"), "Europe/Berlin")) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "every day",
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(0 minutes)",
        "cron(0 12 * * *)",
        "cron(0 12 * * * *)",
        "cron(60 12 * * ? *)",
        "cron(x 12 * * ? *)",
        "at(tomorrow)",
    ],
)
def test_what_is_no_schedule(expression):
    with pytest.raises(cron.ScheduleError):
        cron.next_due(expression, 0.0, 0.0)


def test_a_clock_runs_stands_and_never_goes_back():
    machine = [1000.0]
    clock = Clock(machine=lambda: machine[0])
    assert clock.time() == 1000.0
    clock.speed(60.0)
    machine[0] += 10
    assert clock.time() == 1600.0
    clock.hold(5000.0)
    machine[0] += 10
    assert clock.time() == 5000.0
    clock.hold(4000.0)
    assert clock.time() == 5000.0
    clock.release()
    machine[0] += 1
    assert (clock.time(), clock.setting.speed) == (5060.0, 60.0)
    again = Clock(clock.setting, machine=lambda: machine[0])
    assert again.time() == 5060.0


def test_a_wait_ends_with_the_clock_or_before():
    clock = Clock(machine=lambda: 0.0)
    ended: list[bool] = []
    waiter = threading.Thread(target=lambda: ended.append(clock.wait(100.0, lambda: False)))
    waiter.start()
    while clock.deadlines() != [100.0]:
        time.sleep(0.01)
    assert (clock.is_waiting(waiter.ident), ended) == (True, [])
    clock.hold(100.0)
    waiter.join(5)
    assert (ended, clock.deadlines(), clock.wait(100.0, lambda: True)) == ([False], [], True)


def alarm(**changes):
    plain = {
        "treat_missing_data": "missing",
        "datapoints_to_alarm": None,
        "evaluation_periods": 3,
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 1.0,
        "state_value": "OK",
        "state_reason": "",
    }
    return SimpleNamespace(**plain | changes)


@pytest.mark.parametrize(
    ("points", "changes", "state"),
    [
        ([2, 2, 2], {}, "ALARM"),
        ([2, 1, 2], {}, "OK"),
        ([2, 1, 2], {"datapoints_to_alarm": 2}, "ALARM"),
        ([None, 2, None], {}, "ALARM"),
        ([None, None, None], {}, "INSUFFICIENT_DATA"),
        ([None, None, None], {"treat_missing_data": "ignore", "state_value": "ALARM"}, "ALARM"),
        ([None, None, None], {"treat_missing_data": "breaching"}, "ALARM"),
        ([None, None, None], {"treat_missing_data": "notBreaching"}, "OK"),
        ([2, None, 2], {"treat_missing_data": "notBreaching"}, "OK"),
        ([0.5, 0.5, 0.5], {"comparison_operator": "LessThanThreshold"}, "ALARM"),
        ([1, 1, 1], {"comparison_operator": "GreaterThanOrEqualToThreshold"}, "ALARM"),
    ],
)
def test_an_alarm_is_judged(points, changes, state):
    assert judged(alarm(**changes), points)[0] == state


def test_points_are_summed_up_over_a_period():
    def point(seconds: float, **values: float) -> SimpleNamespace:
        moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
        return SimpleNamespace(namespace="n", name="m", dimensions=[], timestamp=moment, **values)

    points = [point(60, value=1.0), point(120, value=3.0), point(90, sum=10.0, sample_count=4.0, min=1.0, max=5.0)]
    series = Series(points)
    series.refresh()

    def value(name: str, end: float, period: int = 60) -> float | None:
        return series.value(Spec("n", "m", (), name), datetime.fromtimestamp(end, UTC), period)

    assert [value(it, 120) for it in ("Sum", "SampleCount", "Average", "Minimum", "Maximum", "p99")] == [
        13.0,
        5.0,
        2.6,
        1.0,
        5.0,
        5.0,
    ]
    assert (value("Sum", 60), value("Sum", 300)) == (1.0, None)
    points.append(point(200, value=7.0))
    series.refresh()
    assert value("Sum", 200) == 7.0


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("100 * errors / calls", 25.0),
        ("IF(calls > 3, errors, 0)", 1.0),
        ("SUM([errors, calls])", 5.0),
        ("FILL(nothing, 2) + 1", 3.0),
        ("nothing + 1", None),
        ("errors / zero", None),
        ("rate * 2", 50.0),
    ],
)
def test_metric_math(expression, expected):
    known = {"errors": 1.0, "calls": 4.0, "nothing": None, "zero": 0.0}
    assert expressions.value(expression, known, {"rate": "100 * errors / calls"}) == expected


def test_metric_math_runs_nothing_else():
    for bad in ("__import__('os')", "errors.real", "unknown", "[1][0]", "1 +"):
        with pytest.raises(ValueError, match=r"."):
            expressions.value(bad, {"errors": 1.0}, {})


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ('ALARM("a") AND OK("b")', True),
        ("ALARM(a) AND NOT OK(b)", False),
        ("ALARM(b) OR (ALARM(arn:aws:cloudwatch:us-east-1:1:alarm:a) AND TRUE)", True),
        ("INSUFFICIENT_DATA(c)", True),
    ],
)
def test_rules_of_composite_alarms(rule, holds):
    assert expressions.rule(rule, {"a": "ALARM", "b": "OK"}) is holds


def size(value: int, kind: str = "CAPACITY_PERCENT") -> dict[str, object]:
    return {"Type": kind, "Value": value}


@pytest.mark.parametrize(
    ("config", "steps"),
    [
        (None, [(1.0, 0.0)]),
        (
            {
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 60},
                    "TerminationWaitInSeconds": 30,
                }
            },
            [(1.0, 90.0)],
        ),
        (
            {
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": {
                        "Type": "CANARY",
                        "CanarySize": size(1, "INSTANCE_COUNT"),
                        "WaitIntervalInSeconds": 60,
                    }
                }
            },
            [(0.25, 60.0), (1.0, 60.0)],
        ),
        (
            {
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": {
                        "Type": "LINEAR",
                        "LinearStepSize": size(33),
                        "WaitIntervalInSeconds": 60,
                    }
                }
            },
            [(0.33, 60.0), (0.66, 60.0), (0.99, 60.0), (1.0, 60.0)],
        ),
        (
            {"RollingUpdatePolicy": {"MaximumBatchSize": size(50), "WaitIntervalInSeconds": 10}},
            [(0.5, 10.0), (1.0, 10.0)],
        ),
    ],
)
def test_the_steps_of_a_rollout(config, steps):
    assert [(round(it.share, 9), it.wait_seconds) for it in rollouts.plan(config, 4).steps] == steps
