"""The data is versioned: the same code gives the same version, and a version comes back from the remote."""

import configparser
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


def tool() -> Any:
    specification = importlib.util.spec_from_file_location("data_remote", ROOT / "tools" / "data_remote.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_remote_is_below_the_models_prefix_in_the_platforms_bucket(tmp_path: Path):
    outputs = {"artifact_bucket": "a-bucket", "artifact_prefix": "models/m/dev", "region": "eu-central-1"}
    settings = tool().remote(outputs, "http://127.0.0.1:1")
    assert settings == {
        "url": "s3://a-bucket/models/m/dev/dvc",
        "region": "eu-central-1",
        "endpointurl": "http://127.0.0.1:1",
    }
    tool().write(tmp_path / "config.local", settings)
    written = configparser.ConfigParser()
    written.read(tmp_path / "config.local")
    assert dict(written["'remote \"platform\"'"]) == settings


def test_a_version_is_made_pushed_and_pulled(tmp_path: Path):
    pytest.importorskip("dvc", reason="versions of the data need pip install -r requirements/data.txt")
    folder = tmp_path / "repository"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".venv", ".git", "__pycache__", "data", "build"))

    def run(*words: str) -> str:
        environment = {
            **os.environ,
            "PYTHONPATH": "src",
            "DVC_NO_ANALYTICS": "1",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        return subprocess.run(words, cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout

    dvc = (sys.executable, "-m", "dvc")
    run("git", "init", "-q")
    run(*dvc, "remote", "modify", "--local", "platform", "url", str(tmp_path / "remote"))
    run(*dvc, "repro", "prepare")
    lock = (folder / "dvc.lock").read_text(encoding="utf-8")
    run(*dvc, "push")
    train = folder / "data" / "splits" / "train" / "train.csv"
    content = train.read_bytes()
    shutil.rmtree(folder / "data")
    shutil.rmtree(folder / ".dvc" / "cache")
    run(*dvc, "pull", "prepare")
    assert train.read_bytes() == content
    run(*dvc, "repro", "--force", "prepare")
    assert (folder / "dvc.lock").read_text(encoding="utf-8") == lock
