"""The types that ways of serving and autoscaling are made of, each through its whole life."""

from typing import Any

import pytest
from localcloud.provider.test_sagemaker import CONFIG, MODEL, ROLE_ARN, model_data, variants

from modelyard.wire import Props

PLACE = {
    "serviceNamespace": "sagemaker",
    "resourceId": "endpoint/churn/variant/main",
    "scalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
PROVISIONED = {**PLACE, "scalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency"}
TARGET = "aws:appautoscaling/target:Target"


def _model(world: Any, name: str = "served") -> str:
    container = {"image": "sklearn:1", "modelDataUrl": model_data(world)}
    made: str = world.make(MODEL, {"name": name, "executionRoleArn": ROLE_ARN, "primaryContainer": container})[0]
    return made


def _target(world: Any) -> Props:
    return {**PLACE, "minCapacity": 1, "maxCapacity": 3, "tags": {"a": "1"}}


def _policy(world: Any) -> Props:
    world.make(TARGET, _target(world))
    tracking = {
        "targetValue": 70,
        "scaleInCooldown": 300,
        "predefinedMetricSpecification": {"predefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    }
    kind = {"policyType": "TargetTrackingScaling", "targetTrackingScalingPolicyConfiguration": tracking}
    return {**PLACE, **kind, "name": "busy"}


def _backlog(world: Any) -> Props:
    world.make(TARGET, {**_target(world), "minCapacity": 0})
    metric = {
        "namespace": "AWS/SageMaker",
        "metricName": "ApproximateBacklogSizePerInstance",
        "dimensions": [{"name": "EndpointName", "value": "churn"}],
        "statistic": "Average",
    }
    tracking = {"targetValue": 5, "customizedMetricSpecification": metric}
    kind = {"policyType": "TargetTrackingScaling", "targetTrackingScalingPolicyConfiguration": tracking}
    return {**PLACE, **kind, "name": "backlog"}


def _serverless(world: Any) -> Props:
    sizes = {"memorySizeInMb": 2048, "maxConcurrency": 5, "provisionedConcurrency": 1}
    variant = {"variantName": "main", "modelName": _model(world), "initialVariantWeight": 1}
    return {"productionVariants": [{**variant, "serverlessConfig": sizes}], "tags": {"a": "1"}}


def _asynchronous(world: Any) -> Props:
    output = {
        "s3OutputPath": "s3://answers/here",
        "s3FailurePath": "s3://failures/here",
        "kmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1",
        "notificationConfig": {"errorTopic": "arn:aws:sns:us-east-1:123456789012:alarms"},
    }
    queue = {"clientConfig": {"maxConcurrentInvocationsPerInstance": 4}, "outputConfig": output}
    return {"productionVariants": variants(_model(world)), "asyncInferenceConfig": queue, "tags": {"a": "1"}}


def _shadowed(world: Any) -> Props:
    name = _model(world)
    shadow = {**variants(name)[0], "variantName": "shadow", "initialVariantWeight": 0.25}
    return {"productionVariants": variants(name), "shadowProductionVariants": [shadow], "tags": {"a": "1"}}


def _copy(world: Any) -> Props:
    bucket = world.bucket()
    for key in ("first", "second"):
        world.make("aws:s3/bucketObjectv2:BucketObjectv2", {"bucket": bucket, "key": key, "content": key}, name=key)
    return {"bucket": bucket, "key": "copied", "source": f"{bucket}/first", "tags": {"a": "1"}}


CASES = {
    "a target": (TARGET, _target, {"maxCapacity": 5, "tags": {"a": "2"}}, {"resourceId": "endpoint/x/variant/main"}),
    "provisioned concurrency": (
        TARGET,
        lambda world: {**PROVISIONED, "minCapacity": 1, "maxCapacity": 2},
        {"minCapacity": 2},
        {},
    ),
    "a policy": (
        "aws:appautoscaling/policy:Policy",
        _policy,
        {
            "targetTrackingScalingPolicyConfiguration": {
                "targetValue": 50,
                "predefinedMetricSpecification": {"predefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
            }
        },
        {"name": "calm"},
    ),
    "a policy of a backlog": ("aws:appautoscaling/policy:Policy", _backlog, {}, {}),
    "serverless": (CONFIG, _serverless, {"tags": {"a": "2"}}, {"productionVariants": variants("another")}),
    "asynchronous": (CONFIG, _asynchronous, {"tags": {"a": "2"}}, {"asyncInferenceConfig": {"outputConfig": {}}}),
    "shadowed": (CONFIG, _shadowed, {"tags": {"a": "2"}}, {"shadowProductionVariants": variants("another")}),
}


@pytest.mark.parametrize("case", CASES)
def test_local_life(case, local_life):
    local_life(*CASES[case])


def test_a_copy_follows_its_source(local_world):
    token, world = "aws:s3/objectCopy:ObjectCopy", local_world
    old = world.checked(token, _copy(world))
    resource_id, state = world.create(token, old)
    assert resource_id == f"{old['bucket']}/copied"
    new = world.checked(token, {**{k: old[k] for k in ("bucket", "key", "tags")}, "source": f"{old['bucket']}/second"})
    assert (list(world.diff(token, old, new).diffs), list(world.diff(token, old, new).replaces)) == (["source"], [])
    updated = world.update(token, resource_id, state, old, new)
    assert (updated["etag"] != state["etag"], updated["tagsAll"]) == (True, {"a": "1"})
    world.delete(token, resource_id, updated)
    assert world.list("aws:s3/bucketObjectv2:BucketObjectv2") == {f"{old['bucket']}/{it}" for it in ("first", "second")}
    world.made.pop()


def test_a_policy_needs_its_target(local_world):
    inputs = {**_policy(local_world), "resourceId": "endpoint/other/variant/main"}
    with pytest.raises(Exception, match="No scalable target registered"):
        local_world.make("aws:appautoscaling/policy:Policy", inputs)
