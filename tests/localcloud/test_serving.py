"""What endpoints do besides answering: capture, shadows, rollouts, serverless, asynchronous, many models, scaling."""

import base64
import json
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard.localcloud import daemon

from .conftest import ROLE, Cloud, archive, until

CODE = """
import json, os, time

def model_fn(model_dir):
    with open(os.path.join(model_dir, "factor.txt")) as file:
        return float(file.read())

def input_fn(body, content_type):
    return json.loads(body)

def predict_fn(data, model):
    if data == "sleep":
        time.sleep(1)
        return "slept"
    if data == "fail":
        raise ValueError("as asked")
    return [model * value for value in data]
"""


def model(cloud: Cloud, name: str, factor: str, **changes: Any) -> None:
    data = cloud.put(f"{name}/model.tar.gz", archive({"factor.txt": factor, "code/inference.py": CODE}))
    cloud.client("sagemaker").create_model(
        ModelName=name,
        PrimaryContainer={"Image": "sklearn", "ModelDataUrl": data, **changes},
        ExecutionRoleArn=ROLE,
    )


def variant(name: str, **changes: Any) -> dict[str, Any]:
    plain = {"VariantName": name, "ModelName": name, "InitialVariantWeight": 1.0}
    sized = {} if "ServerlessConfig" in changes else {"InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    return plain | sized | changes


def serve(cloud: Cloud, name: str, *variants: dict[str, Any], **config: Any) -> dict[str, Any]:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=list(variants), **config)
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    return settled(cloud, name)


def settled(cloud: Cloud, name: str) -> dict[str, Any]:
    sagemaker = cloud.client("sagemaker")
    return until(
        lambda: sagemaker.describe_endpoint(EndpointName=name),
        lambda endpoint: endpoint["EndpointStatus"] in ("InService", "Failed"),
    )


def ask(cloud: Cloud, name: str, data: Any, **options: Any) -> tuple[str, Any]:
    answer = cloud.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, Body=json.dumps(data), ContentType="application/json", **options
    )
    return answer["InvokedProductionVariant"], json.loads(answer["Body"].read())


def captured(cloud: Cloud, prefix: str) -> list[dict[str, Any]]:
    s3 = cloud.client("s3")
    found = s3.list_objects_v2(Bucket="work", Prefix=prefix).get("Contents", [])
    texts = [s3.get_object(Bucket="work", Key=item["Key"])["Body"].read().decode() for item in found]
    return [
        {**json.loads(line), "key": item["Key"]}
        for item, text in zip(found, texts, strict=True)
        for line in text.splitlines()
    ]


