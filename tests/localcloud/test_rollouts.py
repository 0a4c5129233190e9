"""Endpoints that take another configuration over: by canary, batch by batch, and back again by an alarm."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard.localcloud import daemon

from .conftest import Cloud, until
from .test_events import events_of, received
from .test_serving import alarm, ask, model, serve, settled, variant


def roll(cloud: Cloud, name: str, deployment: dict[str, Any]) -> None:
    cloud.client("sagemaker").update_endpoint(
        EndpointName=name, EndpointConfigName=f"{name}-next", DeploymentConfig=deployment
    )


def two_fleets(cloud: Cloud, name: str) -> None:
    for factor, suffix in (("1", ""), ("2", "-next")):
        model(cloud, f"{name}{suffix}", factor)
    serve(cloud, name, variant("AllTraffic", ModelName=name))
    cloud.client("sagemaker").create_endpoint_config(
        EndpointConfigName=f"{name}-next", ProductionVariants=[variant("AllTraffic", ModelName=f"{name}-next")]
    )


CANARY = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 25},
            "WaitIntervalInSeconds": 600,
        },
        "TerminationWaitInSeconds": 120,
        "MaximumExecutionTimeoutInSeconds": 3600,
    }
}


@pytest.mark.slow
def test_a_canary_takes_over_by_the_clock(cloud: Cloud) -> None:
    two_fleets(cloud, "canary")
    url = events_of(cloud, "canary", "SageMaker Endpoint Deployment State Change")
    roll(cloud, "canary", CANARY)

    def share() -> float:
        return sum(ask(cloud, "canary", [1])[1] == [2.0] for _ in range(20)) / 20

    until(lambda: ask(cloud, "canary", [1])[1], lambda found: found == [2.0])
    assert share() == 0.25
    endpoint = cloud.client("sagemaker").describe_endpoint(EndpointName="canary")
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("Updating", "canary")
    assert endpoint["PendingDeploymentSummary"]["EndpointConfigName"] == "canary-next"
    coming = endpoint["PendingDeploymentSummary"]["ProductionVariants"][0]
    assert [status["Status"] for status in coming["VariantStatus"]] == ["Baking"]
    daemon.clock(cloud.info, step=601)
    assert share() == 1.0
    daemon.clock(cloud.info, step=721)
    endpoint = settled(cloud, "canary")
    assert (endpoint["EndpointConfigName"], endpoint.get("FailureReason")) == ("canary-next", None)
    assert endpoint["LastDeploymentConfig"] == CANARY
    told = [event["detail"] for event in received(cloud, url, 2)]
    assert {(it["EndpointConfigName"], it["EndpointStatus"]) for it in told} == {("canary", "UPDATING")}
    pending = [it["PendingDeploymentSummary"] for it in told]
    assert {it["EndpointConfigName"] for it in pending} == {"canary-next"}
    baking = [it["ProductionVariants"][0]["VariantStatus"][0] for it in pending]
    assert sorted((it["Status"], it["StatusMessage"]) for it in baking) == [
        ("Baking", "Baking for 600 seconds with traffic enabled on canary capacity of 1 instance(s)."),
        ("Baking", "Baking for 720 seconds with traffic enabled on full capacity of 1 instance(s)."),
    ]
    cloud.client("sagemaker").delete_endpoint(EndpointName="canary")


@pytest.mark.slow
def test_a_rolling_update_goes_batch_by_batch(cloud: Cloud) -> None:
    two_fleets(cloud, "rolling")
    policy = {"MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50}, "WaitIntervalInSeconds": 600}
    roll(cloud, "rolling", {"RollingUpdatePolicy": policy})

    def share() -> float:
        return sum(ask(cloud, "rolling", [1])[1] == [2.0] for _ in range(20)) / 20

    until(lambda: ask(cloud, "rolling", [1])[1], lambda found: found == [2.0])
    assert share() == 0.5
    daemon.clock(cloud.info, step=601)
    assert share() == 1.0
    daemon.clock(cloud.info, step=601)
    assert settled(cloud, "rolling")["EndpointConfigName"] == "rolling-next"
    cloud.client("sagemaker").delete_endpoint(EndpointName="rolling")


@pytest.mark.slow
def test_an_alarm_takes_a_rollout_back(cloud: Cloud) -> None:
    two_fleets(cloud, "alarmed")
    alarm(cloud, "alarmed-errors", "alarmed")
    deployment = {**CANARY, "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "alarmed-errors"}]}}
    roll(cloud, "alarmed", deployment)
    until(lambda: ask(cloud, "alarmed", [1])[1], lambda found: found == [2.0])
    with pytest.raises(ClientError):
        ask(cloud, "alarmed", "fail")
    endpoint = settled(cloud, "alarmed")
    assert endpoint["EndpointConfigName"] == "alarmed"
    assert endpoint["FailureReason"].endswith("rolled back: alarmed-errors.")
    assert {ask(cloud, "alarmed", [1])[1][0] for _ in range(8)} == {1.0}
    cloud.client("sagemaker").delete_endpoint(EndpointName="alarmed")
    cloud.client("cloudwatch").delete_alarms(AlarmNames=["alarmed-errors"])
