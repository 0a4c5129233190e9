"""An endpoint's alarms and dashboards: pure data."""

import json

import pytest

from modelyard.components.model_service import dashboard as of_endpoint
from modelyard.components.model_service.alarms import alarms, cores
from modelyard.components.model_service.settings import EndpointAlarmSettings
from modelyard.components.monitoring import dashboard as of_platform
from modelyard.components.monitoring.changes import FAILURES

COLUMNS = 24


def test_each_alarm_compares_its_metric_in_the_metrics_unit():
    found = {it.word: (it.metric, it.statistic, it.threshold) for it in alarms(EndpointAlarmSettings(), "ml.m5.large")}
    assert found == {
        "latency": ("ModelLatency", "p99", 1_000_000),
        "errors": ("Invocation5XXErrors", "Sum", 5),
        "client-errors": ("Invocation4XXErrors", "Sum", 50),
        "cpu": ("CPUUtilization", "Average", 170),
        "memory": ("MemoryUtilization", "Average", 85),
    }


def test_silence_is_an_alarm_only_when_asked_for():
    idle = alarms(EndpointAlarmSettings(idle_hours=6), "ml.m5.large")[-1]
    assert (idle.word, idle.period * idle.periods, idle.below, idle.silence) == ("idle", 6 * 3600, True, True)


@pytest.mark.parametrize(
    ("instance_type", "expected"),
    [("ml.t2.medium", 2), ("ml.m5.large", 2), ("ml.m5.xlarge", 4), ("ml.c5.4xlarge", 16), ("ml.g5.12xlarge", 48)],
)
def test_cores_follow_the_size(instance_type, expected):
    assert cores(instance_type) == expected


BODIES = {
    "platform": of_platform.body("# a", "us-east-1", "/aws/events/a", "alarms"),
    "endpoint": of_endpoint.body("churn", "main", "us-east-1", "/aws/sagemaker/Endpoints/churn", ["arn:1"]),
}


@pytest.mark.parametrize("which", BODIES)
def test_widgets_lie_beside_one_another(which):
    taken = set()
    for widget in json.loads(json.dumps(BODIES[which]))["widgets"]:
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert max(x for x, _ in cells) < COLUMNS
        assert not cells & taken
        taken |= cells


def test_every_failure_has_a_pattern_of_its_own():
    assert [it.pattern()["detail-type"] for it in FAILURES] == [
        ["SageMaker Training Job State Change"],
        ["SageMaker Model Package State Change"],
        ["SageMaker Endpoint State Change"],
        ["SageMaker Model Building Pipeline Execution Status Change"],
    ]
