"""What the operations on jobs of every kind share: create, find, list, stop, delete."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException

from modelyard.localcloud.services.sagemaker import listing
from modelyard.localcloud.services.sagemaker.base import (
    Document,
    Operations,
    ResourceInUseException,
    invalid,
    not_found,
)

_RUNNING = ("InProgress", "Stopping")


@dataclass(frozen=True)
class JobDocuments:
    """How one kind of job is kept and answered.

    Args:
        kind: such as `TransformJob`; its fields are `TransformJobName` and so on.
        resource: the ARN's word, such as `transform-job`.
        summary: what a List operation shows of a job, besides name, ARN, status and times.
        missing: what a Describe of a job that isn't there says; None is a ResourceNotFound.
    """

    kind: str
    resource: str
    summary: Sequence[str]
    missing: str | None = None

    @property
    def name(self) -> str:
        """The field that holds a job's name."""
        return f"{self.kind}Name"

    @property
    def arn(self) -> str:
        """The field that holds a job's ARN."""
        return f"{self.kind}Arn"

    @property
    def status(self) -> str:
        """The field that holds a job's status."""
        return f"{self.kind}Status"

    def create(self, operations: Operations, request: Document, **fields: Any) -> Document:
        """Keep a new job and return its document.

        Args:
            operations: whose request it is.
            request: what is kept of it.
            fields: what SageMaker adds.

        Raises:
            ResourceInUseException: there is one of that name.
        """
        name = request[self.name]
        arn = operations.arn(self.resource, name)
        stamps = operations.stamp()
        document = {**request, **stamps, self.arn: arn, self.status: "InProgress", **fields}
        document.pop("Tags", None)
        if not operations.collection(self.kind).add(name, document):
            raise ResourceInUseException(
                f"Job name must be unique within an AWS account and region, and a job with this name already exists "
                f"({arn})"
            )
        operations.tag(arn, request)
        return document

    def find(self, operations: Operations) -> Document:
        """Return the job that a request names, or raise."""
        name = operations.request.get(self.name, "")
        return operations.found(self.kind, name, self._missing(name))

    def page(self, operations: Operations, member: str) -> Document:
        """Return one page of jobs, newest first unless the request says otherwise."""
        request = operations.request
        chosen = listing.select(operations.collection(self.kind).all(), request, self.name, self.status)
        fields = (self.name, self.arn, self.status, "CreationTime", "LastModifiedTime", *self.summary)
        return listing.page(chosen, request, member, lambda job: {field: job.get(field) for field in fields})

    def stoppable(self, operations: Operations) -> Document:
        """Return the job that a request is to stop, or raise a ValidationException."""
        job = self.find(operations)
        if job[self.status] not in _RUNNING:
            raise invalid(f"The request was rejected because the job is in status {job[self.status]}.")
        return job

    def delete(self, operations: Operations) -> Document:
        """Delete a job that is over, and return what it was."""
        job = self.find(operations)
        if job[self.status] in _RUNNING:
            raise ResourceInUseException(f"Job {job[self.name]} is still running")
        operations.forget(self.kind, job[self.name], job[self.arn])
        return job

    def _missing(self, name: str) -> ServiceException:
        return (
            not_found(f"Amazon SageMaker can't find a {self.kind} with name: {name}.")
            if self.missing is None
            else (invalid(self.missing.format(name=name)))
        )
