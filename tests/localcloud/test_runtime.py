"""The runtime's pure parts: paths, archives, references, conditions, handlers."""

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from modelyard.localcloud.runtime.container import Container
from modelyard.localcloud.runtime.handlers import HandlerError, Unsupported, decode, encode, load
from modelyard.localcloud.runtime.objects import ObjectError, unpack
from modelyard.localcloud.runtime.pipelines.caching import cache_key, lifetime
from modelyard.localcloud.runtime.pipelines.conditions import holds
from modelyard.localcloud.runtime.pipelines.definition import Step
from modelyard.localcloud.runtime.pipelines.references import PathError, Scope, follow


def test_a_container_rewrites_opt_ml_and_nothing_else(tmp_path: Path) -> None:
    container = Container(tmp_path)
    ml = f"{tmp_path}/opt/ml"
    assert container.rewrite("cd /opt/ml/input && ls /opt/ml; a=/opt/ml:/opt/mlx /x/opt/ml") == (
        f"cd {ml}/input && ls {ml}; a={ml}:/opt/mlx /x/opt/ml"
    )
    assert container.path("/opt/ml/model") == tmp_path / "opt/ml/model"
    for outside in ("/etc", "/opt/mlx", "/opt/ml/../../etc", "opt/ml"):
        with pytest.raises(ValueError, match="/opt/ml"):
            container.path(outside)


@pytest.mark.parametrize("name", ["../evil", "/evil"])
def test_an_archive_can_not_leave_its_folder(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "a.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    inside = tmp_path / "deep" / "inside"
    if name.startswith("/"):
        # The filter takes the slash away, as tar itself does.
        unpack(archive, inside)
        assert [path.name for path in inside.iterdir()] == ["evil"]
    else:
        with pytest.raises(ObjectError, match=r"can't extract a\.tar\.gz"):
            unpack(archive, inside)
    assert not (tmp_path / "deep" / "evil").exists()


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(b"no archive")
    with pytest.raises(ObjectError, match=r"can't extract a\.tar\.gz"):
        unpack(tmp_path / "a.tar.gz", tmp_path / "inside")


def scope(**properties: Any) -> Scope:
    files = {"PropertyFiles": [{"PropertyFileName": "P", "OutputName": "o", "FilePath": "f.json"}]}
    steps = {"S": Step("S", "Processing", {}, {}, None, files)}
    read = {"s3://b/o/f.json": '{"a": {"b": [1, {"c d": 2}]}}'}
    return Scope({"N": 3, "T": "x"}, {"PipelineExecutionId": "id"}, properties, steps, read.__getitem__)


def test_references_are_resolved() -> None:
    outputs = {"ProcessingOutputConfig": {"Outputs": [{"OutputName": "o", "S3Output": {"S3Uri": "s3://b/o"}}]}}
    seen = scope(S=outputs)
    assert seen.resolve(
        {
            "number": {"Get": "Parameters.N"},
            "joined": {"Std:Join": {"On": "/", "Values": ["s3:/", {"Get": "Execution.PipelineExecutionId"}, 1]}},
            "property": [{"Get": "Steps.S.ProcessingOutputConfig.Outputs['o'].S3Output.S3Uri"}],
            "by_number": {"Get": "Steps.S.ProcessingOutputConfig.Outputs[0].OutputName"},
            "json": {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.S.PropertyFiles.P"}, "Path": "a.b[1]['c d']"}},
            "plain": {"Get": "Parameters.T", "other": 1},
        }
    ) == {
        "number": 3,
        "joined": "s3://id/1",
        "property": ["s3://b/o"],
        "by_number": "o",
        "json": 2,
        "plain": {"Get": "Parameters.T", "other": 1},
    }


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("a.x", "ClientError: what: there is no 'x' in 'a.x'"),
        ("a.b[9]", "ClientError: what: there is no '9' in 'a.b[9]'"),
        ("a b", "ClientError: what: can't read the path 'a b'"),
    ],
)
def test_a_path_to_nowhere_says_so(path: str, message: str) -> None:
    with pytest.raises(PathError) as lost:
        follow({"a": {"b": [1]}}, path, "what")
    assert str(lost.value) == message


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        ({"Type": "Equals", "LeftValue": "0.5", "RightValue": 0.5}, True),
        ({"Type": "Equals", "LeftValue": True, "RightValue": True}, True),
        ({"Type": "GreaterThan", "LeftValue": 1, "RightValue": 1}, False),
        ({"Type": "GreaterThanOrEqualTo", "LeftValue": 1, "RightValue": 1}, True),
        ({"Type": "LessThan", "LeftValue": 1, "RightValue": 1}, False),
        ({"Type": "LessThanOrEqualTo", "LeftValue": 1, "RightValue": 1}, True),
        ({"Type": "In", "QueryValue": "b", "Values": ["a", "b"]}, True),
        ({"Type": "Not", "Expression": {"Type": "In", "QueryValue": "c", "Values": ["a"]}}, True),
        (
            {
                "Type": "Or",
                "Conditions": [
                    {"Type": "Equals", "LeftValue": 1, "RightValue": 2},
                    {"Type": "Equals", "LeftValue": 2, "RightValue": 2},
                ],
            },
            True,
        ),
    ],
)
def test_conditions(condition: dict[str, Any], truth: bool) -> None:
    assert holds(condition) is truth


