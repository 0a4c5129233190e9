"""What batch transform does to records, without a model."""

import struct

import pytest

from modelyard.localcloud.runtime.transform import records
from modelyard.localcloud.runtime.transform.jsonpath import JsonPath, JsonPathError
from modelyard.localcloud.runtime.transform.records import Association, RecordError


def association(*, reads: str = "$", writes: str = "$", join: bool = False, kind: str = "text/csv") -> Association:
    return Association(JsonPath(reads), JsonPath(writes), join, kind, kind)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", {"id": 7, "features": [1, 2, 3], "a b": {"c": 1}}),
        ("$.features", [1, 2, 3]),
        ("$['a b'].c", 1),
        ("$['id','features']", {"id": 7, "features": [1, 2, 3]}),
        ("$.features[0]", 1),
        ("$.features[-1]", 3),
        ("$.features[0, 2]", [1, 3]),
        ("$.features[1:]", [2, 3]),
        ("$.features[:-1]", [1, 2]),
        ("$.features[*]", [1, 2, 3]),
    ],
)
def test_paths_find(path: str, found: object) -> None:
    assert JsonPath(path).find({"id": 7, "features": [1, 2, 3], "a b": {"c": 1}}) == found


@pytest.mark.parametrize("path", ["", "features", "$..id", "$.features[?(@>1)]", "$.a["])
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(JsonPathError):
        JsonPath(path)


@pytest.mark.parametrize("path", ["$.nothing", "$.features[9]", "$.id[0]", "$['id','x']"])
def test_a_path_that_leads_nowhere_says_so(path: str) -> None:
    with pytest.raises(JsonPathError, match="finds nothing"):
        JsonPath(path).find({"id": 7, "features": [1, 2, 3]})


def test_files_are_split() -> None:
    assert records.split(b"1,2\n\n3,4\r\n5", "Line") == [b"1,2", b"3,4", b"5"]
    assert records.split(b"1,2\n3,4\n", "None") == [b"1,2\n3,4\n"]
    tf = [struct.pack("<QI", len(body), 0) + body + struct.pack("<I", 0) for body in (b"one", b"three")]
    assert records.split(b"".join(tf), "TFRecord") == tf
    io = [
        struct.pack("<II", 0xCED7230A, len(body)) + body.ljust((len(body) + 3) // 4 * 4, b"\0")
        for body in (b"one", b"three")
    ]
    assert records.split(b"".join(io), "RecordIO") == io
    for kind in ("TFRecord", "RecordIO"):
        with pytest.raises(RecordError, match=f"the file is no {kind}"):
            records.split(b"no such records at all", kind)


def test_records_are_packed_up_to_the_limit() -> None:
    lines = [b"12", b"34", b"56"]
    assert list(records.pack(lines, "Line", single=False, limit=6)) == [[b"12", b"34"], [b"56"]]
    assert list(records.pack(lines, "Line", single=True, limit=0)) == [[b"12"], [b"34"], [b"56"]]
    assert list(records.pack(lines, "Line", single=False, limit=0)) == [lines]
    with pytest.raises(RecordError, match="a record of 2 bytes is larger than MaxPayloadInMB"):
        list(records.pack(lines, "Line", single=False, limit=1))


def test_csv_is_filtered_and_joined() -> None:
    joins = association(reads="$[1:]", writes="$[0,-1]", join=True)
    batch = [b'"a,b",1,2', b"c,3,4"]
    assert records.payload(batch, "Line", joins) == b"1,2\n3,4"
    assert records.answers(batch, b"0.5\n0.7\n", joins) == [b'"a,b",0.5', b"c,0.7"]
    with pytest.raises(RecordError, match="the model gave 1 answers to 2 records"):
        records.answers(batch, b"0.5\n", joins)


def test_json_is_joined_under_its_own_name() -> None:
    lines = association(join=True, kind="application/jsonlines")
    assert records.answers([b'{"x": 1}', b"[2]"], b'{"y": 1}\n{"y": 2}\n', lines) == [
        b'{"x": 1, "SageMakerOutput": {"y": 1}}',
        b'[2, {"y": 2}]',
    ]
    whole = association(reads="$.x", writes="$['id','SageMakerOutput']", join=True, kind="application/json")
    assert records.payload([b'{"id": 3, "x": [1, 2]}'], "None", whole) == b"[1, 2]"
    assert records.answers([b'{"id": 3, "x": [1, 2]}'], b"[0.5]", whole) == [b'{"id": 3, "SageMakerOutput": [0.5]}']


def test_answers_are_assembled() -> None:
    assert records.assemble([b"1\n2\n", b"3"], "Line") == b"1\n2\n3\n"
    assert records.assemble([b"1\n2\n", b"3"], "None") == b"1\n2\n3"
