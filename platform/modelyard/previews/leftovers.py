"""What a model's stack leaves behind that its program never made: running jobs, objects, images, tables, logs."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modelyard.errors import CloudError
from modelyard.naming import Scope, digest
from modelyard.previews import ledger as ledgers
from modelyard.previews.ledger import JOB_KINDS, PROJECT_TAG, STACK_TAG, JobKind, Ledger, tags_of
from modelyard.targets import Target

_BATCH = 1000
_PATIENCE_SECONDS = 180.0
_POLL_SECONDS = 0.3
_NAME_LIMIT = 63  # of most names of SageMaker's; a pipeline's may be longer, but is made to be no longer
_TAG_VALUES = 20  # that one filter takes
_MADE_BY, _FUNCTION = "modelyard:made-by", "deploy-function"  # as components/model_service/deploy_function.py tags
_LOG_GROUPS = ("/aws/sagemaker/Endpoints/", "/aws/lambda/")


@dataclass(frozen=True, kw_only=True)
class ModelStack:
    """A model's stack whose traces are looked for.

    Args:
        project: the model's project.
        stack: the stack's name.
        bucket: the platform's artifact bucket; empty when it is not known.
        region: the AWS region.
        target: the cloud.
        capture_bucket: the platform's bucket of what endpoints were asked and answered; empty when it is not known.
    """

    project: str
    stack: str
    bucket: str
    region: str
    target: Target
    capture_bucket: str = ""

    @property
    def buckets(self) -> tuple[str, ...]:
        """Return the buckets that it writes to, as far as they are known."""
        return tuple(it for it in (self.bucket, self.capture_bucket) if it)

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Return what the keys of all its objects start with, be it a branch's stack or not."""
        scope = Scope(owner=self.project, environment=self.stack, region=self.region)
        return tuple(f"{it.prefix}/" for it in (scope, replace(scope, preview=True)))

    @property
    def head(self) -> str:
        """Return what the names of all it has begin with."""
        return f"{self.project}-{self.stack}-"

    @property
    def tags(self) -> Mapping[str, str]:
        """Return the tags that only its own resources have together."""
        return {PROJECT_TAG: self.project, STACK_TAG: self.stack}

    def client(self, service: str) -> Any:
        """Make a boto3 client for the stack's region."""
        return self.target.client(service, self.region)

    def owns(self, client: Any, arn: str) -> bool:
        """Tell whether something of SageMaker's has the stack's tags."""
        return self.tags.items() <= tags_of(client, arn).items()


def ledger(stacks: Sequence[ModelStack]) -> Ledger:
    """Read whose the cloud's jobs and images are; the stacks are of one region."""
    if not stacks:
        return Ledger()
    return ledgers.read(stacks[0].target, stacks[0].region, frozenset(it.head.removesuffix("-") for it in stacks))


def stop_jobs(stack: ModelStack) -> None:
    """Stop the stack's pipelines and every job of it that still runs, and wait until they have ended.

    Raises:
        CloudError: they do not end.
    """
    client = stack.client("sagemaker")
    pipelines = _pipelines(client, stack)
    for arn in _running_executions(client, pipelines):
        client.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=f"modelyard-stop-{digest(arn, 32)}")
    _wait_until(lambda: not _running_executions(client, pipelines))
    for kind in JOB_KINDS:
        for name in _running_jobs(client, kind, stack):
            kind.stop(client, name)
    _wait_until(lambda: not any(_running_jobs(client, kind, stack) for kind in JOB_KINDS))


