"""What is put off or done in a quicker way comes to the same."""

import asyncio
import json
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from modelyard.engine.embedded.program import digests

DESCRIBE = """
import importlib, inspect, json, sys
if sys.argv[1] == "lazy":
    from modelyard.engine.embedded.program import generated, hastening
    generated.install()
    hastening.hasten()
import pulumi
from pulumi import _types

def described(value):
    if not inspect.isclass(value):
        return [type(value).__name__, getattr(value, "__module__", ""), str(getattr(value, "__annotations__", ""))]
    kinds = {
        _types.is_input_type: (_types.input_type_types, _types.input_type_py_to_pulumi_names),
        _types.is_output_type: (_types.output_type_types,),
        lambda it: issubclass(it, pulumi.Resource): (_types.resource_types, _types.resource_py_to_pulumi_names),
    }
    read = [str(function(value)) for kind, functions in kinds.items() if kind(value) for function in functions]
    bases = [base.__name__ for base in value.__mro__]
    return [value.__module__, value.__qualname__, value.__doc__, bases, sorted(value.__dict__), read]

found = {}
for name in sys.argv[2:]:
    package = importlib.import_module(name)
    getattr(package, "nothing", None)
    for word in dir(package):
        value = getattr(package, word)
        if not word.startswith("_"):
            found[f"{name}.{word}"] = value.__name__ if inspect.ismodule(value) else described(value)
    for inner in ("_inputs", "outputs"):
        for word in importlib.import_module(f"{name}.{inner}").__all__:
            found[f"{name}.{inner}.{word}"] = described(getattr(sys.modules[f"{name}.{inner}"], word))
json.dump(found, sys.stdout)
"""


@pytest.mark.slow
def test_generated_packages_are_the_same_class_by_class():
    names = ["pulumi_aws.kms", "pulumi_aws.s3", "pulumi_aws.iam", "pulumi_aws.wafv2"]
    eager, lazy, kept = (
        json.loads(
            subprocess.run([sys.executable, "-c", DESCRIBE, way, *names], capture_output=True, check=True).stdout
        )
        for way in ("eager", "lazy", "lazy")  # the second time from what the first kept beside the bytecode
    )
    assert len(eager) > 1500
    assert lazy == eager
    assert kept == eager


def test_what_was_read_off_a_file_is_kept_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file, reads = tmp_path / "made.py", []
    file.write_text("a = 1\n")
    loader = SourceFileLoader("made", str(file))

    def read() -> digests.Digest:
        reads.append(file.read_text())
        return [reads[-1]], {"first": 1, "second": ("2", b"2")}

    def kept() -> tuple[list[str], dict[str, object]]:
        value, parts = digests.kept(loader, read)
        return value, dict(parts)

    known = {"first": 1, "second": ("2", b"2")}
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert kept() == (["a = 1\n"], known)
    assert not (tmp_path / "__pycache__").exists()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert [kept() for _ in range(3)] == [(["a = 1\n"], known)] * 3
    assert len(reads) == 2
    [place] = (tmp_path / "__pycache__").iterdir()
    for size in (0, 3, 20, place.stat().st_size - 3):  # a disk that was full
        place.write_bytes(place.read_bytes()[:size])
        assert kept() == (["a = 1\n"], known)
    assert len(reads) == 6
    file.write_text("a = 20\n")
    assert kept() == (["a = 20\n"], known)
    assert len(reads) == 7


def test_a_function_of_a_generated_package_is_not_hidden_by_its_module():
    script = """
from modelyard.engine.embedded.program import generated
generated.install()
import pulumi_aws
import pulumi_aws.kms.get_key
import sys
print(pulumi_aws.kms.get_key.__name__, callable(pulumi_aws.kms.get_key), pulumi_aws.kms.key.Key is pulumi_aws.kms.Key)
print("pulumi_aws.kms.external_key" in sys.modules)
try:
    pulumi_aws.kms.Nothing
except AttributeError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "get_key True True",
        "False",
        "module 'pulumi_aws.kms' has no attribute 'Nothing'",
    ]


def test_what_is_put_off_is_there_when_it_is_used():
    script = """
import modelyard.engine.embedded
import sys, pulumi
print("pulumi.automation._stack" in sys.modules, "dill._dill" in sys.modules, "opentelemetry.sdk" in sys.modules)
print(pulumi.automation.LocalWorkspace.__name__, pulumi.dynamic.Resource.__name__)
import dill
print(dill.loads(dill.dumps([1])))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False False False", "LocalWorkspace Resource", "[1]"]


def test_stack_traces_are_those_of_the_sdk():
    script = """
from pulumi.runtime import resource
theirs = resource._get_stack_trace
from modelyard.engine.embedded.program import hastening
hastening.hasten()
assert resource._get_stack_trace is hastening._stack_trace

class Resource:
    def __init__(self):
        self.traces = [theirs(), resource._get_stack_trace()]

class Custom(Resource):
    def __init__(self):
        super().__init__()

class Own(Custom):
    def __init__(self):
        super().__init__()

def made():
    return Own()

for one in (Resource(), made()):
    expected, found = one.traces
    print(expected == found, len(found.frames))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["True 0", "True 2"]


def test_waiting_ends_when_the_last_output_does_and_passes_an_error_on():
    import pulumi
    from pulumi.runtime.settings import SETTINGS

    from modelyard.engine.embedded.program import hastening

    async def chained(fails: bool) -> list[int]:
        seen: list[int] = []

        async def later(number: int) -> int:
            await asyncio.sleep(0.001 * number)
            seen.append(number)
            if fails and number == 3:
                raise ValueError("three")
            return number

        outputs = [pulumi.Output.from_input(later(number)) for number in range(6)]
        last = [item.apply(lambda value: later(value + 10)) for item in outputs]
        await hastening._wait_for_rpcs()
        assert len(last) == 6
        return sorted(seen)

    assert asyncio.run(chained(fails=False)) == [*range(6), *range(10, 16)]
    with pytest.raises(ValueError, match="three"):
        asyncio.run(chained(fails=True))
    SETTINGS.outputs.clear()
