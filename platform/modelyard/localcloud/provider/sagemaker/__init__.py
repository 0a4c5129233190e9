"""SageMaker's resource types, and its dialect of tags."""

from collections.abc import Mapping
from typing import Any

from modelyard.localcloud.provider.errors import NotReadyError
from modelyard.localcloud.provider.tags import TagOperations

TAGS = TagOperations(
    "sagemaker",
    list_operation="list_tags",
    tag_operation="add_tags",
    untag_operation="delete_tags",
    resource="ResourceArn",
)


def is_ready(answer: Mapping[str, Any], status: str, ready: str, what: str) -> bool:
    """Tell whether a described resource has reached a status.

    Args:
        answer: the describing operation's answer.
        status: the member that holds the status.
        ready: the status to reach.
        what: names the resource in errors.

    Raises:
        NotReadyError: it has failed.
    """
    now = str(answer[status])
    if now.endswith("Failed"):
        raise NotReadyError(f"{what} is {now}: {answer.get('FailureReason') or 'AWS gave no reason'}")
    return now == ready
