"""A training is recorded offline, in a file that can be sent later."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from {{ cookiecutter.__package }} import tracking
from {{ cookiecutter.__package }}.settings import PROJECT

pytest.importorskip("wandb", reason="tracking needs pip install -r src/requirements/tracking.txt")

RECORD = """
import pathlib, sys
from {package} import tracking
tracking.record(dict(rate=0.5), dict(loss=0.25), pathlib.Path(sys.argv[1]))
"""


def test_a_run_without_a_key_is_kept_in_the_jobs_output(tmp_path: Path):
    # In a process of its own, as a job is one: the file is whole when it ends.
    source, package = Path(tracking.__file__).resolve().parents[1], tracking.__name__.partition(".")[0]
    environment = {name: value for name, value in os.environ.items() if name != "WANDB_API_KEY"}
    environment["PYTHONPATH"] = os.pathsep.join([str(source), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", RECORD.format(package=package), str(tmp_path)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    (written,) = tmp_path.glob("wandb/offline-run-*/run-*.wandb")
    content = written.read_bytes()
    for word in (b"rate", b"loss", b"0.25", PROJECT.encode()):
        assert word in content
