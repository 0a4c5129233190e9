"""What a model's stack leaves behind that its program never made: running jobs, objects, logs of jobs."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from modelyard.errors import CloudError
from modelyard.naming import Scope, digest
from modelyard.targets import Target

_BATCH = 1000
_PATIENCE_SECONDS = 180.0
_POLL_SECONDS = 0.3


@dataclass(frozen=True)
class JobKind:
    """A kind of SageMaker job and how the API calls it."""

    word: str
    log_group: str

    def running(self, client: Any) -> Iterator[tuple[str, str]]:
        """List names and ARNs of those that have not ended."""
        for status in ("InProgress", "Stopping"):
            yield from self.all(client, StatusEquals=status)

    def all(self, client: Any, **filters: str) -> Iterator[tuple[str, str]]:
        """List names and ARNs."""
        for page in client.get_paginator(f"list_{self.word.lower()}_jobs").paginate(**filters):
            for item in page[f"{self.word}JobSummaries"]:
                yield item[f"{self.word}JobName"], item[f"{self.word}JobArn"]

    def delete(self, client: Any, name: str) -> None:
        """Delete one that is over."""
        getattr(client, f"delete_{self.word.lower()}_job")(**{f"{self.word}JobName": name})

    def stop(self, client: Any, name: str) -> None:
        """Stop one."""
        getattr(client, f"stop_{self.word.lower()}_job")(**{f"{self.word}JobName": name})


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
    def prefixes(self) -> tuple[str, ...]:
        """Return what the keys of all its objects start with, be it a branch's stack or not."""
        scope = Scope(owner=self.project, environment=self.stack, region=self.region)
        return tuple(f"{it.prefix}/" for it in (scope, replace(scope, preview=True)))

    @property
    def tags(self) -> Mapping[str, str]:
        """Return the tags that only its own resources have together."""
        return {"modelyard:project": self.project, "modelyard:environment": self.stack}


def stop_jobs(stack: ModelStack) -> None:
    """Stop the stack's pipeline and every job of it that still runs, and wait until they have ended.

    Raises:
        CloudError: they do not end.
    """
    client = stack.target.client("sagemaker", stack.region)
    for arn in _running_executions(client, stack.tags):
        client.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=f"modelyard-stop-{digest(arn, 32)}")
    _wait_until(lambda: not _running_executions(client, stack.tags))
    for kind in JOB_KINDS:
        for name in _running_jobs(client, kind, stack.tags):
            kind.stop(client, name)
    _wait_until(lambda: not any(_running_jobs(client, kind, stack.tags) for kind in JOB_KINDS))


def _running_executions(client: Any, tags: Mapping[str, str]) -> list[str]:
    pipelines = [
        item["PipelineName"]
        for page in client.get_paginator("list_pipelines").paginate()
        for item in page["PipelineSummaries"]
        if _is_tagged(client, item["PipelineArn"], tags)
    ]
    return [
        item["PipelineExecutionArn"]
        for name in pipelines
        for page in client.get_paginator("list_pipeline_executions").paginate(PipelineName=name)
        for item in page["PipelineExecutionSummaries"]
        if item["PipelineExecutionStatus"] in ("Executing", "Stopping")
    ]


def _running_jobs(client: Any, kind: JobKind, tags: Mapping[str, str]) -> list[str]:
    return [name for name, arn in kind.running(client) if _is_tagged(client, arn, tags)]


def _wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise CloudError("jobs of the stack do not end", hint="stop them in SageMaker, then type the same again")
        time.sleep(_POLL_SECONDS)


def sweep(stack: ModelStack) -> None:
    """Delete the stack's objects, in every version, and its jobs with their logs."""
    if stack.bucket:
        _delete_objects(stack)
    client = stack.target.client("sagemaker", stack.region)
    for kind in JOB_KINDS:
        names = [name for name, arn in kind.all(client) if _is_tagged(client, arn, stack.tags)]
        _delete_streams(stack, kind.log_group, names)
        for name in names:
            kind.delete(client, name)


def traces(stack: ModelStack) -> list[tuple[str, str]]:
    """List what is left of the stack's objects, jobs and logs, as pairs of a kind and a name."""
    found = [("object", f"s3://{stack.bucket}/{item['Key']}") for item in _versions(stack)] if stack.bucket else []
    client = stack.target.client("sagemaker", stack.region)
    for kind in JOB_KINDS:
        names = [name for name, arn in kind.all(client) if _is_tagged(client, arn, stack.tags)]
        found += [(f"{kind.word.lower()} job", name) for name in names]
        found += [("log stream", f"{kind.log_group}/{it}") for it in _streams(stack, kind.log_group, names)]
    return found


def _is_tagged(client: Any, arn: str, wanted: Mapping[str, str]) -> bool:
    tags = {tag["Key"]: tag["Value"] for tag in client.list_tags(ResourceArn=arn)["Tags"]}
    return all(tags.get(key) == value for key, value in wanted.items())


def _versions(stack: ModelStack) -> list[dict[str, str]]:
    client = stack.target.client("s3", stack.region)
    listing = client.get_paginator("list_object_versions")
    try:
        pages = [page for it in stack.prefixes for page in listing.paginate(Bucket=stack.bucket, Prefix=it)]
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