def test_an_impossible_comparison_says_so() -> None:
    with pytest.raises(PathError, match="can't compare 'x' with 1"):
        holds({"Type": "LessThan", "LeftValue": "x", "RightValue": 1})


def test_cache_keys_depend_on_what_counts() -> None:
    fields = {"CacheConfig": {"Enabled": True, "ExpireAfter": "P1DT2H"}}
    one = {"AppSpecification": {"ImageUri": "a"}, "ProcessingOutputConfig": {"Outputs": []}}
    key = cache_key("Processing", fields, one)
    assert key == cache_key("Processing", fields, {**one, "ProcessingOutputConfig": {"Outputs": [1]}})
    assert key != cache_key("Processing", fields, {"AppSpecification": {"ImageUri": "b"}})
    assert (cache_key("Processing", {}, one), cache_key("Condition", fields, one)) == ("", "")
    expiry = lifetime(fields)
    assert expiry is not None
    assert expiry.total_seconds() == 26 * 3600


def handlers(folder: Path, code: str) -> Any:
    (folder / "code").mkdir()
    (folder / "code" / "inference.py").write_text(code)
    return load(folder, "inference.py")


def test_default_handlers_read_and_write_arrays(tmp_path: Path) -> None:
    code = "class M:\n    def predict(self, x):\n        return x.sum(axis=1)\ndef model_fn(folder):\n    return M()\n"
    made = handlers(tmp_path, code)
    model = made.model_fn(str(tmp_path))
    assert made.transform(model, b"1,2\n3,4", "text/csv", "application/json") == (b"[3.0, 7.0]", "application/json")
    assert made.transform(model, b"[[1, 2]]", "application/json", "text/csv") == (b"3\n", "text/csv")
    array = encode([[1, 2]], "application/x-npy")
    assert decode(array, "application/x-npy").tolist() == [[1, 2]]
    with pytest.raises(Unsupported) as refused:
        made.transform(model, b"", "image/png", "text/csv")
    assert refused.value.status == 415
    with pytest.raises(Unsupported) as refused:
        made.transform(model, b"1", "text/csv", "image/png")
    assert refused.value.status == 406


def test_transform_fn_alone_is_enough(tmp_path: Path) -> None:
    code = (
        "def model_fn(folder):\n    return 2\n"
        "def transform_fn(model, data, content_type, accept):\n    return data * model, 'text/x'\n"
    )
    made = handlers(tmp_path, code)
    assert made.transform(2, b"ab", "text/plain", "text/csv") == (b"abab", "text/x")


def test_a_model_without_code_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(HandlerError, match=r"the model has no code/inference\.py; put it into model\.tar\.gz"):
        load(tmp_path, "inference.py")
