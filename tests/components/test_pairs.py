"""Every way of serving times every rollout: what AWS documents is what is asked of it, the rest is refused."""

import itertools
from typing import Any

import pytest
from pydantic import ValidationError

from modelyard.components.model_service import serving
from modelyard.components.model_service.pairs import REFUSED
from modelyard.components.model_service.serving import Places
from modelyard.components.model_service.settings import ModelServiceSettings

MODES = ("realtime", "serverless", "async", "batch", "multi_model")
STRATEGIES = ("all_at_once", "canary", "linear", "rolling", "shadow")
PLACES = Places(
    capture_uri="s3://captured/m",
    answers_uri="s3://work/m/async/answers",
    failures_uri="s3://work/m/async/failures",
    kms_key_arn="arn:key",
    error_topic_arn="arn:topic",
)
NO_TRAFFIC = "a serverless endpoint has no instances to shift traffic between, so AWS moves it all at once"
NO_ENDPOINT = "batch has no endpoint that could be rolled out: the next run takes the newest approved model"
REASONS = {
    **{("serverless", it): NO_TRAFFIC for it in ("canary", "linear", "rolling")},
    ("serverless", "shadow"): "AWS has no shadow variants on serverless endpoints",
    ("async", "shadow"): "AWS has no shadow variants on asynchronous endpoints",
    ("multi_model", "shadow"): "AWS has no shadow variants on multi-model endpoints",
    **{("batch", it): NO_ENDPOINT for it in ("canary", "linear", "rolling", "shadow")},
}
INSTANCES = {
    "variant_name": "main",
    "model_name": "m",
    "initial_variant_weight": 1,
    "instance_type": "ml.m5.large",
    "initial_instance_count": 2,
}
SERVERLESS = {
    "variant_name": "main",
    "model_name": "m",
    "initial_variant_weight": 1,
    "serverless_config": {"memory_size_in_mb": 2048, "max_concurrency": 5},
}
QUEUE = {
    "client_config": {"max_concurrent_invocations_per_instance": 4},
    "output_config": {
        "s3_output_path": "s3://work/m/async/answers",
        "s3_failure_path": "s3://work/m/async/failures",
        "kms_key_id": "arn:key",
    },
}
CONFIGURATIONS = {
    "realtime": {"production_variants": [INSTANCES], "kms_key_arn": "arn:key"},
    "multi_model": {"production_variants": [INSTANCES], "kms_key_arn": "arn:key"},
    "async": {"production_variants": [INSTANCES], "kms_key_arn": "arn:key", "async_inference_config": QUEUE},
    "serverless": {"production_variants": [SERVERLESS]},
}
SHADOWED = {
    **CONFIGURATIONS["realtime"],
    "shadow_production_variants": [
        {**INSTANCES, "variant_name": "shadow", "model_name": "next", "initial_variant_weight": 0.25}
    ],
}
SIZE = {"type": "CAPACITY_PERCENT", "value": 25}
UNDONE = {"auto_rollback_configuration": {"alarms": [{"alarm_name": "latency"}, {"alarm_name": "errors"}]}}


def routing(**more: Any) -> dict[str, Any]:
    shift = {"wait_interval_in_seconds": 300, **more}
    return {"blue_green_update_policy": {"traffic_routing_configuration": shift}, **UNDONE}


ROLLOUTS: dict[str, Any] = {
    "all_at_once": None,
    "canary": routing(type="CANARY", canary_size=SIZE),
    "linear": routing(type="LINEAR", linear_step_size=SIZE),
    "rolling": {"rolling_update_policy": {"maximum_batch_size": SIZE, "wait_interval_in_seconds": 300}, **UNDONE},
    "shadow": None,
}


def settings(mode: str, strategy: str, **more: Any) -> ModelServiceSettings:
    asked = {"serving": {"mode": mode}, "rollout": {"strategy": strategy}, "initial_instance_count": 2}
    return ModelServiceSettings(**{**asked, **more})


def test_every_refused_pair_has_its_reason_here():
    assert REFUSED == REASONS


