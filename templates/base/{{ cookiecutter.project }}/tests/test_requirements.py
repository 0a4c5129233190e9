"""A job installs its requirements only if its image lacks any."""

from importlib.metadata import version
from pathlib import Path

import pytest

from {{ cookiecutter.__package }} import requirements


def unmet(folder: Path, *lines: str) -> list[str]:
    (folder / "some.txt").write_text("# why\n\n" + "\n".join(lines), encoding="utf-8")
    return requirements.unmet(folder / "some.txt")


def test_what_is_met_is_left_alone(tmp_path: Path):
    major = version("pytest").split(".")[0]
    assert unmet(tmp_path, "pytest", f"pytest>={major},<{int(major) + 1}", f"pytest=={major}") == []
    requirements.main(["some"], tmp_path)


def test_what_is_missing_or_of_another_version_is_told(tmp_path: Path):
    missing = ["no-such-distribution>=1", "pytest>=1000", "pytest<1.5", "pytest @ file:///x"]
    assert unmet(tmp_path, *missing) == missing


def test_what_pip_can_not_install_ends_the_job(tmp_path: Path):
    unmet(tmp_path, "no-such-distribution @ file:///nowhere")
    with pytest.raises(SystemExit, match="needs no-such-distribution @ file:///nowhere, and pip can't install it"):
        requirements.main(["some"], tmp_path)
