"""Training and processing jobs, really run."""

import io
import json
import tarfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Cloud, archive, training_request, until

TRAIN = """
import json, os, pathlib, sys
rows = pathlib.Path(os.environ["SM_CHANNEL_TRAIN"], "a.csv").read_text().split()
print("validation:accuracy=0.5;")
print("validation:accuracy=0.75;")
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.json").write_text(json.dumps({"rows": rows, "arguments": sys.argv[1:]}))
pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], "extra.txt").write_text(os.environ["SM_HP_RATE"])
"""


def members(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}


def test_training_job_trains_and_leaves_model_logs_and_metrics(cloud: Cloud) -> None:
    cloud.put("data/train/a.csv", "1 2 3")
    job = cloud.train(
        "trains",
        TRAIN,
        HyperParameters={"rate": "0.1", "flag": "true", "name": json.dumps("it's")},
        InputDataConfig=[
            {
                "ChannelName": "train",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://work/data/train"}},
            }
        ],
        AlgorithmSpecification={
            "TrainingImage": "sklearn",
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "accuracy", "Regex": "validation:accuracy=([0-9.]+);"}],
        },
    )
    assert (job["TrainingJobStatus"], job["SecondaryStatus"], job.get("FailureReason")) == (
        "Completed",
        "Completed",
        None,
    )
    assert [item["Status"] for item in job["SecondaryStatusTransitions"]] == [
        "Starting",
        "Downloading",
        "Training",
        "Uploading",
        "Completed",
    ]
    assert [(item["MetricName"], round(item["Value"], 3)) for item in job["FinalMetricDataList"]] == [
        ("accuracy", 0.75)
    ]
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": "s3://work/models/trains/output/model.tar.gz"}
    model = json.loads(members(cloud.get("s3://work/models/trains/output/model.tar.gz"))["model.json"])
    assert model == {
        "rows": ["1", "2", "3"],
        "arguments": ["--flag", "True", "--name", "it's", "--rate", "0.1"],
    }
    assert members(cloud.get("s3://work/models/trains/output/output.tar.gz")) == {"extra.txt": b"0.1"}
    lines = ["validation:accuracy=0.5;", "validation:accuracy=0.75;"]
    assert cloud.log("/aws/sagemaker/TrainingJobs", "trains/algo-1-") == lines
    metrics = cloud.client("cloudwatch").list_metrics(
        Namespace="/aws/sagemaker/TrainingJobs", Dimensions=[{"Name": "TrainingJobName", "Value": "trains"}]
    )["Metrics"]
    assert [(item["MetricName"], item["Dimensions"]) for item in metrics] == [
        ("accuracy", [{"Name": "TrainingJobName", "Value": "trains"}])
    ]


@pytest.mark.parametrize(
    ("name", "script", "reason"),
    [
        (
            "raises",
            "raise SystemExit(3)",
            'AlgorithmError: ExecuteUserScriptError:\nExitCode 3\nErrorMessage "", exit code: 3',
        ),
        (
            "says-why",
            "import os, sys, pathlib\npathlib.Path(os.environ['SM_OUTPUT_FAILURE']).write_text('no rows'); sys.exit(1)",
            "AlgorithmError: no rows, exit code: 1",
        ),
    ],
)
def test_failed_training_says_why(cloud: Cloud, name: str, script: str, reason: str) -> None:
    job = cloud.train(name, script)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"], job["FailureReason"]) == ("Failed", "Failed", reason)


def test_training_without_data_or_program_fails(cloud: Cloud) -> None:
    channel = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://work/nothing-here"}}
    job = cloud.train("no-data", "", InputDataConfig=[{"ChannelName": "train", "DataSource": channel}])
    assert job["FailureReason"] == (
        "ClientError: Data download failed:NoSuchKey (404): No S3 objects found under prefix s3://work/nothing-here. "
        "Please ensure that the S3 object exists and the role has permission to read it."
    )
    job = cloud.train("no-program", "", HyperParameters={"sagemaker_program": "other.py"})
    assert job["FailureReason"] == "ClientError: s3://work/no-program/sourcedir.tar.gz holds no program other.py"


