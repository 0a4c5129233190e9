"""Records of batch transform: split, packed into requests, filtered, joined, assembled.

The developer guide, "Batch transform" and "Associate Prediction Results with Input Records".
"""

import csv
import io
import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from modelyard.localcloud.runtime.transform.jsonpath import JsonPath, JsonPathError

CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
MEBIBYTE = 2**20
_RECORDIO_MAGIC = 0xCED7230A
_RECORDIO_LENGTH = (1 << 29) - 1


class RecordError(Exception):
    """Records can't be split, filtered or joined; the message is for the job's FailureReason."""


@dataclass(frozen=True)
class Association:
    """What DataProcessing asks for.

    Args:
        input_filter: what of a record the model gets.
        output_filter: what of a record and its answer is written.
        join: whether the answer is written with its record.
        content_type: of the records.
        accept: of the answers.
    """

    input_filter: JsonPath
    output_filter: JsonPath
    join: bool
    content_type: str
    accept: str

    @property
    def is_identity(self) -> bool:
        """Whether answers are written as the model gives them."""
        return self.output_filter.is_identity and not self.join


def split(content: bytes, kind: str) -> list[bytes]:
    """Return a file's records.

    Args:
        content: the file.
        kind: SplitType: None, Line, RecordIO or TFRecord.

    Raises:
        RecordError: the file is not of that kind.
    """
    if kind == "Line":
        return [line for line in content.splitlines() if line.strip()]
    try:
        if kind == "RecordIO":
            return list(_record_io(content))
        if kind == "TFRecord":
            return list(_tf_records(content))
    except (struct.error, ValueError) as error:
        raise RecordError(f"the file is no {kind}: {error}") from error
    return [content]


def pack(records: Sequence[bytes], kind: str, *, single: bool, limit: int) -> Iterator[list[bytes]]:
    """Group records into requests.

    Args:
        records: of one file.
        kind: SplitType.
        single: one record in each request (BatchStrategy SingleRecord).
        limit: bytes that a request may have; 0 is any number.

    Raises:
        RecordError: one record alone is larger.
    """
    batch: list[bytes] = []
    size = 0
    separator = 1 if kind == "Line" else 0
    for record in records:
        length = len(record) + separator
        if limit and len(record) > limit:
            raise RecordError(f"a record of {len(record)} bytes is larger than MaxPayloadInMB ({limit} bytes)")
        if batch and (single or (limit and size + length > limit)):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += length
    if batch:
        yield batch


def payload(batch: Sequence[bytes], kind: str, association: Association) -> bytes:
    """Return one request's body.

    Raises:
        RecordError: the input filter finds nothing.
    """
    if not association.input_filter.is_identity:
        batch = [_write(_filter(association.input_filter, value), association) for value in _read(batch, association)]
    return (b"\n" if kind == "Line" else b"").join(batch)


def answers(batch: Sequence[bytes], body: bytes, association: Association) -> list[bytes]:
    """Return what is written for one request: the model's answer, filtered and joined as asked.

    Raises:
        RecordError: the answers are not as many as the records, or a filter finds nothing.
    """
    if association.is_identity:
        return [body]
    given = _read(batch, association)
    got = _answered(body, len(given), association)
    if len(given) != len(got):
        raise RecordError(f"the model gave {len(got)} answers to {len(given)} records, which can't be joined")
    joined = [_join(one, other) if association.join else other for one, other in zip(given, got, strict=True)]
    return [_write(_filter(association.output_filter, value), association) for value in joined]


def assemble(pieces: Sequence[bytes], kind: str) -> bytes:
    """Return the output file.

    Args:
        pieces: what is written for each request, in order.
        kind: AssembleWith: None concatenates, Line ends each with a line break.
    """
    return b"".join(piece.removesuffix(b"\n") + b"\n" for piece in pieces) if kind == "Line" else b"".join(pieces)


def _filter(path: JsonPath, value: Any) -> Any:
    try:
        return path.find(value)
    except JsonPathError as error:
        raise RecordError(str(error)) from error


def _join(given: Any, got: Any) -> Any:
    if isinstance(given, list):
        return [*given, *got] if isinstance(got, list) else [*given, got]
    if isinstance(given, dict):
        return {**given, "SageMakerOutput": got}
    return {"SageMakerInput": given, "SageMakerOutput": got}


def _read(batch: Sequence[bytes], association: Association) -> list[Any]:
    if association.content_type == CSV:
        return [row for record in batch for row in csv.reader(io.StringIO(record.decode()))]
    try:
        return [json.loads(line) for record in batch for line in _documents(record, association.content_type)]
    except ValueError as error:
        raise RecordError(f"a record is not {association.content_type}: {error}") from error


def _answered(body: bytes, count: int, association: Association) -> list[Any]:
    if association.accept == CSV:
        return list(csv.reader(io.StringIO(body.decode())))
    try:
        if association.accept == JSON_LINES:
            return [json.loads(line) for line in body.splitlines() if line.strip()]
        whole = json.loads(body)
    except ValueError as error:
        raise RecordError(f"the model's answer is not {association.accept}: {error}") from error
    # A model answers several lines with one list of as many members, and one with whatever it likes.
    return whole if count > 1 and isinstance(whole, list) else [whole]


def _documents(record: bytes, content_type: str) -> list[bytes]:
    return record.splitlines() if content_type == JSON_LINES else [record]


def _write(value: Any, association: Association) -> bytes:
    if association.content_type == CSV:
        file = io.StringIO()
        row = value if isinstance(value, list) else [value]
        cells = [json.dumps(cell) if isinstance(cell, (dict, list)) else cell for cell in row]
        csv.writer(file, lineterminator="").writerow(cells)
        return file.getvalue().encode()
    return json.dumps(value).encode()


def _record_io(content: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(content):
        magic, length = struct.unpack_from("<II", content, position)
        if magic != _RECORDIO_MAGIC:
            raise ValueError(f"no record begins at byte {position}")
        size = 8 + ((length & _RECORDIO_LENGTH) + 3) // 4 * 4
        yield content[position : position + size]
        position += size


def _tf_records(content: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(content):
        (length,) = struct.unpack_from("<Q", content, position)
        size = 8 + 4 + length + 4
        if position + size > len(content):
            raise ValueError(f"the record at byte {position} is cut off")
        yield content[position : position + size]
        position += size