def alarm(cloud: Cloud, name: str, endpoint: str, **changes: Any) -> None:
    request = {
        "AlarmName": name,
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocation5XXErrors",
        "Dimensions": [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "AllTraffic"}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0.5,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    cloud.client("cloudwatch").put_metric_alarm(**request | changes)


def test_half_of_what_is_asked_is_captured(cloud: Cloud) -> None:
    model(cloud, "kept", "2")
    serve(
        cloud,
        "kept",
        variant("kept"),
        DataCaptureConfig={
            "EnableCapture": True,
            "InitialSamplingPercentage": 50,
            "DestinationS3Uri": "s3://work/captured",
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
        },
    )
    for number in range(10):
        ask(cloud, "kept", [number], InferenceId=f"id-{number}")
    with pytest.raises(ClientError):
        ask(cloud, "kept", "fail")
    lines = until(lambda: captured(cloud, "captured/kept/kept/"), lambda found: len(found) >= 5)
    assert len(lines) == 5
    first = next(line for line in lines if line["eventMetadata"]["inferenceId"] == "id-1")
    moment = datetime.strptime(first["eventMetadata"]["inferenceTime"], "%Y-%m-%dT%H:%M:%SZ")
    assert first["key"].startswith(f"captured/kept/kept/{moment:%Y/%m/%d/%H}/")
    assert (first["captureData"], first["eventVersion"]) == (
        {
            "endpointInput": {
                "observedContentType": "application/json",
                "mode": "INPUT",
                "data": "[1]",
                "encoding": "JSON",
            },
            "endpointOutput": {
                "observedContentType": "application/json",
                "mode": "OUTPUT",
                "data": "[2.0]",
                "encoding": "JSON",
            },
        },
        "0",
    )
    shown = cloud.client("sagemaker").describe_endpoint(EndpointName="kept")["DataCaptureConfig"]
    assert (shown["CaptureStatus"], shown["CurrentSamplingPercentage"]) == ("Started", 50)
    cloud.client("sagemaker").delete_endpoint(EndpointName="kept")


def test_a_shadow_gets_a_copy_and_the_caller_nothing_of_it(cloud: Cloud) -> None:
    model(cloud, "front", "2")
    model(cloud, "back", "3")
    config = {
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://work/shadowed",
        "CaptureOptions": [{"CaptureMode": "Output"}],
    }
    serve(cloud, "shaded", variant("front"), ShadowProductionVariants=[variant("back")], DataCaptureConfig=config)
    assert ask(cloud, "shaded", [1]) == ("front", [2.0])
    lines = until(lambda: captured(cloud, "shadowed/shaded/back/"), lambda found: len(found) == 1)
    output = lines[0]["captureData"]["endpointOutput"]
    assert (base64.b64decode(output["data"]), output["encoding"]) == (b"[3.0]", "BASE64")
    endpoint = cloud.client("sagemaker").describe_endpoint(EndpointName="shaded")
    assert [it["VariantName"] for it in endpoint["ShadowProductionVariants"]] == ["back"]
    cloud.client("sagemaker").delete_endpoint(EndpointName="shaded")


def test_what_a_serverless_endpoint_cannot_have_is_refused(cloud: Cloud) -> None:
    model(cloud, "small", "2")
    limits = {"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}}
    with pytest.raises(ClientError) as refused:
        serve(
            cloud,
            "refused",
            variant("small", **limits),
            DataCaptureConfig={
                "EnableCapture": True,
                "InitialSamplingPercentage": 100,
                "DestinationS3Uri": "s3://work/x",
                "CaptureOptions": [{"CaptureMode": "Input"}],
            },
        )
    assert refused.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "A serverless endpoint can't have DataCaptureConfig.",
    }


def test_many_models_behind_one_endpoint(cloud: Cloud) -> None:
    for factor in ("2", "5"):
        cloud.put(f"many/{factor}.tar.gz", archive({"factor.txt": factor, "code/inference.py": CODE}))
    cloud.client("sagemaker").create_model(
        ModelName="many",
        PrimaryContainer={"Image": "sklearn", "ModelDataUrl": "s3://work/many/", "Mode": "MultiModel"},
        ExecutionRoleArn=ROLE,
    )
    serve(cloud, "many", variant("many"))
    assert ask(cloud, "many", [1], TargetModel="2.tar.gz") == ("many", [2.0])
    assert ask(cloud, "many", [1], TargetModel="5.tar.gz") == ("many", [5.0])
    for options, said in (
        ({"TargetModel": "9.tar.gz"}, "Failed to download model data (model: 9.tar.gz)"),
        ({}, "The endpoint many needs a TargetModel header."),
    ):
        with pytest.raises(ClientError) as refused:
            ask(cloud, "many", [1], **options)
        assert refused.value.response["Error"]["Message"].startswith(said)
    cloud.client("sagemaker").delete_endpoint(EndpointName="many")


def test_asynchronous_invocations_end_in_s3_and_are_told_of(cloud: Cloud) -> None:
    model(cloud, "later", "4")
    sns, sqs = cloud.client("sns"), cloud.client("sqs")
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="told")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    output = {
        "S3OutputPath": "s3://work/out",
        "S3FailurePath": "s3://work/failed",
        "NotificationConfig": {"SuccessTopic": topic, "ErrorTopic": topic},
    }
    serve(cloud, "later", variant("later"), AsyncInferenceConfig={"OutputConfig": output})
    runtime = cloud.client("sagemaker-runtime")

    def asked(name: str, data: Any) -> dict[str, Any]:
        cloud.put(f"in/{name}", json.dumps(data))
        return runtime.invoke_endpoint_async(
            EndpointName="later",
            InputLocation=f"s3://work/in/{name}",
            ContentType="application/json",
            InferenceId=name,
        )

    good, bad = asked("good", [2]), asked("bad", "fail")
    assert good["ResponseMetadata"]["HTTPStatusCode"] == 202
    messages: dict[str, Any] = {}

    def heard() -> dict[str, Any]:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            said = json.loads(message["Body"])
            messages[said["inferenceId"]] = said
        return messages

    until(heard, lambda found: len(found) == 2)
    assert json.loads(cloud.get(good["OutputLocation"])) == [8.0]
    assert cloud.get(bad["FailureLocation"]) == b"ValueError: as asked"
    assert {name: it["invocationStatus"] for name, it in messages.items()} == {"good": "Completed", "bad": "Failed"}
    assert messages["good"]["responseParameters"]["outputLocation"] == good["OutputLocation"]
    inline = runtime.invoke_endpoint_async(
        EndpointName="later",
        Body=b"[3]",
        ContentType="application/json",
        S3OutputPathExtension="a/b",
        Filename="c.json",
    )
    assert inline["OutputLocation"] == "s3://work/out/a/b/c.json"
    until(heard, lambda found: len(found) == 3)
    assert json.loads(cloud.get(inline["OutputLocation"])) == [12.0]
    for wrong in ({}, {"Body": b"[3]", "InputLocation": "s3://work/in/good"}):
        with pytest.raises(ClientError, match="Exactly one of Body and InputLocation has to be given"):
            runtime.invoke_endpoint_async(EndpointName="later", **wrong)
    with pytest.raises(ClientError) as refused:
        ask(cloud, "later", [1])
    assert refused.value.response["Error"]["Message"] == "Endpoint later is asynchronous; call InvokeEndpointAsync."
    cloud.client("sagemaker").delete_endpoint(EndpointName="later")


