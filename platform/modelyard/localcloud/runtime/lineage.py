"""Lineage that jobs and the registry write by themselves: what went into what.

The developer guide, "Amazon SageMaker AI-created tracking entities": a job is a trial component; its data, image and
model are artifacts; a model package group is a context, and an approval an action.
"""

from typing import Any

from modelyard.localcloud.runtime.host import Host, sagemaker_arn
from modelyard.localcloud.runtime.logs import now
from modelyard.naming import digest

ARTIFACT, ACTION, CONTEXT, ASSOCIATION = "Artifact", "Action", "Context", "Association"
CONTRIBUTED, PRODUCED, ASSOCIATED, DERIVED = "ContributedTo", "Produced", "AssociatedWith", "DerivedFrom"
_DIGEST_LENGTH = 32
_WORDS = {"TrainingJob": "training", "ProcessingJob": "processing", "TransformJob": "transform"}
_APPROVALS = {"Approved": "Completed", "Rejected": "Failed"}

Document = dict[str, Any]


def artifact_arn(region: str, kind: str, uri: str) -> str:
    """Return the ARN of what is at an address: the same each time."""
    return sagemaker_arn(region, "artifact", digest(f"{kind} {uri}", _DIGEST_LENGTH))


def link(host: Host, region: str, source: str, destination: str, kind: str) -> bool:
    """Associate two entities; false if they are already."""
    document = {
        "SourceArn": source,
        "DestinationArn": destination,
        "AssociationType": kind,
        "CreationTime": now(),
    }
    return host.collection(region, ASSOCIATION).add(f"{source} {destination}", document)


def of_job(host: Host, region: str, kind: str, job: Document) -> None:
    """Write the lineage of a job that is completed; kinds that have none write nothing."""
    if kind not in _WORDS:
        return
    name = f"{job[f'{kind}Name']}-aws-{_WORDS[kind]}-job"
    component = sagemaker_arn(region, "experiment-trial-component", name)
    inputs, outputs = {"TrainingJob": _training, "ProcessingJob": _processing, "TransformJob": _transform}[kind](job)
    for sort, uri in inputs:
        link(host, region, _artifact(host, region, sort, uri), component, CONTRIBUTED)
    for sort, uri in outputs:
        link(host, region, component, _artifact(host, region, sort, uri), PRODUCED)


def of_package(host: Host, region: str, package: Document) -> None:
    """Write the lineage of a version of a model package group, and of its approval."""
    group, arn = package.get("ModelPackageGroupName"), package["ModelPackageArn"]
    version = _artifact(host, region, "ModelPackage", arn)
    for container in package.get("InferenceSpecification", {}).get("Containers", []):
        if container.get("ModelDataUrl"):
            link(host, region, _artifact(host, region, "Model", container["ModelDataUrl"]), version, DERIVED)
    if not group:
        return
    context = sagemaker_arn(region, "context", f"{group}-aws-model-group")
    source = {"SourceUri": sagemaker_arn(region, "model-package-group", group), "SourceType": "ARN"}
    fields = {"ContextName": f"{group}-aws-model-group", "ContextArn": context, "ContextType": "ModelGroup"}
    _add(host, region, CONTEXT, fields["ContextName"], {**fields, "Source": source})
    link(host, region, context, version, ASSOCIATED)
    _approve(host, region, package, version)


def _approve(host: Host, region: str, package: Document, version: str) -> None:
    status = _APPROVALS.get(package.get("ModelApprovalStatus", ""))
    if not status:
        return
    name = f"{package['ModelPackageGroupName']}-{package['ModelPackageVersion']}-aws-model-approval"
    arn = sagemaker_arn(region, "action", name)
    source = {"SourceUri": package["ModelPackageArn"], "SourceType": "ARN"}
    fields = {"ActionName": name, "ActionArn": arn, "ActionType": "Approval", "Source": source}
    _add(host, region, ACTION, name, fields)
    host.collection(region, ACTION).update(name, Status=status, LastModifiedTime=now())
    link(host, region, version, arn, CONTRIBUTED)


def _artifact(host: Host, region: str, kind: str, uri: str) -> str:
    arn = artifact_arn(region, kind, uri)
    _add(host, region, ARTIFACT, arn, {"ArtifactArn": arn, "ArtifactType": kind, "Source": {"SourceUri": uri}})
    return arn


def _add(host: Host, region: str, kind: str, key: str, fields: Document) -> None:
    moment = now()
    host.collection(region, kind).add(key, {**fields, "CreationTime": moment, "LastModifiedTime": moment})


def _training(job: Document) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    inputs = [("DataSet", uri) for uri in _uris(job.get("InputDataConfig", []))]
    image = job["AlgorithmSpecification"].get("TrainingImage")
    return [*inputs, *([("Image", image)] if image else [])], [("Model", job["ModelArtifacts"]["S3ModelArtifacts"])]


def _processing(job: Document) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    inputs = [item["S3Input"]["S3Uri"] for item in job.get("ProcessingInputs", []) if "S3Input" in item]
    made = job.get("ProcessingOutputConfig", {}).get("Outputs", [])
    outputs = [item["S3Output"]["S3Uri"] for item in made if "S3Output" in item]
    image = ("Image", job["AppSpecification"]["ImageUri"])
    return [*(("DataSet", uri) for uri in inputs), image], [("DataSet", uri) for uri in outputs]


def _transform(job: Document) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    data = job["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
    return [("DataSet", data)], [("DataSet", job["TransformOutput"]["S3OutputPath"])]


def _uris(channels: list[Document]) -> list[str]:
    sources = (channel.get("DataSource", {}).get("S3DataSource", {}) for channel in channels)
    return [source["S3Uri"] for source in sources if source.get("S3Uri")]
