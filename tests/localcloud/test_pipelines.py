"""Pipelines by a hand-written definition: process, train, evaluate, decide, register."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard.localcloud.runtime.pipelines.definition import STEP_TYPES

from .conftest import ROLE, Cloud, archive, until

PREPARE = "import pathlib; pathlib.Path('/opt/ml/processing/output/a.csv').write_text('1 2 3')"
TRAIN = """
import os, pathlib
text = pathlib.Path(os.environ["SM_CHANNEL_TRAIN"], "a.csv").read_text()
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text(text)
"""
# AWS takes at most 256 characters a word.
EVALUATE = (
    "import json,tarfile;o='/opt/ml/processing/';"
    "t=tarfile.open(o+'model/model.tar.gz').extractfile('model.txt').read();"
    "open(o+'evaluation/evaluation.json','w').write(json.dumps({'metrics':{'rows':{'value':len(t.split())}}}))"
)
CLUSTER = {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}}


def get(reference: str) -> dict[str, str]:
    return {"Get": reference}


def s3_input(name: str, uri: Any, path: str) -> dict[str, Any]:
    source = {"S3Uri": uri, "LocalPath": path, "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "AppManaged": False, "S3Input": source}


def s3_output(name: str, uri: Any, path: str) -> dict[str, Any]:
    target = {"S3Uri": uri, "LocalPath": path, "S3UploadMode": "EndOfJob"}
    return {"OutputName": name, "AppManaged": False, "S3Output": target}


def processing(name: str, script: str, inputs: list[Any], outputs: list[Any], **fields: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "ProcessingResources": CLUSTER,
            "AppSpecification": {"ImageUri": "sklearn", "ContainerEntrypoint": ["python3", "-c", script]},
            "RoleArn": ROLE,
            "ProcessingInputs": inputs,
            "ProcessingOutputConfig": {"Outputs": outputs},
        },
        **fields,
    }


def training(source: str) -> dict[str, Any]:
    data = get("Steps.Prepare.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri")
    return {
        "Name": "Train",
        "Type": "Training",
        "Arguments": {
            "AlgorithmSpecification": {"TrainingImage": "sklearn", "TrainingInputMode": "File"},
            "OutputDataConfig": {"S3OutputPath": "s3://work/pipeline/models"},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "RoleArn": ROLE,
            "InputDataConfig": [
                {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": data}}}
            ],
            "HyperParameters": {"sagemaker_program": "train.py", "sagemaker_submit_directory": source},
        },
    }


def definition(source: str, group: str, **prepare: Any) -> str:
    evaluation = {"Std:Join": {"On": "/", "Values": ["s3://work/evaluations", get("Execution.PipelineExecutionId")]}}
    register = {
        "Name": "Register",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": group,
            "ModelApprovalStatus": get("Parameters.Approval"),
            "InferenceSpecification": {
                "Containers": [
                    {"Image": "sklearn", "ModelDataUrl": get("Steps.Train.ModelArtifacts.S3ModelArtifacts")}
                ],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        },
    }
    rows = {
        "Std:JsonGet": {"PropertyFile": get("Steps.Evaluate.PropertyFiles.Evaluation"), "Path": "metrics.rows.value"}
    }
    check = {
        "Name": "Check",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [{"Type": "GreaterThanOrEqualTo", "LeftValue": rows, "RightValue": get("Parameters.Rows")}],
            "IfSteps": [register],
            "ElseSteps": [{"Name": "TooFew", "Type": "Fail", "Arguments": {"ErrorMessage": "too few rows"}}],
        },
    }
    model = s3_input("model", get("Steps.Train.ModelArtifacts.S3ModelArtifacts"), "/opt/ml/processing/model")
    prepared = [s3_output("train", "s3://work/pipeline/train", "/opt/ml/processing/output")]
    evaluated = [s3_output("evaluation", evaluation, "/opt/ml/processing/evaluation")]
    file = {"PropertyFileName": "Evaluation", "OutputName": "evaluation", "FilePath": "evaluation.json"}
    return json.dumps(
        {
            "Version": "2020-12-01",
            "Metadata": {},
            "Parameters": [
                {"Name": "Rows", "Type": "Float", "DefaultValue": 3},
                {"Name": "Approval", "Type": "String", "DefaultValue": "PendingManualApproval"},
            ],
            "Steps": [
                processing("Prepare", PREPARE, [], prepared, **prepare),
                training(source),
                processing("Evaluate", EVALUATE, [model], evaluated, PropertyFiles=[file]),
                check,
            ],
        }
    )


@pytest.fixture(scope="module")
def pipeline(cloud: Cloud) -> str:
    """A pipeline with a group of its own, and a rule that writes its events to a log."""
    source = cloud.put("pipeline/sourcedir.tar.gz", archive({"train.py": TRAIN}))
    cloud.client("logs").create_log_group(logGroupName="/aws/events/pipelines")
    events = cloud.client("events")
    events.put_rule(Name="pipelines", EventPattern=json.dumps({"source": ["aws.sagemaker"]}))
    target = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/pipelines"
    events.put_targets(Rule="pipelines", Targets=[{"Id": "log", "Arn": target}])
    cloud.client("sagemaker").create_pipeline(
        PipelineName="churn",
        PipelineDefinition=definition(source, "churn"),
        RoleArn=ROLE,
        ClientRequestToken="t" * 32,
        Tags=[{"Key": "team", "Value": "a"}],
    )
    return "churn"


def execute(cloud: Cloud, pipeline: str, **parameters: str) -> dict[str, Any]:
    sagemaker = cloud.client("sagemaker")
    given = [{"Name": name, "Value": value} for name, value in parameters.items()]
    arn = sagemaker.start_pipeline_execution(PipelineName=pipeline, PipelineParameters=given)["PipelineExecutionArn"]
    return ended(cloud, arn)


def ended(cloud: Cloud, arn: str) -> dict[str, Any]:
    sagemaker = cloud.client("sagemaker")
    return until(
        lambda: sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn),
        lambda answer: answer["PipelineExecutionStatus"] not in ("Executing", "Stopping"),
    )


def steps(cloud: Cloud, arn: str) -> list[dict[str, Any]]:
    answer = cloud.client("sagemaker").list_pipeline_execution_steps(PipelineExecutionArn=arn, SortOrder="Ascending")
    return answer["PipelineExecutionSteps"]


def test_a_good_model_is_registered(cloud: Cloud, pipeline: str) -> None:
    sagemaker = cloud.client("sagemaker")
    execution = execute(cloud, pipeline)
    arn = execution["PipelineExecutionArn"]
    ran = steps(cloud, arn)
    assert [(step["StepName"], step["StepStatus"], step.get("FailureReason")) for step in ran] == [
        ("Prepare", "Succeeded", None),
        ("Train", "Succeeded", None),
        ("Evaluate", "Succeeded", None),
        ("Check", "Succeeded", None),
        ("Register", "Succeeded", None),
    ]
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    assert ran[3]["Metadata"] == {"Condition": {"Outcome": "True"}}
    job = ran[1]["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    identity = arn.rpartition("/")[2]
    assert (len(identity), job[: 10 + 12 + 7]) == (12, f"pipelines-{identity}-Train-")
    assert len(job) == len(f"pipelines-{identity}-Train-") + 10
    tags = sagemaker.list_tags(ResourceArn=ran[1]["Metadata"]["TrainingJob"]["Arn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "a"}]
    package = sagemaker.describe_model_package(ModelPackageName=ran[4]["Metadata"]["RegisterModel"]["Arn"])
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    assert package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] == (
        f"s3://work/pipeline/models/{job}/output/model.tar.gz"
    )
    listed = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)["PipelineParameters"]
    assert listed == [{"Name": "Rows", "Value": "3.0"}, {"Name": "Approval", "Value": "PendingManualApproval"}]


def test_a_bad_model_fails_the_execution(cloud: Cloud, pipeline: str) -> None:
    execution = execute(cloud, pipeline, Rows="4")
    ran = steps(cloud, execution["PipelineExecutionArn"])
    assert [(step["StepName"], step["StepStatus"]) for step in ran][3:] == [
        ("Check", "Succeeded"),
        ("TooFew", "Failed"),
    ]
    assert (ran[4]["FailureReason"], ran[4]["Metadata"]) == (
        "too few rows",
        {"Fail": {"ErrorMessage": "too few rows"}},
    )
    assert (execution["PipelineExecutionStatus"], execution["FailureReason"]) == (
        "Failed",
        "Step failure: One or multiple steps failed.",
    )


def test_events_have_aws_shapes(cloud: Cloud, pipeline: str) -> None:
    execution = execute(cloud, pipeline)
    arn = execution["PipelineExecutionArn"]

    def sent() -> list[dict[str, Any]]:
        return [json.loads(line) for line in cloud.log("/aws/events/pipelines")]

    def statuses() -> list[str]:
        return [
            event["detail"]["currentPipelineExecutionStatus"]
            for event in sent()
            if event["detail-type"] == "SageMaker Model Building Pipeline Execution Status Change"
            and event["resources"] == [arn.rpartition("/execution/")[0], arn]
        ]

    assert until(statuses, lambda found: len(found) == 2) == ["Executing", "Succeeded"]
    prepared = {
        (event["detail"]["stepType"], event["detail"]["currentStepStatus"])
        for event in sent()
        if event["detail-type"] == "SageMaker Model Building Pipeline Execution Step Status Change"
        and event["detail"]["pipelineExecutionArn"] == arn
        and event["detail"]["stepName"] == "Prepare"
    }
    assert prepared == {("Processing", "Starting"), ("Processing", "Executing"), ("Processing", "Succeeded")}
    trained = [
        event["detail"]["SecondaryStatus"]
        for event in sent()
        if event["detail-type"] == "SageMaker Training Job State Change" and arn[-12:] in event["resources"][0]
    ]
    assert trained == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    packages = [event["detail"] for event in sent() if event["detail-type"] == "SageMaker Model Package State Change"]
    assert (packages[-1]["ModelApprovalStatus"], packages[-1]["ModelPackageGroupName"]) == (
        "PendingManualApproval",
        "churn",
    )


def test_a_failed_step_keeps_what_needs_it_from_starting(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    broken = processing("Broken", "raise SystemExit(5)", [], [])
    after = processing("After", "", [], [], DependsOn=["Broken"])
    text = json.dumps({"Version": "2020-12-01", "Steps": [after, broken, processing("Beside", "", [], [])]})
    sagemaker.create_pipeline(PipelineName="broken", PipelineDefinition=text, RoleArn=ROLE, ClientRequestToken="t" * 32)
    execution = execute(cloud, "broken")
    ran = {
        step["StepName"]: (step["StepStatus"], step.get("FailureReason"))
        for step in steps(cloud, execution["PipelineExecutionArn"])
    }
    assert ran == {
        "Broken": ("Failed", "AlgorithmError: See job logs for more information, exit code: 5"),
        "Beside": ("Succeeded", None),
    }


def test_steps_are_cached(cloud: Cloud, pipeline: str) -> None:
    sagemaker = cloud.client("sagemaker")
    text = definition(
        "s3://work/pipeline/sourcedir.tar.gz", "cached", CacheConfig={"Enabled": True, "ExpireAfter": "P1D"}
    )
    sagemaker.create_pipeline(PipelineName="cached", PipelineDefinition=text, RoleArn=ROLE, ClientRequestToken="t" * 32)
    first = execute(cloud, "cached")["PipelineExecutionArn"]
    second = execute(cloud, "cached")["PipelineExecutionArn"]
    ran = steps(cloud, second)
    assert ran[0]["CacheHitResult"] == {"SourcePipelineExecutionArn": first}
    assert ran[0]["Metadata"] == steps(cloud, first)[0]["Metadata"]
    assert "CacheHitResult" not in ran[1]


def test_an_execution_can_be_stopped(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    text = json.dumps({"Version": "2020-12-01", "Steps": [processing("Sleep", "import time; time.sleep(60)", [], [])]})
    sagemaker.create_pipeline(PipelineName="sleepy", PipelineDefinition=text, RoleArn=ROLE, ClientRequestToken="t" * 32)
    arn = sagemaker.start_pipeline_execution(PipelineName="sleepy")["PipelineExecutionArn"]
    until(lambda: steps(cloud, arn), lambda ran: bool(ran) and "Metadata" in ran[0])
    with pytest.raises(ClientError) as refused:
        sagemaker.delete_pipeline(PipelineName="sleepy", ClientRequestToken="t" * 32)
    assert refused.value.response["Error"]["Code"] == "ConflictException"
    sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="t" * 32)
    assert ended(cloud, arn)["PipelineExecutionStatus"] == "Stopped"
    assert [step["StepStatus"] for step in steps(cloud, arn)] == ["Stopped"]
    sagemaker.delete_pipeline(PipelineName="sleepy", ClientRequestToken="t" * 32)
    with pytest.raises(ClientError) as gone:
        sagemaker.describe_pipeline(PipelineName="sleepy")
    assert gone.value.response["Error"]["Code"] == "ResourceNotFound"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"Steps": []}, "Unable to parse pipeline definition: Version must be 2020-12-01"),
        (
            {"Version": "2020-12-01", "Steps": [{"Name": "A", "Type": "Spark", "Arguments": {}}]},
            f"Step [A] is of type [Spark], which the local cloud can't run; it runs {', '.join(sorted(STEP_TYPES))}",
        ),
        (
            {
                "Version": "2020-12-01",
                "Steps": [{"Name": "A", "Type": "Fail", "Arguments": {"x": {"Get": "Steps.B.y"}}}],
            },
            "Step [A] depends on the unknown step [B]",
        ),
        (
            {
                "Version": "2020-12-01",
                "Steps": [{"Name": "A", "Type": "Fail", "Arguments": {"x": {"Get": "Parameters.P"}}}],
            },
            "Step [A] refers to the unknown parameter [P]",
        ),
        (
            {
                "Version": "2020-12-01",
                "Steps": [
                    {"Name": "A", "Type": "Fail", "DependsOn": ["B"]},
                    {"Name": "B", "Type": "Fail", "DependsOn": ["A"]},
                ],
            },
            "Steps depend on each other in a circle: A, B",
        ),
    ],
)
def test_a_bad_definition_is_refused(cloud: Cloud, document: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client("sagemaker").create_pipeline(
            PipelineName="bad", PipelineDefinition=json.dumps(document), RoleArn=ROLE, ClientRequestToken="t" * 32
        )
    assert refused.value.response["Error"] == {"Code": "ValidationException", "Message": message}


def test_unknown_parameters_are_refused(cloud: Cloud, pipeline: str) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client("sagemaker").start_pipeline_execution(
            PipelineName=pipeline, PipelineParameters=[{"Name": "Nope", "Value": "1"}]
        )
    assert refused.value.response["Error"]["Message"] == "Unknown parameters: Nope"


def test_an_event_starts_a_pipeline_and_a_bad_target_costs_the_others_nothing(cloud: Cloud) -> None:
    sagemaker, events = cloud.client("sagemaker"), cloud.client("events")
    parameters = [{"Name": "Why", "Type": "String", "DefaultValue": "nothing"}]
    text = json.dumps(
        {"Version": "2020-12-01", "Parameters": parameters, "Steps": [processing("Again", "print('ran')", [], [])]}
    )
    arn = sagemaker.create_pipeline(
        PipelineName="retrain", PipelineDefinition=text, RoleArn=ROLE, ClientRequestToken="t" * 32
    )["PipelineArn"]
    events.put_rule(Name="drift", EventPattern=json.dumps({"source": ["monitor"]}))
    events.put_targets(
        Rule="drift",
        Targets=[
            {"Id": "gone", "Arn": "arn:aws:lambda:us-east-1:123456789012:function:gone"},
            {
                "Id": "retrain",
                "Arn": arn,
                "RoleArn": ROLE,
                "SageMakerPipelineParameters": {"PipelineParameterList": [{"Name": "Why", "Value": "drift"}]},
            },
        ],
    )
    events.put_events(Entries=[{"Source": "monitor", "DetailType": "drift", "Detail": "{}"}])
    found = until(lambda: sagemaker.list_pipeline_executions(PipelineName="retrain")["PipelineExecutionSummaries"], len)
    execution = ended(cloud, found[0]["PipelineExecutionArn"])
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    given = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=execution["PipelineExecutionArn"])
    assert given["PipelineParameters"] == [{"Name": "Why", "Value": "drift"}]
