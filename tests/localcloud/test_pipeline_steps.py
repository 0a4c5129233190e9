"""Step types, loops, triggers, retries, selective execution and callbacks of pipelines."""

import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard.localcloud.runtime.pipelines.definition import STEP_TYPES
from modelyard.localcloud.runtime.pipelines.kinds import kinds
from modelyard.localcloud.runtime.pipelines.retries import Retries

from .conftest import ROLE, Cloud, archive, until

CLUSTER = {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}}
HANDLER = """
def handler(event, context):
    if event.get("fail"):
        raise ValueError("asked to fail")
    return {"doubled": 2 * float(event["value"]), "name": event.get("name", "")}
"""


def get(reference: str) -> dict[str, str]:
    return {"Get": reference}


def processing(name: str, script: str = "", **fields: Any) -> dict[str, Any]:
    arguments = {
        "ProcessingResources": CLUSTER,
        "AppSpecification": {"ImageUri": "sklearn", "ContainerEntrypoint": ["python3", "-c", script]},
        "RoleArn": ROLE,
    }
    return {"Name": name, "Type": "Processing", "Arguments": arguments, **fields}


def call(name: str, arn: str, arguments: dict[str, Any], **fields: Any) -> dict[str, Any]:
    outputs = [{"OutputName": "doubled", "OutputType": "Float"}, {"OutputName": "name", "OutputType": "String"}]
    given = {"Name": name, "Type": "Lambda", "FunctionArn": arn, "Arguments": arguments, "OutputParameters": outputs}
    return given | fields


def check(name: str, left: Any, right: Any, **fields: Any) -> dict[str, Any]:
    conditions = [{"Type": "Equals", "LeftValue": left, "RightValue": right}]
    return {"Name": name, "Type": "Condition", "Arguments": {"Conditions": conditions}, **fields}