def _pipelines(client: Any, stack: ModelStack) -> list[str]:
    # A longer name is cut, and ends in a digest; AWS takes no prefix that ends with a dash.
    head = stack.head[: _NAME_LIMIT // 2].rstrip("-")
    return [
        item["PipelineName"]
        for page in client.get_paginator("list_pipelines").paginate(PipelineNamePrefix=head)
        for item in page["PipelineSummaries"]
        if stack.owns(client, item["PipelineArn"])
    ]


def _running_executions(client: Any, pipelines: list[str]) -> list[str]:
    return [
        item["PipelineExecutionArn"]
        for name in pipelines
        for page in client.get_paginator("list_pipeline_executions").paginate(PipelineName=name)
        for item in page["PipelineExecutionSummaries"]
        if item["PipelineExecutionStatus"] in ("Executing", "Stopping")
    ]


def _running_jobs(client: Any, kind: JobKind, stack: ModelStack) -> list[str]:
    return [name for name, arn in kind.running(client) if stack.owns(client, arn)]


def _wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise CloudError("jobs of the stack do not end", hint="stop them in SageMaker, then type the same again")
        time.sleep(_POLL_SECONDS)


def sweep(stack: ModelStack, known: Ledger) -> None:
    """Delete the stack's objects in every version, its jobs, its images, its offline features, and its logs.

    Args:
        stack: the stack, whose own resources are gone.
        known: whose the cloud's jobs and images are.
    """
    for bucket in stack.buckets:
        _delete_objects(stack, bucket)
    _delete_served(stack)
    _delete_jobs(stack, known.jobs.get((stack.project, stack.stack), []))
    for repository, tag in known.images.get(stack.head.removesuffix("-"), []):
        stack.client("ecr").batch_delete_image(repositoryName=repository, imageIds=[{"imageTag": tag}])
    _delete_feature_groups(stack)
    logs = stack.client("logs")
    for name in _log_groups(stack, logs):
        logs.delete_log_group(logGroupName=name)


def traces(stack: ModelStack, known: Ledger) -> list[tuple[str, str]]:
    """List what is left of what `sweep` deletes, as pairs of a kind and a name."""
    found = [
        ("object", f"s3://{bucket}/{item['Key']}") for bucket in stack.buckets for item in _versions(stack, bucket)
    ]
    found += [("endpoint configuration", it) for it in _served(stack, stack.client("sagemaker"))]
    jobs = [(kind, name) for kind, name in known.jobs.get((stack.project, stack.stack), []) if kind.deletable]
    found += [(f"{kind.word.lower()} job", name) for kind, name in jobs]
    found += [
        ("image", f"{repository}:{tag}") for repository, tag in known.images.get(stack.head.removesuffix("-"), [])
    ]
    found += [("feature group", it) for it in _feature_groups(stack, stack.client("sagemaker"))]
    found += [("log group", it) for it in _log_groups(stack, stack.client("logs"))]
    return found


def tagged(stacks: Sequence[ModelStack]) -> dict[str, list[tuple[str, str]]]:
    """List what AWS says has the tags of stacks, by `project/stack`; objects and jobs are looked for elsewhere."""
    found: dict[str, list[tuple[str, str]]] = {f"{it.project}/{it.stack}": [] for it in stacks}
    client = stacks[0].client("resourcegroupstaggingapi")
    for start in range(0, len(stacks), _TAG_VALUES):
        names = [it.stack for it in stacks[start : start + _TAG_VALUES]]
        filters = [{"Key": STACK_TAG, "Values": names}]
        for page in client.get_paginator("get_resources").paginate(TagFilters=filters):
            for item in page["ResourceTagMappingList"]:
                tags = {tag["Key"]: tag["Value"] for tag in item["Tags"]}
                title = f"{tags.get(PROJECT_TAG)}/{tags.get(STACK_TAG)}"
                if title in found and "-job/" not in item["ResourceARN"]:
                    found[title].append(("tagged", item["ResourceARN"]))
    return found


def _versions(stack: ModelStack, bucket: str) -> list[dict[str, str]]:
    client = stack.client("s3")
    listing = client.get_paginator("list_object_versions")
    try:
        pages = [page for it in stack.prefixes for page in listing.paginate(Bucket=bucket, Prefix=it)]
    except client.exceptions.NoSuchBucket:
        return []
    return [
        {"Key": item["Key"], "VersionId": item["VersionId"]}
        for page in pages
        for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
    ]


def _served(stack: ModelStack, client: Any) -> list[str]:
    """List what the function made that deploys approved models; its models have the names of its configurations."""
    pages = client.get_paginator("list_endpoint_configs").paginate(NameContains=stack.head[: _NAME_LIMIT // 2])
    found = [(it["EndpointConfigName"], it["EndpointConfigArn"]) for page in pages for it in page["EndpointConfigs"]]
    wanted = {**stack.tags, _MADE_BY: _FUNCTION}.items()
    return [name for name, arn in found if wanted <= tags_of(client, arn).items()]


def _delete_served(stack: ModelStack) -> None:
    client = stack.client("sagemaker")
    for name in _served(stack, client):
        client.delete_endpoint_config(EndpointConfigName=name)
        client.delete_model(ModelName=name)


def _delete_objects(stack: ModelStack, bucket: str) -> None:
    """Delete all versions, delete markers and uploads that nobody finished."""
    client, found = stack.client("s3"), _versions(stack, bucket)
    for start in range(0, len(found), _BATCH):
        client.delete_objects(Bucket=bucket, Delete={"Objects": found[start : start + _BATCH], "Quiet": True})
    for prefix in stack.prefixes:
        try:
            pages = list(client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix))
        except client.exceptions.NoSuchBucket:
            return
        for upload in (it for page in pages for it in page.get("Uploads", ()) if it["Key"].startswith(prefix)):
            client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])


