"""Filters, order and pages of List operations, which SageMaker words alike everywhere."""

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from modelyard.localcloud.services.sagemaker.base import invalid

Document = dict[str, Any]
DEFAULT_PAGE = 100
_SORT_FIELDS = {
    "Name": "",
    "CreationTime": "CreationTime",
    "LastModifiedTime": "LastModifiedTime",
    "PipelineExecutionArn": "PipelineExecutionArn",
}


def select(documents: Sequence[Document], request: Document, name_field: str, status_field: str = "") -> list[Document]:
    """Return the documents that a request's filters let through, in the order it asks for.

    Args:
        documents: oldest first.
        request: the parameters of a List operation.
        name_field: the field that NameContains and SortBy=Name look at.
        status_field: the field that StatusEquals looks at.
    """
    kept = [doc for doc in documents if _matches(doc, request, name_field, status_field)]
    order = request.get("SortBy") or "CreationTime"
    descending = (request.get("SortOrder") or "Descending") == "Descending"
    field = _SORT_FIELDS.get(order, "Status" if order == "Status" else "CreationTime") or name_field
    field = status_field if field == "Status" else field
    numbered = list(enumerate(kept))
    # Two documents of one millisecond keep the order in which they were made.
    numbered.sort(key=lambda pair: (_sortable(pair[1].get(field, pair[1].get("CreationTime"))), pair[0]))
    ordered = [doc for _, doc in numbered]
    return ordered[::-1] if descending else ordered


def page(
    documents: Sequence[Document], request: Document, member: str, summary: Callable[[Document], Document]
) -> Document:
    """Return one page of summaries under the answer's member, with NextToken if there are more.

    Raises:
        ValidationException: NextToken is none of ours.
    """
    start = _offset(request.get("NextToken"))
    size = int(request.get("MaxResults") or DEFAULT_PAGE)
    answer: Document = {member: [summary(doc) for doc in documents[start : start + size]]}
    if start + size < len(documents):
        answer["NextToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    return answer


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token.encode()))
    except ValueError as error:
        raise invalid("Invalid pagination token") from error


def _matches(doc: Document, request: Document, name_field: str, status_field: str) -> bool:
    if request.get("NameContains") and request["NameContains"].lower() not in doc[name_field].lower():
        return False
    if request.get("StatusEquals") and doc.get(status_field) != request["StatusEquals"]:
        return False
    for field in ("CreationTime", "LastModifiedTime"):
        moment = doc.get(field) or doc.get("CreationTime")
        after, before = _moment(request.get(f"{field}After")), _moment(request.get(f"{field}Before"))
        if moment and ((after and moment < after) or (before and moment > before)):
            return False
    return True


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.fromtimestamp(float(value), UTC)


def _sortable(value: Any) -> str:
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else str(value or "")
