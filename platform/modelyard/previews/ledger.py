"""What a cloud keeps of jobs and images, read once: whose each of them is, by its tags."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from modelyard.targets import Target

PROJECT_TAG, STACK_TAG = "modelyard:project", "modelyard:environment"
_ENDED = 501  # what a cloud answers that has no such operation


@dataclass(frozen=True)
class JobKind:
    """A kind of SageMaker job and how the API calls it.

    Args:
        word: the API's word, such as `Training`.
        log_group: where its jobs log.
        snake: the word in boto3's methods, where it is not the same in lower case.
        listed: where the API's list is, where it is not named after the word.
        deletable: whether a job that is over can be deleted; AWS keeps others for good.
    """

    word: str
    log_group: str
    snake: str = ""
    listed: str = ""
    deletable: bool = True

    @property
    def method(self) -> str:
        """Return the word in boto3's methods."""
        return self.snake or self.word.lower()

    def running(self, client: Any) -> Iterator[tuple[str, str]]:
        """List names and ARNs of those that have not ended."""
        for status in ("InProgress", "Stopping"):
            yield from self.all(client, StatusEquals=status)

    def all(self, client: Any, **filters: str) -> Iterator[tuple[str, str]]:
        """List names and ARNs; none where the cloud knows nothing of such jobs."""
        try:
            for page in client.get_paginator(f"list_{self.method}_jobs").paginate(**filters):
                for item in page[self.listed or f"{self.word}JobSummaries"]:
                    yield item[f"{self.word}JobName"], item[f"{self.word}JobArn"]
        except client.exceptions.ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") != _ENDED:
                raise

    def stop(self, client: Any, name: str) -> None:
        """Stop one."""
        getattr(client, f"stop_{self.method}_job")(**{f"{self.word}JobName": name})

    def delete(self, client: Any, name: str) -> None:
        """Delete one that is over, if it can be."""
        if self.deletable:
            getattr(client, f"delete_{self.method}_job")(**{f"{self.word}JobName": name})


JOB_KINDS = (
    JobKind("AutoML", "/aws/sagemaker/TrainingJobs", "auto_ml", deletable=False),
    JobKind("HyperParameterTuning", "/aws/sagemaker/TrainingJobs", "hyper_parameter_tuning"),
    JobKind("Training", "/aws/sagemaker/TrainingJobs"),
    JobKind("Processing", "/aws/sagemaker/ProcessingJobs"),
    JobKind("Transform", "/aws/sagemaker/TransformJobs", deletable=False),
)


@dataclass(frozen=True)
class Ledger:
    """All jobs of a cloud, by whose they are.

    Args:
        jobs: by project and stack, each job's kind and name.
        images: by project and stack joined by a dash, the repository and the tag of each image that is tagged so,
            be it with a dash and more behind it.
    """

    jobs: Mapping[tuple[str, str], list[tuple[JobKind, str]]] = field(default_factory=dict)
    images: Mapping[str, list[tuple[str, str]]] = field(default_factory=dict)


def read(target: Target, region: str, stacks: frozenset[str]) -> Ledger:
    """Read whose the jobs and images of a cloud are.

    Args:
        target: the cloud.
        region: the AWS region.
        stacks: projects and stacks, joined by a dash, that are asked about.
    """
    client = target.client("sagemaker", region)
    jobs: dict[tuple[str, str], list[tuple[JobKind, str]]] = {}
    for kind in JOB_KINDS:
        for name, arn in list(kind.all(client)):
            tags = tags_of(client, arn)
            jobs.setdefault((tags.get(PROJECT_TAG, ""), tags.get(STACK_TAG, "")), []).append((kind, name))
    return Ledger(jobs, _images(target.client("ecr", region), stacks))


def tags_of(client: Any, arn: str) -> dict[str, str]:
    """Return the tags of something of SageMaker's; none if it is gone meanwhile."""
    try:
        return {tag["Key"]: tag["Value"] for tag in client.list_tags(ResourceArn=arn)["Tags"]}
    except client.exceptions.ResourceNotFound:
        return {}


def _images(client: Any, stacks: frozenset[str]) -> dict[str, list[tuple[str, str]]]:
    """Find the images of stacks: `<project>-<stack>`, or that with a dash and whatever their maker added."""
    found: dict[str, list[tuple[str, str]]] = {}
    for page in client.get_paginator("describe_repositories").paginate():
        for repository in [it["repositoryName"] for it in page["repositories"]]:
            for tag in _image_tags(client, repository):
                heads = tag.split("-")
                names = ("-".join(heads[:count]) for count in range(1, len(heads) + 1))
                for stack in (name for name in names if name in stacks):
                    found.setdefault(stack, []).append((repository, tag))
    return found


def _image_tags(client: Any, repository: str) -> list[str]:
    pages = client.get_paginator("list_images").paginate(repositoryName=repository, filter={"tagStatus": "TAGGED"})
    return [item["imageTag"] for page in pages for item in page["imageIds"] if item.get("imageTag")]