@pytest.mark.parametrize(("mode", "strategy"), itertools.product(MODES, STRATEGIES))
def test_a_pair_is_what_aws_documents_or_refused_with_the_reason(mode, strategy):
    if (mode, strategy) in REASONS:
        said = f"rollout.strategy {strategy} does not go with serving.mode {mode}: {REASONS[mode, strategy]}"
        with pytest.raises(ValidationError) as refused:
            settings(mode, strategy)
        assert [it["msg"] for it in refused.value.errors()] == [f"Value error, {said}"]
        return
    asked = settings(mode, strategy)
    assert serving.deployment(asked, ["latency", "errors"]) == ROLLOUTS[strategy]
    if mode != "batch":
        shadow = "next" if strategy == "shadow" else None
        expected = SHADOWED if shadow else CONFIGURATIONS[mode]
        assert serving.configuration(asked, "m", shadow, PLACES) == expected


DATA = {"kind": "data_quality"}
REFUSALS = {
    "bias of nobody": (
        {"monitors": [{"kind": "bias"}], "capture_percent": 5},
        "a monitor of bias compares groups: name them by facet and facet_values",
    ),
    "canary of one": (
        {"rollout": {"strategy": "canary"}},
        "a canary rollout shifts at most half of the instances at a time, so initial_instance_count has to be 2 or "
        "more",
    ),
    "rolling of one": (
        {"rollout": {"strategy": "rolling"}},
        "a rolling rollout shifts at most half of the instances at a time, so initial_instance_count has to be 2 or "
        "more",
    ),
    "a canary too big": (
        {"rollout": {"strategy": "canary", "size_percent": 51}},
        "size_percent of a canary rollout is 1 to 50, not 51",
    ),
    "a step too small": (
        {"rollout": {"strategy": "linear", "size_percent": 9}},
        "size_percent of a linear rollout is 10 to 50, not 9",
    ),
    "a batch too small": (
        {"rollout": {"strategy": "rolling", "size_percent": 4}},
        "size_percent of a rolling rollout is 5 to 50, not 4",
    ),
    "capture, serverless": (
        {"serving": {"mode": "serverless"}, "capture_percent": 10},
        "capture_percent does not go with serving.mode serverless: AWS captures nothing at serverless endpoints",
    ),
    "capture, batch": (
        {"serving": {"mode": "batch"}, "capture_percent": 10},
        "capture_percent does not go with serving.mode batch: batch has no endpoint, and its inputs and outputs are "
        "objects in S3 already",
    ),
    "capture, async": (
        {"serving": {"mode": "async"}, "capture_percent": 10},
        "capture_percent does not go with serving.mode async: an asynchronous endpoint's requests and answers are "
        "objects in S3 already",
    ),
    "monitors of nothing": (
        {"monitors": [DATA]},
        "monitors read what is captured: set capture_percent, such as to 100",
    ),
    "monitors of several models": (
        {"serving": {"mode": "multi_model"}, "monitors": [DATA], "capture_percent": 5},
        "monitors compare one model with its baseline; a multi-model endpoint answers with several",
    ),
    "a monitor twice": (
        {"monitors": [DATA, DATA], "capture_percent": 5},
        "there are two monitors of data_quality",
    ),
    "scaling nothing": (
        {"serving": {"mode": "serverless"}, "autoscaling": {"max_capacity": 4, "target_value": 0.7}},
        "autoscaling of a serverless endpoint moves its provisioned concurrency, and that is 0",
    ),
    "scaling without an endpoint": (
        {"serving": {"mode": "batch"}, "autoscaling": {"max_capacity": 4, "target_value": 1}},
        "autoscaling is for endpoints, and batch has none",
    ),
    "scaling to zero": (
        {"autoscaling": {"min_capacity": 0, "max_capacity": 4, "target_value": 1}},
        "only an asynchronous endpoint scales to zero instances: set autoscaling.min_capacity to 1",
    ),
    "scaling upside down": (
        {"autoscaling": {"min_capacity": 5, "max_capacity": 4, "target_value": 1}},
        "min_capacity 5 is above max_capacity 4",
    ),
    "another mode's section": (
        {"serving": {"mode": "realtime", "serverless": {"max_concurrency": 4}}},
        "serverless is for mode: serverless, and the mode is realtime",
    ),
    "more kept warm than served": (
        {"serving": {"mode": "serverless", "serverless": {"max_concurrency": 2, "provisioned_concurrency": 3}}},
        "serverless.provisioned_concurrency is 3, above its max_concurrency of 2",
    ),
    "waiting between no steps": (
        {"serving": {"mode": "serverless"}, "rollout": {"wait_seconds": 60}},
        "rollout.wait_seconds does not go with serving.mode serverless: there are no steps to wait between",
    ),
    "following approvals to many models": (
        {"serving": {"mode": "multi_model"}, "deploy_on_approval": True},
        "deploy_on_approval moves an endpoint of one model; with serving.mode multi_model the next `up` does it",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_does_not_go_together_is_refused_with_the_reason(case):
    asked, reason = REFUSALS[case]
    with pytest.raises(ValidationError) as refused:
        ModelServiceSettings(**asked)
    assert [it["msg"] for it in refused.value.errors()] == [f"Value error, {reason}"]


def test_all_at_once_waits_where_it_is_told_to():
    asked = ModelServiceSettings(rollout={"wait_seconds": 60, "rollback_on_alarm": False})
    shift = {"type": "ALL_AT_ONCE", "wait_interval_in_seconds": 60}
    assert serving.deployment(asked, ["latency"]) == {
        "blue_green_update_policy": {"traffic_routing_configuration": shift}
    }


def test_capture_keeps_both_ways_of_what_is_asked():
    asked = settings("realtime", "all_at_once", capture_percent=40)
    assert serving.configuration(asked, "m", None, PLACES)["data_capture_config"] == {
        "enable_capture": True,
        "initial_sampling_percentage": 40,
        "destination_s3_uri": "s3://captured/m",
        "kms_key_id": "arn:key",
        "capture_options": [{"capture_mode": "Input"}, {"capture_mode": "Output"}],
        "capture_content_type_header": {
            "csv_content_types": ["text/csv"],
            "json_content_types": ["application/json"],
        },
    }


def test_a_failed_request_is_told_of_where_it_is_asked_for():
    asked = settings("async", "all_at_once", serving={"mode": "async", "asynchronous": {"notify": True}})
    made = serving.configuration(asked, "m", None, PLACES)["async_inference_config"]
    assert made["output_config"]["notification_config"] == {"error_topic": "arn:topic"}


def test_a_configuration_is_another_whenever_it_says_something_else():
    different = [
        settings("realtime", "all_at_once"),
        settings("realtime", "all_at_once", initial_instance_count=3),
        settings("realtime", "all_at_once", instance_type="ml.m5.xlarge"),
        settings("realtime", "all_at_once", capture_percent=1),
        settings("serverless", "all_at_once"),
        settings("async", "all_at_once"),
    ]
    marks = [serving.fingerprint(it) for it in different]
    marks += [serving.fingerprint(different[0], shadow) for shadow in (4, 5)]
    assert len(set(marks)) == len(marks)
    assert serving.fingerprint(different[0]) == serving.fingerprint(settings("realtime", "canary"))


SCALING = {
    "realtime": ({}, "DesiredInstanceCount", {"predefined_metric_type": "SageMakerVariantInvocationsPerInstance"}),
    "multi_model": ({}, "DesiredInstanceCount", {"predefined_metric_type": "SageMakerVariantInvocationsPerInstance"}),
    "serverless": (
        {"serverless": {"provisioned_concurrency": 1}},
        "DesiredProvisionedConcurrency",
        {"predefined_metric_type": "SageMakerVariantProvisionedConcurrencyUtilization"},
    ),
    "async": (
        {},
        "DesiredInstanceCount",
        {
            "namespace": "AWS/SageMaker",
            "metric_name": "ApproximateBacklogSizePerInstance",
            "dimensions": [{"name": "EndpointName", "value": "e"}],
            "statistic": "Average",
        },
    ),
}


@pytest.mark.parametrize("mode", SCALING)
def test_scaling_follows_the_metric_that_aws_has_for_the_mode(mode):
    more, dimension, metric = SCALING[mode]
    bounds = {"min_capacity": 1, "max_capacity": 4, "target_value": 0.7}
    asked = ModelServiceSettings(serving={"mode": mode, **more}, autoscaling=bounds)
    target = serving.scaling_target(asked, "e")
    assert (target["min_capacity"], target["max_capacity"]) == (1, 4)
    assert target["scalable_dimension"] == f"sagemaker:variant:{dimension}"
    made = serving.tracking(asked, "e")
    kind = "customized" if mode == "async" else "predefined"
    assert made == {
        "target_value": 0.7,
        "scale_in_cooldown": 300,
        "scale_out_cooldown": 300,
        f"{kind}_metric_specification": metric,
    }
