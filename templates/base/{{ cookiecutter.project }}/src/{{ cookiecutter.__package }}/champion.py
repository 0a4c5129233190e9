"""The model in use, found in the registry, so that a candidate is compared with it on the same held-out data."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def fetch(group: str, folder: Path, client: Any = None, store: Any = None) -> tuple[str, Path] | None:
    """Download the newest approved model of a group.

    Args:
        group: the model package group's name.
        folder: where to put its archive.
        client: SageMaker's client; made from the environment unless given.
        store: S3's client, likewise.

    Returns:
        its ARN and its archive, or nothing if no model is approved.
    """
    import boto3

    sagemaker = client or boto3.client("sagemaker")
    found = sagemaker.list_model_packages(
        ModelPackageGroupName=group,
        ModelApprovalStatus="Approved",
        SortBy="CreationTime",
        SortOrder="Descending",
        MaxResults=1,
    )["ModelPackageSummaryList"]
    if not found:
        return None
    arn = str(found[0]["ModelPackageArn"])
    containers = sagemaker.describe_model_package(ModelPackageName=arn)["InferenceSpecification"]["Containers"]
    bucket, _, key = str(containers[0]["ModelDataUrl"]).removeprefix("s3://").partition("/")
    archive = Path(tempfile.mkdtemp(dir=folder)) / "model.tar.gz"
    (store or boto3.client("s3")).download_file(bucket, key, str(archive))
    return arn, archive


def compare(metric: str, less_is_better: bool, candidate: float, champion: float, arn: str) -> Mapping[str, Any]:
    """Return how a candidate does beside the champion.

    Args:
        metric: what is compared.
        less_is_better: does it measure an error?
        candidate: the candidate's value.
        champion: the champion's value on the same data.
        arn: the champion.

    Returns:
        `gain` is above 0 where the candidate is better.
    """
    gain = champion - candidate if less_is_better else candidate - champion
    return {"metric": metric, "candidate": candidate, "champion": champion, "gain": gain, "champion_arn": arn}


def alone(metric: str, candidate: float) -> Mapping[str, Any]:
    """Return what a comparison says while there is no champion: nothing is gained or lost."""
    return {"metric": metric, "candidate": candidate, "champion": None, "gain": 0.0, "champion_arn": ""}
