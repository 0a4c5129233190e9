"""Batch transform jobs, really run."""

import gzip
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ROLE, Cloud, archive, until

INFERENCE = """
import json, os, time
def model_fn(model_dir):
    print("loaded", os.environ.get("SAGEMAKER_BATCH"), os.environ.get("OWN"))
    return 2.0
def transform_fn(model, body, content_type, accept):
    if "sleep" in body:
        time.sleep(60)
    if "bad" in body:
        raise ValueError("bad row")
    if content_type == "application/json":
        return json.dumps([value * model for value in json.loads(body)]), "application/json"
    rows = [line.split(",") for line in body.strip().splitlines()]
    return "".join(f"{model * sum(map(float, row))}\\n" for row in rows), "text/csv"
"""


@pytest.fixture(scope="module")
def model(cloud: Cloud) -> str:
    data = cloud.put("transform/model.tar.gz", archive({"code/inference.py": INFERENCE}))
    container = {"Image": "sklearn", "ModelDataUrl": data, "Environment": {"OWN": "1"}}
    cloud.client("sagemaker").create_model(ModelName="doubles", PrimaryContainer=container, ExecutionRoleArn=ROLE)
    return "doubles"


def request(name: str, source: str, **changes: Any) -> dict[str, Any]:
    given = {
        "TransformJobName": name,
        "ModelName": "doubles",
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": source}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "TransformOutput": {"S3OutputPath": f"s3://work/{name}", "AssembleWith": "Line", "Accept": "text/csv"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    return given | changes


def transform(cloud: Cloud, name: str, source: str, **changes: Any) -> dict[str, Any]:
    cloud.client("sagemaker").create_transform_job(**request(name, source, **changes))
    return cloud.ended("transform_job", "TransformJob", name)


def test_every_object_gets_its_answers(cloud: Cloud, model: str) -> None:
    cloud.put("rows/one.csv", "1,2\n3,4\n")
    cloud.put("rows/deep/two.csv", "5,6\n")
    job = transform(
        cloud,
        "every",
        "s3://work/rows/",
        BatchStrategy="SingleRecord",
        MaxConcurrentTransforms=2,
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 2},
        DataProcessing={"JoinSource": "Input", "OutputFilter": "$[0,-1]"},
    )
    assert (job["TransformJobStatus"], job.get("FailureReason")) == ("Completed", None)
    assert job["TransformStartTime"] <= job["TransformEndTime"]
    assert cloud.get("s3://work/every/one.csv.out") == b"1,6.0\n3,14.0\n"
    assert cloud.get("s3://work/every/deep/two.csv.out") == b"5,22.0\n"
    said = [line for line in cloud.log("/aws/sagemaker/TransformJobs", "every/") if line.startswith("loaded")]
    assert said == ["loaded true 1", "loaded true 1"]


def test_a_whole_compressed_json_file_of_a_manifest(cloud: Cloud, model: str) -> None:
    cloud.put("packed/a.json.gz", gzip.compress(b"[1, 2]"))
    cloud.put("packed/b.json.gz", gzip.compress(b"[3]"))
    manifest = cloud.put("packed.manifest", json.dumps([{"prefix": "s3://work/packed/"}, "a.json.gz"]))
    source = {
        "DataSource": {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": manifest}},
        "ContentType": "application/json",
        "CompressionType": "Gzip",
    }
    output = {"S3OutputPath": "s3://work/whole/", "Accept": "application/json"}
    job = transform(cloud, "whole", "", TransformInput=source, TransformOutput=output)
    assert (job["TransformJobStatus"], job.get("FailureReason")) == ("Completed", None)
    listed = cloud.client("s3").list_objects_v2(Bucket="work", Prefix="whole/")["Contents"]
    assert [item["Key"] for item in listed] == ["whole/a.json.gz.out"]
    assert cloud.get("s3://work/whole/a.json.gz.out") == b"[2.0, 4.0]"


def test_a_bad_file_fails_the_job_and_leaves_the_others(cloud: Cloud, model: str) -> None:
    cloud.put("mixed/bad.csv", "bad\n")
    cloud.put("mixed/good.csv", "1\n")
    job = transform(cloud, "mixed", "s3://work/mixed/", ModelClientConfig={"InvocationsMaxRetries": 0})
    assert (job["TransformJobStatus"], job["FailureReason"]) == (
        "Failed",
        "ClientError: s3://work/mixed/bad.csv: 500: ValueError: bad row",
    )
    assert cloud.get("s3://work/mixed/good.csv.out") == b"2.0\n"
    nothing = transform(cloud, "nothing", "s3://work/no-rows-here/")
    assert nothing["FailureReason"] == "ClientError: No S3 objects found under s3://work/no-rows-here/"


def test_a_job_can_be_stopped(cloud: Cloud, model: str) -> None:
    sagemaker = cloud.client("sagemaker")
    cloud.put("slow/a.csv", "sleep\n")
    sagemaker.create_transform_job(**request("slow", "s3://work/slow/"))
    until(lambda: sagemaker.describe_transform_job(TransformJobName="slow"), lambda job: "TransformStartTime" in job)
    sagemaker.stop_transform_job(TransformJobName="slow")
    assert cloud.ended("transform_job", "TransformJob", "slow")["TransformJobStatus"] == "Stopped"
    with pytest.raises(ClientError) as refused:
        sagemaker.stop_transform_job(TransformJobName="slow")
    assert refused.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "The request was rejected because the job is in status Stopped.",
    }


def test_jobs_are_listed_and_refused(cloud: Cloud, model: str) -> None:
    sagemaker = cloud.client("sagemaker")
    cloud.put("few/a.csv", "1\n")
    for number in range(3):
        transform(cloud, f"few-{number}", "s3://work/few/")
    pages = sagemaker.get_paginator("list_transform_jobs").paginate(
        NameContains="few", SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    names = [[job["TransformJobName"] for job in page["TransformJobSummaries"]] for page in pages]
    assert names == [["few-0", "few-1"], ["few-2"]]
    wrong = {
        "few-0": ("ResourceInUse", {}),
        "no-model": ("ValidationException", {"ModelName": "none"}),
        "bad-path": ("ValidationException", {"DataProcessing": {"InputFilter": "$..a"}}),
        "too-much": ("ValidationException", {"MaxPayloadInMB": 60, "MaxConcurrentTransforms": 2}),
    }
    codes = {}
    for name, (_, changes) in wrong.items():
        with pytest.raises(ClientError) as refused:
            sagemaker.create_transform_job(**request(name, "s3://work/few/", **changes))
        codes[name] = refused.value.response["Error"]["Code"]
    assert codes == {name: code for name, (code, _) in wrong.items()}
    with pytest.raises(ClientError) as missing:
        sagemaker.describe_transform_job(TransformJobName="never")
    assert missing.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "Could not find requested job with name: never",
    }
