"""Writes Parquet: flat columns, each value present or not, uncompressed.

Source: the Apache Parquet format specification (`parquet.thrift`, "Encodings") and Thrift's compact protocol. A library
would cost the cloud more memory than everything else it holds.
"""

import itertools
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_MAGIC = b"PAR1"
_BOOLEAN, _INT64, _DOUBLE, _BYTES = 0, 2, 5, 6
_PHYSICAL = {"string": _BYTES, "bigint": _INT64, "double": _DOUBLE, "boolean": _BOOLEAN, "timestamp": _INT64}
_CONVERTED = {"string": 0, "timestamp": 9}
_PLAIN, _RLE = 0, 3
_OPTIONAL = 1
_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12

Field = tuple[int, int, Any]


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        name: its name.
        kind: string, bigint, double, boolean or timestamp.
        values: None where there is no value.
    """

    name: str
    kind: str
    values: Sequence[Any]


def dump(columns: Sequence[Column]) -> bytes:
    """Return a Parquet file of one row group.

    Args:
        columns: at least one, all of the same length.
    """
    content = bytearray(_MAGIC)
    chunks = []
    rows = len(columns[0].values)
    for column in columns:
        page = _page(column)
        header = _struct(
            [
                (1, _I32, 0),
                (2, _I32, len(page)),
                (3, _I32, len(page)),
                (5, _STRUCT, [(1, _I32, rows), (2, _I32, _PLAIN), (3, _I32, _RLE), (4, _I32, _RLE)]),
            ]
        )
        offset, size = len(content), len(header) + len(page)
        content += header + page
        chunks.append([(2, _I64, offset), (3, _STRUCT, _metadata(column, rows, offset, size))])
    group = [(1, _LIST, (_STRUCT, chunks)), (2, _I64, len(content) - len(_MAGIC)), (3, _I64, rows)]
    schema = [[(4, _BINARY, "schema"), (5, _I32, len(columns))], *(_element(column) for column in columns)]
    footer = _struct(
        [
            (1, _I32, 1),
            (2, _LIST, (_STRUCT, schema)),
            (3, _I64, rows),
            (4, _LIST, (_STRUCT, [group])),
            (6, _BINARY, "modelyard"),
        ]
    )
    return bytes(content + footer + struct.pack("<I", len(footer)) + _MAGIC)


def _element(column: Column) -> list[Field]:
    fields: list[Field] = [(1, _I32, _PHYSICAL[column.kind]), (3, _I32, _OPTIONAL), (4, _BINARY, column.name)]
    if column.kind in _CONVERTED:
        fields.append((6, _I32, _CONVERTED[column.kind]))
    return fields


def _metadata(column: Column, rows: int, offset: int, size: int) -> list[Field]:
    return [
        (1, _I32, _PHYSICAL[column.kind]),
        (2, _LIST, (_I32, [_PLAIN, _RLE])),
        (3, _LIST, (_BINARY, [column.name])),
        (4, _I32, 0),
        (5, _I64, rows),
        (6, _I64, size),
        (7, _I64, size),
        (9, _I64, offset),
    ]


def _page(column: Column) -> bytes:
    """Return a data page: which rows have a value, then the values."""
    levels = b"".join(
        _varint(len(list(run)) << 1) + bytes([present])
        for present, run in itertools.groupby(int(value is not None) for value in column.values)
    )
    values = [value for value in column.values if value is not None]
    return struct.pack("<I", len(levels)) + levels + _plain(column.kind, values)


def _plain(kind: str, values: Sequence[Any]) -> bytes:
    if kind == "string":
        encoded = [str(value).encode() for value in values]
        return b"".join(struct.pack("<I", len(value)) + value for value in encoded)
    if kind == "double":
        return struct.pack(f"<{len(values)}d", *(float(value) for value in values))
    if kind == "boolean":
        packed = bytearray((len(values) + 7) // 8)
        for place, value in enumerate(values):
            packed[place // 8] |= int(bool(value)) << (place % 8)
        return bytes(packed)
    return struct.pack(f"<{len(values)}q", *(_whole(value) for value in values))


def _whole(value: Any) -> int:
    return round(value.timestamp() * 1000) if isinstance(value, datetime) else int(value)


def _struct(fields: Sequence[Field]) -> bytes:
    written, last = bytearray(), 0
    for number, kind, value in fields:
        delta = number - last
        written.append(delta << 4 | kind)
        written += _value(kind, value)
        last = number
    return bytes(written) + b"\x00"


def _value(kind: int, value: Any) -> bytes:
    if kind in (_I32, _I64):
        return _varint(value << 1 if value >= 0 else (-value << 1) - 1)
    if kind == _BINARY:
        text: bytes = value.encode()
        return _varint(len(text)) + text
    if kind == _LIST:
        element, items = value
        head = bytes([len(items) << 4 | element]) if len(items) < 15 else bytes([0xF0 | element]) + _varint(len(items))
        return head + b"".join(_value(element, item) for item in items)
    return _struct(value)


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