def _delete_jobs(stack: ModelStack, jobs: Sequence[tuple[JobKind, str]]) -> None:
    """Delete jobs with their log streams, and a log group itself once no job has a stream in it."""
    sagemaker, logs = stack.client("sagemaker"), stack.client("logs")
    for kind, name in jobs:
        streams = _streams(logs, kind.log_group, name)
        for stream in streams:
            logs.delete_log_stream(logGroupName=kind.log_group, logStreamName=stream)
        if streams and not logs.describe_log_streams(logGroupName=kind.log_group, limit=1)["logStreams"]:
            logs.delete_log_group(logGroupName=kind.log_group)
        try:
            kind.delete(sagemaker, name)
        except sagemaker.exceptions.ResourceNotFound:
            continue


def _streams(logs: Any, group: str, job: str) -> list[str]:
    try:
        pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=group, logStreamNamePrefix=f"{job}/")
        return [item["logStreamName"] for page in pages for item in page["logStreams"]]
    except logs.exceptions.ResourceNotFoundException:
        return []


def _log_groups(stack: ModelStack, logs: Any) -> list[str]:
    """List the log groups that AWS makes for what logs first, named after it; another stack's tags tell them apart."""
    pages = (
        page
        for start in _LOG_GROUPS
        for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=f"{start}{stack.head}")
    )
    names = [item["logGroupName"] for page in pages for item in page["logGroups"]]
    return [name for name in names if _is_nobody_elses(logs.list_tags_log_group(logGroupName=name)["tags"], stack)]


def _is_nobody_elses(tags: Mapping[str, str], stack: ModelStack) -> bool:
    return all(tags.get(key, value) == value for key, value in stack.tags.items())


def _feature_groups(stack: ModelStack, client: Any) -> list[str]:
    pages = client.get_paginator("list_feature_groups").paginate(NameContains=stack.head[: _NAME_LIMIT // 2])
    return [
        item["FeatureGroupName"]
        for page in pages
        for item in page["FeatureGroupSummaries"]
        if stack.owns(client, item["FeatureGroupArn"])
    ]


def _delete_feature_groups(stack: ModelStack) -> None:
    """Delete feature groups with the table and the objects that SageMaker keeps for good."""
    client = stack.client("sagemaker")
    for name in _feature_groups(stack, client):
        offline = client.describe_feature_group(FeatureGroupName=name).get("OfflineStoreConfig", {})
        client.delete_feature_group(FeatureGroupName=name)
        table = offline.get("DataCatalogConfig", {})
        if table.get("TableName"):
            _delete_table(stack.client("glue"), table["Database"], table["TableName"])
        address = offline.get("S3StorageConfig", {}).get("ResolvedOutputS3Uri", "")
        bucket, _, prefix = address.removeprefix("s3://").partition("/")
        if prefix:
            _delete_prefix(stack.client("s3"), bucket, f"{prefix.rstrip('/')}/")


def _delete_table(glue: Any, database: str, name: str) -> None:
    try:
        glue.delete_table(DatabaseName=database, Name=name)
    except glue.exceptions.EntityNotFoundException:
        return


def _delete_prefix(client: Any, bucket: str, prefix: str) -> None:
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        items = (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
        found = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in items]
        if found:
            client.delete_objects(Bucket=bucket, Delete={"Objects": found, "Quiet": True})