@pytest.fixture(scope="module")
def double(cloud: Cloud) -> str:
    """A function that doubles a number."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as file:
        file.writestr("index.py", HANDLER)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    role = cloud.client("iam").create_role(RoleName="doubler", AssumeRolePolicyDocument=json.dumps(trust))
    made = cloud.client("lambda").create_function(
        FunctionName="double",
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="index.handler",
        Code={"ZipFile": code.getvalue()},
    )
    return str(made["FunctionArn"])


def create(cloud: Cloud, name: str, *steps: dict[str, Any]) -> None:
    parameters = [
        {"Name": "Items", "Type": "String", "DefaultValue": "[]"},
        {"Name": "Ok", "Type": "String", "DefaultValue": "1"},
    ]
    text = json.dumps({"Version": "2020-12-01", "Parameters": parameters, "Steps": steps})
    cloud.client("sagemaker").create_pipeline(
        PipelineName=name, PipelineDefinition=text, RoleArn=ROLE, ClientRequestToken="t" * 32
    )


def start(cloud: Cloud, name: str, selected: dict[str, Any] | None = None, **parameters: str) -> str:
    given = [{"Name": key, "Value": value} for key, value in parameters.items()]
    extra = {"SelectiveExecutionConfig": selected} if selected else {}
    answer = cloud.client("sagemaker").start_pipeline_execution(PipelineName=name, PipelineParameters=given, **extra)
    return str(answer["PipelineExecutionArn"])


def ended(cloud: Cloud, arn: str) -> str:
    describe = cloud.client("sagemaker").describe_pipeline_execution
    state = until(
        lambda: describe(PipelineExecutionArn=arn),
        lambda answer: answer["PipelineExecutionStatus"] not in ("Executing", "Stopping"),
    )
    return str(state["PipelineExecutionStatus"])


def steps(cloud: Cloud, arn: str) -> dict[str, dict[str, Any]]:
    answer = cloud.client("sagemaker").list_pipeline_execution_steps(PipelineExecutionArn=arn, SortOrder="Ascending")
    return {step["StepName"]: step for step in answer["PipelineExecutionSteps"]}


def statuses(cloud: Cloud, arn: str) -> dict[str, str]:
    return {name: step["StepStatus"] for name, step in steps(cloud, arn).items()}


def test_every_type_has_something_that_runs_it() -> None:
    assert kinds().keys() | {"ForEach"} == STEP_TYPES


def test_a_function_answers_and_its_outputs_are_used(cloud: Cloud, double: str) -> None:
    first = call("First", double, {"value": 21, "name": "a"}, CacheConfig={"Enabled": True, "ExpireAfter": "P1D"})
    doubled = get("Steps.First.OutputParameters['doubled']")
    create(cloud, "calls", first, check("Is42", doubled, 42))
    arn = start(cloud, "calls")
    assert ended(cloud, arn) == "Succeeded"
    ran = steps(cloud, arn)
    assert ran["First"]["Metadata"]["Lambda"] == {
        "Arn": double,
        "OutputParameters": [{"Name": "doubled", "Value": "42.0"}, {"Name": "name", "Value": "a"}],
    }
    assert ran["Is42"]["Metadata"] == {"Condition": {"Outcome": "True"}}
    again = start(cloud, "calls")
    assert ended(cloud, again) == "Succeeded"
    assert steps(cloud, again)["First"]["CacheHitResult"] == {"SourcePipelineExecutionArn": arn}
    create(cloud, "calls-badly", call("Fails", double, {"fail": True}))
    failed = start(cloud, "calls-badly")
    assert ended(cloud, failed) == "Failed"
    assert "asked to fail" in steps(cloud, failed)["Fails"]["FailureReason"]


def test_a_loop_runs_its_body_for_each_item(cloud: Cloud, double: str) -> None:
    loop = {
        "Name": "Each",
        "Type": "ForEach",
        "Arguments": {
            "IterableItems": get("Parameters.Items"),
            "MaxConcurrency": 2,
            "Selector": {"Pick": "MaxBy", "Field": get("IterationOutput.Again.OutputParameters['doubled']")},
            "ForEachBody": [
                call("Double", double, {"value": get("ForEach.CurrentItem.n"), "name": get("ForEach.CurrentItem.id")}),
                call("Again", double, {"value": get("Steps.Double.OutputParameters['doubled']")}),
            ],
        },
    }
    best = check("Best", get("Steps.Each.Selected.OutputParameters['doubled']"), 20)
    first = check("FirstIsA", get("Steps.Each.IterationOutputs[0].Double.OutputParameters['name']"), "a")
    create(cloud, "loops", loop, best, first)
    items = [{"id": "a", "n": 1}, {"id": "b", "n": 5}, {"id": "c", "n": 3}]
    arn = start(cloud, "loops", Items=json.dumps(items))
    assert ended(cloud, arn) == "Succeeded"
    ran = steps(cloud, arn)
    children = [f"{name}-{index}" for name in ("Double", "Again") for index in range(3)]
    assert sorted(ran) == sorted(["Each", "Best", "FirstIsA", *children])
    assert ran["Each"]["Metadata"]["ForEach"] == {
        "Status": "Succeeded",
        "InputItemCount": 3,
        "TotalStepCount": 6,
        "SucceededStepCount": 6,
        "FailedStepCount": 0,
        "StoppedStepCount": 0,
        "Selector": {"StepName": "Again-1", "Index": 1},
    }
    assert ran["Double-1"]["IterationContext"] == {
        "ParentStepName": "Each",
        "Index": 1,
        "Item": json.dumps(items[1]),
    }
    outcomes = [ran[name]["Metadata"]["Condition"]["Outcome"] for name in ("Best", "FirstIsA")]
    assert outcomes == ["True", "True"]
    broken = start(cloud, "loops", Items='[{"id": "a", "n": "x"}]')
    assert ended(cloud, broken) == "Failed"
    assert statuses(cloud, broken) == {"Each": "Failed", "Double-0": "Failed"}


def test_a_step_can_wait_for_a_failure(cloud: Cloud) -> None:
    create(
        cloud,
        "triggers",
        processing("Breaks", "raise SystemExit(1)"),
        processing("OnFailure", DependsOn=[{"Step": "Breaks", "Trigger": "Failed"}]),
        processing("Always", DependsOn=[{"Step": "Breaks", "Trigger": "Any"}]),
        processing("Never", DependsOn=["Breaks"]),
    )
    arn = start(cloud, "triggers")
    assert ended(cloud, arn) == "CompletedWithFailures"
    assert statuses(cloud, arn) == {"Breaks": "Failed", "OnFailure": "Succeeded", "Always": "Succeeded"}


def test_a_failed_execution_is_retried_from_where_it_failed(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    fails_once = (
        "import boto3; s3 = boto3.client('s3'); b = 'work';"
        "n = s3.list_objects_v2(Bucket=b, Prefix='retried').get('KeyCount');"
        "s3.put_object(Bucket=b, Key='retried/x', Body=b''); raise SystemExit(0 if n else 1)"
    )
    cloud.put("retry/any", "")
    create(cloud, "retried", processing("Before"), processing("Fails", fails_once, DependsOn=["Before"]))
    arn = start(cloud, "retried")
    assert ended(cloud, arn) == "Failed"
    before = steps(cloud, arn)["Before"]
    sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="t" * 32)
    assert ended(cloud, arn) == "Succeeded"
    assert steps(cloud, arn)["Before"] == before
    assert statuses(cloud, arn) == {"Before": "Succeeded", "Fails": "Succeeded"}
    with pytest.raises(ClientError) as refused:
        sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="t" * 32)
    assert refused.value.response["Error"]["Code"] == "ConflictException"


def test_selected_steps_use_what_an_earlier_execution_gave(cloud: Cloud, double: str) -> None:
    sagemaker = cloud.client("sagemaker")
    value = get("Steps.One.OutputParameters['doubled']")
    create(cloud, "selective", call("One", double, {"value": 4}), call("Two", double, {"value": value}))
    chosen = {"SelectedSteps": [{"StepName": "Two"}]}
    with pytest.raises(ClientError) as refused:
        start(cloud, "selective", chosen)
    assert "which did not succeed in the source execution" in refused.value.response["Error"]["Message"]
    source = start(cloud, "selective")
    assert ended(cloud, source) == "Succeeded"
    arn = start(cloud, "selective", {**chosen, "SourcePipelineExecutionArn": source})
    assert ended(cloud, arn) == "Succeeded"
    ran = steps(cloud, arn)
    assert ran["One"]["SelectiveExecutionResult"] == {"SourcePipelineExecutionArn": source}
    assert ran["One"]["Metadata"] == steps(cloud, source)["One"]["Metadata"]
    assert ran["Two"]["Metadata"]["Lambda"]["OutputParameters"][0] == {"Name": "doubled", "Value": "16.0"}
    described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["SelectiveExecutionConfig"]
    assert described == {**chosen, "SourcePipelineExecutionArn": source}


def test_a_callback_waits_for_its_token(cloud: Cloud) -> None:
    sagemaker, sqs = cloud.client("sagemaker"), cloud.client("sqs")
    queue = sqs.create_queue(QueueName="approvals")["QueueUrl"]
    wait = {
        "Name": "Ask",
        "Type": "Callback",
        "SqsQueueUrl": queue,
        "Arguments": {"model": "m"},
        "OutputParameters": [{"OutputName": "ok", "OutputType": "Boolean"}],
    }
    create(cloud, "asks", wait, check("Approved", get("Steps.Ask.OutputParameters['ok']"), True))

    def asked() -> str:
        found = until(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"), bool)
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=found[0]["ReceiptHandle"])
        message = json.loads(found[0]["Body"])
        assert message["arguments"] == {"model": "m"}
        return str(message["token"])

    arn = start(cloud, "asks")
    outputs = [{"Name": "ok", "Value": "true"}]
    sagemaker.send_pipeline_execution_step_success(CallbackToken=asked(), OutputParameters=outputs)
    assert ended(cloud, arn) == "Succeeded"
    assert steps(cloud, arn)["Approved"]["Metadata"] == {"Condition": {"Outcome": "True"}}
    refused = start(cloud, "asks")
    sagemaker.send_pipeline_execution_step_failure(CallbackToken=asked(), FailureReason="not good enough")
    assert ended(cloud, refused) == "Failed"
    assert steps(cloud, refused)["Ask"]["FailureReason"] == "not good enough"
    with pytest.raises(ClientError) as unknown:
        sagemaker.send_pipeline_execution_step_success(CallbackToken="x" * 10)
    assert unknown.value.response["Error"]["Code"] == "ResourceNotFound"


def test_steps_are_listed_page_by_page(cloud: Cloud) -> None:
    create(cloud, "pages", *(check(f"C{number}", 1, 1) for number in range(5)))
    arn = start(cloud, "pages")
    assert ended(cloud, arn) == "Succeeded"
    pages = (
        cloud.client("sagemaker")
        .get_paginator("list_pipeline_execution_steps")
        .paginate(PipelineExecutionArn=arn, PaginationConfig={"PageSize": 2})
    )
    assert [len(page["PipelineExecutionSteps"]) for page in pages] == [2, 2, 1]


def test_a_batch_transform_is_a_step(cloud: Cloud) -> None:
    code = "def model_fn(d): return 3\ndef transform_fn(m, body, t, a): return str(m * float(body)), 'text/csv'\n"
    data = cloud.put("step/model.tar.gz", archive({"code/inference.py": code}))
    cloud.put("step/rows/a.csv", "2")
    model = {
        "Name": "Model",
        "Type": "Model",
        "Arguments": {"PrimaryContainer": {"Image": "sklearn", "ModelDataUrl": data}, "ExecutionRoleArn": ROLE},
    }
    source = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://work/step/rows/"}}}
    transform = {
        "Name": "Score",
        "Type": "Transform",
        "Arguments": {
            "ModelName": get("Steps.Model.ModelName"),
            "TransformInput": {**source, "ContentType": "text/csv"},
            "TransformOutput": {"S3OutputPath": "s3://work/step/scored"},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        },
    }
    create(cloud, "scores", model, transform)
    arn = start(cloud, "scores")
    assert ended(cloud, arn) == "Succeeded"
    assert cloud.get("s3://work/step/scored/a.csv.out") == b"6.0"
    job = steps(cloud, arn)["Score"]["Metadata"]["TransformJob"]["Arn"].rpartition("/")[2]
    assert job.startswith(f"pipelines-{arn[-12:]}-Score-")


def test_tuning_is_a_step(cloud: Cloud) -> None:
    pytest.importorskip("optuna")
    script = "import sys; print(f'score={float(sys.argv[sys.argv.index(\"--level\") + 1])};')"
    source = cloud.put("tuning-step/sourcedir.tar.gz", archive({"train.py": script}))
    ranges = {"CategoricalParameterRanges": [{"Name": "level", "Values": ["1", "3", "2"]}]}
    tune = {
        "Name": "Tune",
        "Type": "Tuning",
        "Arguments": {
            "HyperParameterTuningJobConfig": {
                "Strategy": "Grid",
                "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "score"},
                "ResourceLimits": {"MaxParallelTrainingJobs": 3},
                "ParameterRanges": ranges,
            },
            "TrainingJobDefinition": {
                "AlgorithmSpecification": {
                    "TrainingImage": "sklearn",
                    "TrainingInputMode": "File",
                    "MetricDefinitions": [{"Name": "score", "Regex": "score=([0-9.]+);"}],
                },
                "StaticHyperParameters": {
                    "sagemaker_program": "train.py",
                    "sagemaker_submit_directory": source,
                },
                "RoleArn": ROLE,
                "OutputDataConfig": {"S3OutputPath": "s3://work/tuning-step"},
                "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
                "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            },
        },
    }
    best = check("Best", get("Steps.Tune.BestTrainingJob.TunedHyperParameters.level"), "3")
    second = check("Second", get("Steps.Tune.TrainingJobSummaries[1].TunedHyperParameters['level']"), "2")
    create(cloud, "tunes", tune, best, second)
    arn = start(cloud, "tunes")
    assert ended(cloud, arn) == "Succeeded"
    ran = steps(cloud, arn)
    assert [ran[name]["Metadata"]["Condition"]["Outcome"] for name in ("Best", "Second")] == ["True", "True"]
    assert len(ran["Tune"]["Metadata"]["TuningJob"]["Arn"].rpartition("/")[2]) <= 32


def test_what_a_cluster_s_runner_would_run_is_run(cloud: Cloud) -> None:
    program = cloud.put("emr/job.py", "import sys; print('emr', *sys.argv[1:]); sys.exit(int(sys.argv[1]))")

    def emr(name: str, *words: str) -> dict[str, Any]:
        jar = {"Jar": "command-runner.jar", "Args": list(words)}
        return {"Name": name, "Type": "EMR", "Arguments": {"ClusterId": "j-1", "StepConfig": {"HadoopJarStep": jar}}}

    create(
        cloud,
        "emr",
        emr("Works", "python3", program, "0"),
        emr("Fails", "python3", program, "3"),
        emr("Spark", "spark-x"),
    )
    arn = start(cloud, "emr")
    assert ended(cloud, arn) == "Failed"
    ran = steps(cloud, arn)
    assert {name: (step["StepStatus"], step.get("FailureReason")) for name, step in ran.items()} == {
        "Works": ("Succeeded", None),
        "Fails": ("Failed", "ClientError: the EMR step failed, exit code: 3"),
        "Spark": (
            "Failed",
            "ClientError: there is no spark-x on this machine: pip install pyspark, which needs Java",
        ),
    }
    shown = ran["Works"]["Metadata"]["EMR"]
    assert (shown["ClusterId"], shown["StepName"]) == ("j-1", "Works")
    assert cloud.log("/aws/emr/steps", shown["StepId"]) == ["emr 0"]


def test_policies_say_what_is_tried_again() -> None:
    policy = {
        "ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR"],
        "IntervalSeconds": 2,
        "BackoffRate": 3.0,
        "MaxAttempts": 3,
    }
    retries = Retries([policy])
    faults = ["", "Step.THROTTLING", *["SageMaker.JOB_INTERNAL_ERROR"] * 4]
    assert [retries.delay(fault) for fault in faults] == [None, None, 2.0, 6.0, 18.0, None]
