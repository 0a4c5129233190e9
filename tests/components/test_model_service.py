"""What a model's service plans, resource by resource, with Pulumi's own stand-in for an engine."""

import itertools
import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
from components.test_pairs import MODES, REASONS, STRATEGIES

from modelyard.components.model_service import component as under_test
from modelyard.components.model_service.component import ModelService, ModelServiceArgs
from modelyard.components.model_service.registry import Registered, RegisteredModel
from modelyard.components.model_service.settings import ModelServiceSettings
from modelyard.components.model_service.wires import PlatformWires
from modelyard.naming import Scope

ACCOUNT = "123456789012"
SCOPE = Scope(owner="churn", environment="dev", region="us-east-1")
PLATFORM = PlatformWires(
    artifact_bucket="work",
    data_bucket="data",
    capture_bucket="captured",
    kms_key_arn=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k",
    subnet_ids=["subnet-1"],
    security_group_id="sg-1",
    alarm_topic_arn=f"arn:aws:sns:us-east-1:{ACCOUNT}:alarms",
    permissions_boundary_arn=f"arn:aws:iam::{ACCOUNT}:policy/boundary",
    tracking_arn="",
    tracking_url="",
)


def model(version: int) -> RegisteredModel:
    return RegisteredModel(
        arn=f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/churn-dev-models/{version}",
        version=version,
        image="sklearn:1",
        data_url=f"s3://work/models/churn/dev/training/{version}/model.tar.gz",
        environment={"SAGEMAKER_PROGRAM": "inference.py"},
        notes={"training_data": "s3://work/models/churn/dev/train"},
    )