def test_training_job_can_be_stopped_and_is_stopped_at_its_limit(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    source = cloud.put("endless/sourcedir.tar.gz", archive({"train.py": "import time\ntime.sleep(60)"}))
    sagemaker.create_training_job(**training_request("endless", source))
    until(
        lambda: sagemaker.describe_training_job(TrainingJobName="endless"),
        lambda job: job["SecondaryStatus"] == "Training",
    )
    sagemaker.stop_training_job(TrainingJobName="endless")
    stopped = cloud.ended("training_job", "TrainingJob", "endless")
    assert (stopped["TrainingJobStatus"], stopped["SecondaryStatus"]) == ("Stopped", "Stopped")
    late = cloud.train("late", "import time\ntime.sleep(60)", StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert (late["TrainingJobStatus"], late["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_training_job_names_are_unique_and_valid(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    cloud.train("twice", "")
    with pytest.raises(ClientError) as refused:
        sagemaker.create_training_job(**training_request("twice", "s3://work/twice/sourcedir.tar.gz"))
    assert refused.value.response["Error"]["Code"] == "ResourceInUse"
    with pytest.raises(ClientError) as refused:
        sagemaker.create_training_job(**training_request("a_b", "s3://work/x"))
    assert refused.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "1 validation error detected: Value 'a_b' at 'trainingJobName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
    }
    with pytest.raises(ClientError) as refused:
        sagemaker.describe_training_job(TrainingJobName="never")
    assert refused.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "Requested resource not found.",
    }


def test_training_jobs_are_listed(cloud: Cloud) -> None:
    cloud.train("listed-1", "")
    cloud.train("listed-2", "raise SystemExit(1)")
    sagemaker = cloud.client("sagemaker")

    def names(**filters: Any) -> list[str]:
        answer = sagemaker.list_training_jobs(NameContains="listed", **filters)
        return [job["TrainingJobName"] for job in answer["TrainingJobSummaries"]]

    assert names() == ["listed-2", "listed-1"]
    assert names(SortBy="Name", SortOrder="Ascending") == ["listed-1", "listed-2"]
    assert names(StatusEquals="Failed") == ["listed-2"]
    assert names(MaxResults=1) == ["listed-2"]


def test_training_environment_is_clean(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import os, json\nprint(json.dumps(sorted(k for k in os.environ if not k.startswith('SM_'))))"
    cloud.train("clean", script, Environment={"OWN": "1"})
    assert json.loads(cloud.log("/aws/sagemaker/TrainingJobs", "clean/")[0]) == [
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "HOME",
        "LANG",
        "OWN",
        "PATH",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONPATH",
        "PYTHONUNBUFFERED",
        "TMPDIR",
        "TRAINING_JOB_ARN",
        "TRAINING_JOB_NAME",
    ]


def test_processing_job_moves_data(cloud: Cloud) -> None:
    cloud.put("raw/one.txt", "one")
    cloud.put("raw/deep/two.txt", "two")
    script = (
        "import os, pathlib, sys; source = pathlib.Path(sys.argv[1]);"
        "target = pathlib.Path(os.environ['TARGET']);"
        "[ (target / p.name).write_text(p.read_text().upper()) for p in source.rglob('*.txt') ]; print('done')"
    )
    job = cloud.process(
        "moves",
        script,
        AppSpecification={
            "ImageUri": "sklearn",
            "ContainerEntrypoint": ["python3", "-c", script],
            "ContainerArguments": ["/opt/ml/processing/input"],
        },
        Environment={"TARGET": "/opt/ml/processing/output"},
        ProcessingInputs=[
            {
                "InputName": "raw",
                "S3Input": {
                    "S3Uri": "s3://work/raw/",
                    "LocalPath": "/opt/ml/processing/input",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
        ],
        ProcessingOutputConfig={
            "Outputs": [
                {
                    "OutputName": "upper",
                    "S3Output": {
                        "S3Uri": "s3://work/upper",
                        "LocalPath": "/opt/ml/processing/output",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
    )
    assert (job["ProcessingJobStatus"], job.get("FailureReason")) == ("Completed", None)
    listed = cloud.client("s3").list_objects_v2(Bucket="work", Prefix="upper/")["Contents"]
    assert {item["Key"]: cloud.get(f"s3://work/{item['Key']}") for item in listed} == {
        "upper/one.txt": b"ONE",
        "upper/two.txt": b"TWO",
    }
    assert cloud.log("/aws/sagemaker/ProcessingJobs", "moves/algo-1-") == ["done"]


def test_failed_processing_says_why(cloud: Cloud) -> None:
    assert cloud.process("fails", "raise SystemExit(7)")["FailureReason"] == (
        "AlgorithmError: See job logs for more information, exit code: 7"
    )
    missing = cloud.process(
        "missing", "", AppSpecification={"ImageUri": "x", "ContainerEntrypoint": ["no-such-program"]}
    )
    assert missing["FailureReason"] == "AlgorithmError: See job logs for more information, exit code: 127"


def test_training_runs_a_container_s_own_command_with_drivers(cloud: Cloud) -> None:
    driver = "#!/bin/bash\ncd /opt/ml/input/data/code && python3 train.py && echo $SM_MODEL_DIR > /opt/ml/model/where\n"
    cloud.put("v3/sm_drivers/sm_train.sh", driver)
    cloud.put("v3/code/train.py", "import os; print('rate', os.environ['SM_HP_RATE'])")

    def channel(name: str) -> dict[str, Any]:
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://work/v3/{name}/"}
        return {"ChannelName": name, "DataSource": {"S3DataSource": source}}

    script = "/opt/ml/input/data/sm_drivers/sm_train.sh"
    request = training_request(
        "v3",
        "",
        AlgorithmSpecification={
            "TrainingImage": "sklearn",
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["/bin/bash"],
            "ContainerArguments": ["-c", f"chmod +x {script} && {script}"],
        },
        InputDataConfig=[channel("sm_drivers"), channel("code")],
    )
    cloud.client("sagemaker").create_training_job(**request | {"HyperParameters": {"rate": "0.1"}})
    job = cloud.ended("training_job", "TrainingJob", "v3")
    assert (job["TrainingJobStatus"], job.get("FailureReason")) == ("Completed", None)
    assert cloud.log("/aws/sagemaker/TrainingJobs", "v3/") == ["rate 0.1"]
    where = members(cloud.get("s3://work/models/v3/output/model.tar.gz"))["where"].decode().strip()
    assert where.endswith("/cloud/jobs/us-east-1/TrainingJob/v3/algo-1/opt/ml/model")


def test_a_job_starts_in_an_empty_folder(cloud: Cloud) -> None:
    script = "import os, pathlib; p = pathlib.Path(os.environ['SM_MODEL_DIR']); print(len(list(p.iterdir()))); "
    cloud.train("fresh", script + "(p / 'a').write_text('')")
    cloud.client("sagemaker").delete_training_job(TrainingJobName="fresh")
    cloud.train("fresh", script + "(p / 'b').write_text('')")
    assert list(members(cloud.get("s3://work/models/fresh/output/model.tar.gz"))) == ["b"]
    assert cloud.log("/aws/sagemaker/TrainingJobs", "fresh/") == ["0", "0"]
    assert cloud.process("fresh", "print(1)")["ProcessingJobStatus"] == "Completed"