def test_weights_and_instances_change_in_place(cloud: Cloud) -> None:
    model(cloud, "heavy", "1")
    model(cloud, "light", "2")
    serve(cloud, "pair", variant("heavy"), variant("light", InitialVariantWeight=3.0))
    seen = [ask(cloud, "pair", [1])[0] for _ in range(8)]
    assert (seen.count("heavy"), seen.count("light")) == (2, 6)
    cloud.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName="pair",
        DesiredWeightsAndCapacities=[
            {"VariantName": "heavy", "DesiredWeight": 0.0, "DesiredInstanceCount": 2},
            {"VariantName": "light", "DesiredWeight": 1.0},
        ],
    )
    shown = settled(cloud, "pair")["ProductionVariants"]
    assert [(it["VariantName"], it["CurrentWeight"], it["CurrentInstanceCount"]) for it in shown] == [
        ("heavy", 0.0, 2),
        ("light", 1.0, 1),
    ]
    assert {ask(cloud, "pair", [1])[0] for _ in range(6)} == {"light"}
    cloud.client("sagemaker").delete_endpoint(EndpointName="pair")


@pytest.mark.slow
def test_a_serverless_endpoint_scales_to_zero_and_starts_again(cloud: Cloud) -> None:
    model(cloud, "zero", "2")
    serve(cloud, "zero", variant("zero", ServerlessConfig={"MemorySizeInMB": 1024, "MaxConcurrency": 1}))
    assert ask(cloud, "zero", [1]) == ("zero", [2.0])
    daemon.clock(cloud.info, step=900)
    assert ask(cloud, "zero", [2]) == ("zero", [4.0])
    setup = until(
        lambda: cloud.client("cloudwatch").list_metrics(Namespace="AWS/SageMaker", MetricName="ModelSetupTime")[
            "Metrics"
        ],
        lambda found: len(found) == 1,
    )
    assert {it["Name"]: it["Value"] for it in setup[0]["Dimensions"]} == {"EndpointName": "zero", "VariantName": "zero"}
    cloud.client("sagemaker").delete_endpoint(EndpointName="zero")


@pytest.mark.slow
def test_target_tracking_scales_out_and_in_again(cloud: Cloud) -> None:
    model(cloud, "busy", "2")
    serve(cloud, "busy", variant("busy"))
    scaling = cloud.client("application-autoscaling")
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/busy/variant/busy",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=3)
    scaling.put_scaling_policy(
        **target,
        PolicyName="track",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 5.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
            "ScaleInCooldown": 60,
            "ScaleOutCooldown": 60,
        },
    )

    def count() -> int:
        shown = settled(cloud, "busy")
        return int(shown["ProductionVariants"][0]["CurrentInstanceCount"])

    for _ in range(4):
        for _ in range(10):
            ask(cloud, "busy", [1])
        daemon.clock(cloud.info, step=60)
    assert count() == 2
    daemon.clock(cloud.info, step=1500)
    assert count() == 1
    scaling.delete_scaling_policy(**target, PolicyName="track")
    scaling.deregister_scalable_target(**target)
    cloud.client("sagemaker").delete_endpoint(EndpointName="busy")
