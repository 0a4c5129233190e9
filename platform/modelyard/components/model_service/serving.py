"""What each way of serving and of rolling out is on AWS, as plain arguments of its resources.

Sources: `CreateEndpointConfig`, `DeploymentConfig` and "Automatic scaling of Amazon SageMaker AI models" in SageMaker's
API reference and developer guide.
"""

import json
from dataclasses import dataclass
from typing import Any

import pulumi

from modelyard.components.model_service.settings import ModelServiceSettings
from modelyard.naming import digest

VARIANT = "main"
SHADOW = "shadow"
MULTI_MODEL = "MultiModel"
_WHOLE = 100
_COOLDOWN_SECONDS = 300

Arguments = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where an endpoint's data goes.

    Args:
        capture_uri: captured requests and answers, `s3://...`.
        answers_uri: answers of an asynchronous endpoint, `s3://...`.
        failures_uri: what it says of requests that failed, `s3://...`.
        kms_key_arn: the key that encrypts all of it.
        error_topic_arn: who hears of asynchronous requests that failed.
    """

    capture_uri: pulumi.Input[str]
    answers_uri: pulumi.Input[str]
    failures_uri: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    error_topic_arn: pulumi.Input[str]


def configuration(
    settings: ModelServiceSettings, model: pulumi.Input[str], shadow: pulumi.Input[str] | None, places: Places
) -> Arguments:
    """Return an endpoint configuration without its name.

    Args:
        settings: how the model is served.
        model: its name.
        shadow: the name of the model that is sent a copy of the requests, if there is one.
        places: where its data goes.
    """
    mode = settings.serving.mode
    made: Arguments = {"production_variants": [_variant(settings, VARIANT, model, 1)]}
    if mode != "serverless":
        made["kms_key_arn"] = places.kms_key_arn  # a serverless endpoint has no volume to encrypt
    if shadow is not None:
        share = settings.rollout.size_percent / _WHOLE
        made["shadow_production_variants"] = [_variant(settings, SHADOW, shadow, share)]
    if mode == "async":
        made["async_inference_config"] = _asynchronous(settings, places)
    if settings.capture_percent:
        made["data_capture_config"] = _capture(settings, places)
    return made


def fingerprint(settings: ModelServiceSettings, shadow: int = 0) -> str:
    """Return a digest of all that an endpoint configuration says besides the model; it can't be changed in place.

    Args:
        settings: how the model is served.
        shadow: the version that is sent a copy of the requests; 0 for none.
    """
    places = Places(capture_uri="", answers_uri="", failures_uri="", kms_key_arn="", error_topic_arn="")
    document = configuration(settings, "", f"v{shadow}" if shadow else None, places)
    return digest(json.dumps(document, sort_keys=True))


def _variant(settings: ModelServiceSettings, name: str, model: pulumi.Input[str], weight: float) -> Arguments:
    shared = {"variant_name": name, "model_name": model, "initial_variant_weight": weight}
    if settings.serving.mode != "serverless":
        count = settings.initial_instance_count
        return {**shared, "instance_type": settings.instance_type, "initial_instance_count": count}
    chosen = settings.serving.serverless
    sizes = {"memory_size_in_mb": chosen.memory_size_mb, "max_concurrency": chosen.max_concurrency}
    kept = {"provisioned_concurrency": chosen.provisioned_concurrency} if chosen.provisioned_concurrency else {}
    return {**shared, "serverless_config": {**sizes, **kept}}


def _asynchronous(settings: ModelServiceSettings, places: Places) -> Arguments:
    chosen = settings.serving.asynchronous
    output: Arguments = {
        "s3_output_path": places.answers_uri,
        "s3_failure_path": places.failures_uri,
        "kms_key_id": places.kms_key_arn,
    }
    if chosen.notify:
        output["notification_config"] = {"error_topic": places.error_topic_arn}
    most = chosen.max_concurrent_invocations_per_instance
    return {"client_config": {"max_concurrent_invocations_per_instance": most}, "output_config": output}


def _capture(settings: ModelServiceSettings, places: Places) -> Arguments:
    return {
        "enable_capture": True,
        "initial_sampling_percentage": settings.capture_percent,
        "destination_s3_uri": places.capture_uri,
        "kms_key_id": places.kms_key_arn,
        "capture_options": [{"capture_mode": "Input"}, {"capture_mode": "Output"}],
        "capture_content_type_header": {
            "csv_content_types": ["text/csv"],
            "json_content_types": ["application/json"],
        },
    }


def deployment(settings: ModelServiceSettings, alarm_names: list[str]) -> Arguments | None:
    """Return how an endpoint moves to another configuration; nothing where AWS's own way, all at once, is meant.

    Args:
        settings: the rollout.
        alarm_names: the alarms that it is undone by.
    """
    chosen = settings.rollout
    if chosen.strategy not in _POLICIES and not chosen.wait:
        return None
    watched = {"auto_rollback_configuration": {"alarms": [{"alarm_name": name} for name in alarm_names]}}
    policy = _POLICIES.get(chosen.strategy, _all_at_once)(_size(chosen.size_percent), chosen.wait)
    return {**policy, **(watched if chosen.rollback_on_alarm and alarm_names else {})}


def _size(percent: int) -> Arguments:
    return {"type": "CAPACITY_PERCENT", "value": percent}


def _all_at_once(_size_: Arguments, wait: int) -> Arguments:
    return _blue_green({"type": "ALL_AT_ONCE", "wait_interval_in_seconds": wait})


def _canary(size: Arguments, wait: int) -> Arguments:
    return _blue_green({"type": "CANARY", "wait_interval_in_seconds": wait, "canary_size": size})


def _linear(size: Arguments, wait: int) -> Arguments:
    return _blue_green({"type": "LINEAR", "wait_interval_in_seconds": wait, "linear_step_size": size})


def _blue_green(routing: Arguments) -> Arguments:
    return {"blue_green_update_policy": {"traffic_routing_configuration": routing}}


def _rolling(size: Arguments, wait: int) -> Arguments:
    return {"rolling_update_policy": {"maximum_batch_size": size, "wait_interval_in_seconds": wait}}


_POLICIES = {"canary": _canary, "linear": _linear, "rolling": _rolling}


def scaling_target(settings: ModelServiceSettings, endpoint: pulumi.Input[str]) -> Arguments:
    """Return what is scaled, and between what.

    Args:
        settings: the bounds.
        endpoint: the endpoint's name.
    """
    assert settings.autoscaling is not None  # noqa: S101 - narrows the type
    serverless = settings.serving.mode == "serverless"
    what = "DesiredProvisionedConcurrency" if serverless else "DesiredInstanceCount"
    return {
        "service_namespace": "sagemaker",
        "resource_id": pulumi.Output.concat("endpoint/", endpoint, f"/variant/{VARIANT}"),
        "scalable_dimension": f"sagemaker:variant:{what}",
        "min_capacity": settings.autoscaling.min_capacity,
        "max_capacity": settings.autoscaling.max_capacity,
    }


def tracking(settings: ModelServiceSettings, endpoint: pulumi.Input[str]) -> Arguments:
    """Return what autoscaling keeps where.

    Args:
        settings: the value to keep.
        endpoint: the endpoint's name.
    """
    assert settings.autoscaling is not None  # noqa: S101 - narrows the type
    mode = settings.serving.mode
    made: Arguments = {
        "target_value": settings.autoscaling.target_value,
        "scale_in_cooldown": _COOLDOWN_SECONDS,
        "scale_out_cooldown": _COOLDOWN_SECONDS,
    }
    if mode == "async":
        backlog: Arguments = {
            "namespace": "AWS/SageMaker",
            "metric_name": "ApproximateBacklogSizePerInstance",
            "dimensions": [{"name": "EndpointName", "value": endpoint}],
            "statistic": "Average",
        }
        return {**made, "customized_metric_specification": backlog}
    metric = "ProvisionedConcurrencyUtilization" if mode == "serverless" else "InvocationsPerInstance"
    kind = f"SageMakerVariant{metric}"
    return {**made, "predefined_metric_specification": {"predefined_metric_type": kind}}
