"""Programs with a virtual environment of their own, as Pulumi.yaml names it."""

import sysconfig
import venv
from pathlib import Path

import pytest
from engine.bench import Bench

from modelyard.engine.base import Severity

PROJECT = "name: bench\nruntime:\n  name: python\n  options:\n    toolchain: pip\n    virtualenv: {}\n"


@pytest.fixture
def packages(bench: Bench) -> Path:
    """The folder of packages of a virtual environment beside the program, which holds one module."""
    home = bench.folder / "own"
    venv.create(home, symlinks=True)
    (bench.program / "Pulumi.yaml").write_text(PROJECT.format(home))
    folder = Path(sysconfig.get_path("purelib", "venv", {"base": str(home), "platbase": str(home)}))
    (folder / "only_here.py").write_text("VALUE = 'found'\n")
    return folder


def test_a_program_runs_in_its_own_environment(bench, packages):
    (packages / "pulumi.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    program = """
    import sys, only_here
    Thing("a", value=only_here.VALUE)
    pulumi.export("prefix", sys.prefix)
    """
    outputs = bench.up(program).outputs
    assert bench.cloud["a-1"]["value"] == "found"
    assert Path(outputs["prefix"]).samefile(packages.parents[2])
    assert bench.up().has_changes is False


@pytest.mark.parametrize("bench", ["embedded"], indirect=True)
def test_an_environment_without_pulumi_says_what_to_type(bench, packages):
    result = bench.up("")
    said = "\n".join(bench.said(Severity.INFO))
    assert result.outcome == "failed"
    assert "pulumi is not installed in" in said
    assert said.endswith("-m pip install pulumi")


@pytest.mark.parametrize("bench", ["embedded"], indirect=True)
def test_where_the_environment_is_missing_ours_does_as_well(bench):
    (bench.program / "Pulumi.yaml").write_text(PROJECT.format("nowhere"))
    assert bench.up('Thing("a")').outcome == "succeeded"
