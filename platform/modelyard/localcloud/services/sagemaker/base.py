"""What all of our SageMaker operations share."""

import copy
import json
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import get_service_model
from moto.sagemaker.exceptions import (
    AWSValidationException,
    ConflictException,
    ResourceInUseException,
    ResourceNotFound,
)
from moto.sagemaker.responses import SageMakerResponse

from modelyard.localcloud.runtime.host import sagemaker_arn
from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.services import validation
from modelyard.localcloud.state.store import Collection

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud

__all__ = ["ActionResult", "ConflictException", "EmptyResult", "Operations", "ResourceInUseException", "invalid"]

Document = dict[str, Any]


class SerializationException(AWSValidationException):
    """A request that isn't what its operation reads."""

    code = "SerializationException"


@cache
def _actions() -> frozenset[str]:
    """Return the names of all of SageMaker's operations."""
    return frozenset(get_service_model("sagemaker").operation_names)


def invalid(message: str) -> ServiceException:
    """Return a ValidationException."""
    return AWSValidationException(message)


def not_found(message: str) -> ServiceException:
    """Return a ResourceNotFound."""
    return ResourceNotFound(message)


class Operations(SageMakerResponse):
    """Base of the mixins that hold our operations; moto's own answer whatever none of them has.

    A resource is a document: its request, kept whole, and what SageMaker adds; a describe call returns it, and the
    serializer drops what the operation's shape has not.
    """

    cloud: ClassVar["LocalCloud"]

    def call_action(self) -> TYPE_RESPONSE:
        """Refuse what AWS refuses, then answer."""
        refused = self._problem(self._get_action())
        if refused:
            return self._refuse(refused)
        answer: TYPE_RESPONSE = super().call_action()
        return answer

    def _problem(self, action: str | None) -> ServiceException | None:
        """Return what is wrong with the request itself, whatever the operation is."""
        if action not in _actions():
            return None
        given = json.loads(self.body or "{}")
        said = validation.mistyped("sagemaker", str(action), given)
        if said:
            return SerializationException(said)
        problems = validation.violations("sagemaker", str(action), given)
        return AWSValidationException(validation.message(problems)) if problems else None

    def _refuse(self, error: ServiceException) -> TYPE_RESPONSE:
        status, headers, body = self.serialized(ActionResult(error))
        headers["status"] = status
        return status, headers, body

    @property
    def request(self) -> Document:
        """The request's parameters, copied."""
        return copy.deepcopy(dict(self._get_params()))

    @property
    def here(self) -> str:
        """The region that the client signed for."""
        return str(self.region)

    def collection(self, kind: str) -> Collection:
        """Return the documents of one kind in this region."""
        return self.cloud.store.collection(self.here, kind)

    def arn(self, resource: str, name: str) -> str:
        """Return a resource's ARN."""
        return sagemaker_arn(self.here, resource, name)

    def found(self, kind: str, name: str, error: ServiceException) -> Document:
        """Return a document, or raise."""
        document = self.collection(kind).get(name)
        if document is None:
            raise error
        return document

    def tag(self, arn: str, request: Document) -> None:
        """Take the tags out of a create request and put them on the resource."""
        tags = {item["Key"]: item["Value"] for item in request.pop("Tags", None) or []}
        if tags:
            self.cloud.store.put_tags(arn, tags)

    def forget(self, kind: str, name: str, arn: str) -> None:
        """Delete a document and its tags."""
        self.collection(kind).remove(name)
        self.cloud.store.put_tags(arn, {})

    @staticmethod
    def stamp() -> dict[str, datetime]:
        """Return the two times of a new resource."""
        moment = now()
        return {"CreationTime": moment, "LastModifiedTime": moment}