class Recorder(pulumi.runtime.Mocks):
    """Takes every resource, and tells its inputs back."""

    def __init__(self) -> None:
        self.made: dict[str, dict[str, Any]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.typ.startswith("aws:"):
            self.made[f"{args.typ.split('/')[0].removeprefix('aws:')}:{args.typ.rpartition(':')[2]} {args.name}"] = (
                args.inputs
            )
        arn = f"arn:aws:x:us-east-1:{ACCOUNT}:{args.name}"
        return f"{args.name}-id", {"arn": arn, **args.inputs}

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        return {"registryPath": "1.dkr.ecr/sagemaker-scikit-learn:1"}


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Plan a service whose registry holds some models; return what it makes, by type and name."""
    (tmp_path / "train.py").write_text("print(1)\n")

    def planned(settings: ModelServiceSettings, models: Registered) -> dict[str, dict[str, Any]]:
        recorder = Recorder()
        monkeypatch.setattr(under_test, "registered", lambda group, region, every, candidate: models)
        monkeypatch.setattr(under_test, "settled", lambda endpoint, region: None)

        @pulumi.runtime.test
        def program() -> Any:
            args = ModelServiceArgs(
                settings=settings,
                scope=SCOPE,
                account_id=ACCOUNT,
                platform=PLATFORM,
                source=tmp_path,
                pipeline=lambda context: json.dumps({"Version": "2020-12-01", "Steps": []}),
            )
            ModelService("churn", args)

        pulumi.runtime.set_mocks(recorder)
        program()
        return recorder.made

    return planned


ROLES = [f"iam:{kind} churn-roles-{word}" for word in ("training", "pipeline", "serving") for kind in ("Role",)]
BASE = {
    *ROLES,
    *(f"iam:RolePolicy {it.partition(' ')[2]}-policy" for it in ROLES),
    "sagemaker:ModelPackageGroup churn-models",
    "s3:BucketObjectv2 churn-code",
    "sagemaker:Pipeline churn-pipeline",
}
ENDPOINT = {
    "cloudwatch:LogGroup churn-service-log",
    "sagemaker:Model churn-service-served-model",
    "sagemaker:EndpointConfiguration churn-service-configuration",
    "sagemaker:Endpoint churn-service-endpoint",
    "cloudwatch:Dashboard churn-service-dashboard",
    *(f"cloudwatch:MetricAlarm churn-service-{it}" for it in ("latency", "errors", "client-errors", "memory")),
}
CPU = {"cloudwatch:MetricAlarm churn-service-cpu"}
EXPECTED = {
    "realtime": ENDPOINT | CPU,
    "async": ENDPOINT | CPU,
    "serverless": ENDPOINT,
    "multi_model": ENDPOINT | CPU | {f"s3:ObjectCopy churn-service-served-v{it}" for it in (3, 2)},
    "batch": {"sagemaker:Model churn-batch-served-model", "sagemaker:Pipeline churn-batch-pipeline"},
}
SHADOW = {"sagemaker:Model churn-service-shadow-model"}


def asked(mode: str, strategy: str, **more: Any) -> ModelServiceSettings:
    return ModelServiceSettings(
        serving={"mode": mode}, rollout={"strategy": strategy}, initial_instance_count=2, **more
    )


@pytest.mark.parametrize(("mode", "strategy"), [it for it in itertools.product(MODES, STRATEGIES) if it not in REASONS])
def test_a_pair_plans_exactly_its_resources(plan, mode, strategy):
    versions = (model(3), model(2)) if mode == "multi_model" else (model(3),)
    candidate = model(4) if strategy == "shadow" else None
    made = plan(asked(mode, strategy), Registered(approved=versions, candidate=candidate))
    assert set(made) == BASE | EXPECTED[mode] | (SHADOW if candidate else set())


def test_before_any_model_there_is_what_makes_one(plan):
    for mode in MODES:
        assert set(plan(asked(mode, "all_at_once"), Registered())) == BASE


def test_only_what_is_not_serverless_runs_in_the_vpc(plan):
    network = {"subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]}
    for mode, expected in (("realtime", network), ("async", network), ("serverless", None)):
        made = plan(asked(mode, "all_at_once"), Registered(approved=(model(3),)))
        assert made["sagemaker:Model churn-service-served-model"].get("vpcConfig") == expected


def test_an_endpoint_that_can_not_become_another_has_another_name(plan):
    names = {
        mode: plan(asked(mode, "all_at_once"), Registered(approved=(model(3),)))[
            "sagemaker:Endpoint churn-service-endpoint"
        ]["name"]
        for mode in ("realtime", "serverless", "async", "multi_model")
    }
    assert names == {
        "realtime": "churn-dev-endpoint",
        "serverless": "churn-dev-endpoint-serverless",
        "async": "churn-dev-endpoint-async",
        "multi_model": "churn-dev-endpoint",
    }


def test_all_models_are_served_side_by_side(plan):
    made = plan(asked("multi_model", "all_at_once"), Registered(approved=(model(3), model(2))))
    assert made["sagemaker:Model churn-service-served-model"]["containers"] == [
        {
            "image": "sklearn:1",
            "mode": "MultiModel",
            "modelDataUrl": "s3://work/models/churn/dev/served/",
            "environment": {"SAGEMAKER_PROGRAM": "inference.py"},
        }
    ]
    copied = made["s3:ObjectCopy churn-service-served-v2"]
    assert copied["source"] == "work/models/churn/dev/training/2/model.tar.gz"
    assert copied["key"] == "models/churn/dev/served/v2.tar.gz"


WATCHED = [
    {"kind": "data_quality", "retrain": True, "schedule_expression": "rate(1 hour)"},
    {"kind": "model_quality", "schedule_expression": "cron(0 6 * * ? *)", "violations": 2},
]


def test_monitors_run_on_their_schedules_and_drift_retrains(plan):
    settings = asked("realtime", "all_at_once", capture_percent=100, monitors=WATCHED)
    made = plan(settings, Registered(approved=(model(3),)))
    own = {it for it in made if "churn-monitors" in it}
    assert own == {
        "s3:BucketObjectv2 churn-monitors-code",
        *(
            f"{kind} churn-monitors-{word}{suffix}"
            for word in ("data-quality", "model-quality")
            for kind, suffix in (
                ("sagemaker:Pipeline", ""),
                ("cloudwatch:EventRule", "-schedule-rule"),
                ("cloudwatch:EventTarget", "-schedule-target"),
                ("cloudwatch:MetricAlarm", "-drift"),
                ("s3:BucketObjectv2", "-settings"),
                ("s3:BucketObjectv2", "-captured"),
            )
        ),
        "s3:BucketObjectv2 churn-monitors-model-quality-truth",
        "cloudwatch:EventRule churn-monitors-retraining-rule",
        "cloudwatch:EventTarget churn-monitors-retraining-target",
    }
    assert set(made) - own == BASE | EXPECTED["realtime"] | {
        "iam:Role churn-roles-events",
        "iam:RolePolicy churn-roles-events-policy",
    }
    rules = {
        it: made[f"cloudwatch:EventRule churn-monitors-{it}-rule"] for it in ("model-quality-schedule", "retraining")
    }
    assert rules["model-quality-schedule"]["scheduleExpression"] == "cron(0 6 * * ? *)"
    assert json.loads(rules["retraining"]["eventPattern"]) == {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": ["churn-dev-monitor-data-quality"], "state": {"value": ["ALARM"]}},
    }
    target = made["cloudwatch:EventTarget churn-monitors-retraining-target"]
    assert target["arn"] == f"arn:aws:x:us-east-1:{ACCOUNT}:churn-pipeline"
    assert target["roleArn"] == f"arn:aws:x:us-east-1:{ACCOUNT}:churn-roles-events"
    alarm = made["cloudwatch:MetricAlarm churn-monitors-model-quality-drift"]
    assert (alarm["threshold"], alarm["dimensions"]) == (
        2,
        {"Endpoint": "churn-dev-endpoint", "MonitoringSchedule": "churn-dev-monitor-model-quality"},
    )


def test_an_approval_moves_the_endpoint_where_it_is_to(plan):
    made = plan(asked("realtime", "canary", deploy_on_approval=True), Registered(approved=(model(3),)))
    own = {it for it in made if "churn-deployment" in it}
    assert own == {
        "cloudwatch:LogGroup churn-deployment-log",
        "lambda:Function churn-deployment-function",
        *(
            f"{kind} churn-deployment-{word}"
            for event in ("approval", "endpoint")
            for kind, word in (
                ("cloudwatch:EventRule", f"{event}-rule"),
                ("lambda:Permission", f"{event}-permission"),
                ("cloudwatch:EventTarget", f"{event}-target"),
            )
        ),
    }
    variables = made["lambda:Function churn-deployment-function"]["environment"]["variables"]
    assert {key: variables[key] for key in ("GROUP", "ENDPOINT", "NAME")} == {
        "GROUP": "churn-dev-models",
        "ENDPOINT": "churn-dev-endpoint",
        "NAME": "churn-dev-auto",
    }
    assert json.loads(variables["DEPLOYMENT"]) == {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {
                "Type": "CANARY",
                "WaitIntervalInSeconds": 300,
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 25},
            }
        },
        "AutoRollbackConfiguration": {
            "Alarms": [{"AlarmName": "churn-dev-latency"}, {"AlarmName": "churn-dev-errors"}]
        },
    }


def test_nobody_is_told_of_alarms_where_nobody_is_to_be(plan):
    made = plan(asked("realtime", "all_at_once", notify=False), Registered(approved=(model(3),)))
    assert made["cloudwatch:MetricAlarm churn-service-latency"]["alarmActions"] == []


def test_batch_predictions_run_on_their_schedule(plan):
    settings = ModelServiceSettings(serving={"mode": "batch", "batch": {"schedule_expression": "rate(1 day)"}})
    made = plan(settings, Registered(approved=(model(3),)))
    assert made["cloudwatch:EventRule churn-batch-schedule-rule"]["scheduleExpression"] == "rate(1 day)"
    steps = json.loads(made["sagemaker:Pipeline churn-batch-pipeline"]["pipelineDefinition"])["Steps"]
    assert [(it["Name"], it["Type"], it["Arguments"]["ModelName"]) for it in steps] == [
        ("Transform", "Transform", "churn-dev-model-v3-batch")
    ]
