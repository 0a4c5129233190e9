"""What a model's stack leaves behind that its program never made: running jobs, objects, logs of jobs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.targets import Target

_BATCH = 1000


@dataclass(frozen=True)
class JobKind:
    """A kind of SageMaker job and how the API calls it."""

    word: str
    log_group: str

    def running(self, client: Any) -> Iterator[str]:
        """List the names of those that run."""
        yield from self._names(client, StatusEquals="InProgress")

    def all(self, client: Any) -> Iterator[tuple[str, str]]:
        """List names and ARNs."""
        for item in self._items(client):
            yield item[f"{self.word}JobName"], item[f"{self.word}JobArn"]

    def stop(self, client: Any, name: str) -> None:
        """Stop one."""
        getattr(client, f"stop_{self.word.lower()}_job")(**{f"{self.word}JobName": name})

    def _names(self, client: Any, **filters: str) -> Iterator[str]:
        for item in self._items(client, **filters):
            yield item[f"{self.word}JobName"]

    def _items(self, client: Any, **filters: str) -> Iterator[dict[str, Any]]:
        pages = client.get_paginator(f"list_{self.word.lower()}_jobs").paginate(**filters)
        for page in pages:
            yield from page[f"{self.word}JobSummaries"]


JOB_KINDS = (
    JobKind("Training", "/aws/sagemaker/TrainingJobs"),
    JobKind("Processing", "/aws/sagemaker/ProcessingJobs"),
)


@dataclass(frozen=True, kw_only=True)
class ModelStack:
    """A model's stack whose traces are looked for.

    Args:
        project: the model's project.
        stack: the stack's name.
        bucket: the platform's artifact bucket; empty when it is not known.
        region: the AWS region.
        target: the cloud.
    """

    project: str
    stack: str
    bucket: str
    region: str
    target: Target

    @property
    def prefix(self) -> str:
        """Return what the keys of all its objects start with."""
        return f"models/{self.project}/{self.stack}/"

    @property
    def tags(self) -> Mapping[str, str]:
        """Return the tags that only its own resources have together."""
        return {"modelyard:project": self.project, "modelyard:environment": self.stack}


def stop_jobs(stack: ModelStack) -> None:
    """Stop the pipeline's executions and every job of the stack that still runs."""
    client = stack.target.client("sagemaker", stack.region)
    for kind in JOB_KINDS:
        arns = dict(kind.all(client))
        for name in list(kind.running(client)):
            if _is_tagged(client, arns[name], stack.tags):
                kind.stop(client, name)


def sweep(stack: ModelStack) -> None:
    """Delete the stack's objects, in every version, and the logs of its jobs."""
    if stack.bucket:
        _delete_objects(stack)
    client = stack.target.client("sagemaker", stack.region)
    for kind in JOB_KINDS:
        names = [name for name, arn in kind.all(client) if _is_tagged(client, arn, stack.tags)]
        _delete_streams(stack, kind.log_group, names)


def traces(stack: ModelStack) -> list[tuple[str, str]]:
    """List what is left of the stack's objects and logs, as pairs of a kind and a name."""
    found = [("object", f"s3://{stack.bucket}/{item['Key']}") for item in _versions(stack)] if stack.bucket else []
    client = stack.target.client("sagemaker", stack.region)
    for kind in JOB_KINDS:
        names = [name for name, arn in kind.all(client) if _is_tagged(client, arn, stack.tags)]
        found += [("log stream", f"{kind.log_group}/{it}") for it in _streams(stack, kind.log_group, names)]
    return found


def _is_tagged(client: Any, arn: str, wanted: Mapping[str, str]) -> bool:
    tags = {tag["Key"]: tag["Value"] for tag in client.list_tags(ResourceArn=arn)["Tags"]}
    return all(tags.get(key) == value for key, value in wanted.items())


def _versions(stack: ModelStack) -> list[dict[str, str]]:
    client = stack.target.client("s3", stack.region)
    try:
        pages = list(client.get_paginator("list_object_versions").paginate(Bucket=stack.bucket, Prefix=stack.prefix))
    except client.exceptions.NoSuchBucket:
        return []
    return [
        {"Key": item["Key"], "VersionId": item["VersionId"]}
        for page in pages
        for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
    ]


def _delete_objects(stack: ModelStack) -> None:
    client, found = stack.target.client("s3", stack.region), _versions(stack)
    for start in range(0, len(found), _BATCH):
        client.delete_objects(Bucket=stack.bucket, Delete={"Objects": found[start : start + _BATCH], "Quiet": True})


def _streams(stack: ModelStack, group: str, jobs: list[str]) -> list[str]:
    client = stack.target.client("logs", stack.region)
    found: list[str] = []
    for job in jobs:
        try:
            pages = client.get_paginator("describe_log_streams").paginate(
                logGroupName=group, logStreamNamePrefix=f"{job}/"
            )
            found += [item["logStreamName"] for page in pages for item in page["logStreams"]]
        except client.exceptions.ResourceNotFoundException:
            return []
    return found


def _delete_streams(stack: ModelStack, group: str, jobs: list[str]) -> None:
    """Delete the jobs' log streams, and the group itself once no job has a stream in it."""
    client, streams = stack.target.client("logs", stack.region), _streams(stack, group, jobs)
    for stream in streams:
        client.delete_log_stream(logGroupName=group, logStreamName=stream)
    if streams and not client.describe_log_streams(logGroupName=group, limit=1)["logStreams"]:
        client.delete_log_group(logGroupName=group)
