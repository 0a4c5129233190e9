"""Prowler, an auditor that nobody here wrote, finds nothing of medium severity or higher in what we provision.

What it may find is in `prowler.yaml`, each with its reason. Prowler needs an environment of its own:
`uv tool install prowler`, or MODELYARD_PROWLER=/path/to/bin/prowler.
"""

import fnmatch
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from stacks.lab import Lab

from modelyard.localcloud import daemon

COMMAND = os.environ.get("MODELYARD_PROWLER") or shutil.which("prowler")
ACCEPTED = Path(__file__).parent / "prowler.yaml"
ENVIRONMENT = "prod"
SERVICES = (
    "awslambda",
    "cloudtrail",
    "cloudwatch",
    "ec2",
    "ecr",
    "eventbridge",
    "iam",
    "kms",
    "s3",
    "sagemaker",
    "sns",
    "vpc",
)
SEVERITIES = ("medium", "high", "critical")

pytestmark = pytest.mark.slow


def accepted() -> dict[str, dict[str, Any]]:
    """Return what prowler may find: its checks, each with the resources and the reason."""
    return yaml.safe_load(ACCEPTED.read_text())["Mutelist"]["Accounts"]["*"]["Checks"]


def audited(lab: Lab, folder: Path) -> list[dict[str, Any]]:
    """Let prowler look at the cloud; returns its findings, good and bad."""
    environment = {**os.environ, **daemon.environment(lab.info, "us-east-1"), "AWS_REGION": "us-east-1"}
    words = ["aws", "--services", *SERVICES, "--severity", *SEVERITIES, "--region", "us-east-1"]
    words += ["--output-formats", "json-ocsf", "--output-directory", str(folder), "--output-filename", "found"]
    words += ["--mutelist-file", str(ACCEPTED), "--no-banner", "--ignore-exit-code-3"]
    environment["HOME"] = str(folder)
    done = subprocess.run(
        [str(COMMAND), *words], env=environment, cwd=folder, capture_output=True, text=True, timeout=900, check=False
    )
    path = folder / "found.ocsf.json"
    assert path.is_file(), done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(path.read_text())


def told(finding: dict[str, Any]) -> tuple[str, str, str]:
    """Return a finding's check, the resource's name and what is wrong."""
    return finding["metadata"]["event_code"], finding["resources"][0]["name"], finding["status_detail"]


def test_what_is_accepted_has_reasons():
    assert {name: it.get("Description", "") for name, it in accepted().items() if len(it["Description"]) < 20} == {}


@pytest.mark.skipif(COMMAND is None, reason="prowler is not installed (see this file's first lines)")
def test_it_finds_nothing_in_prod_that_is_not_accepted(lab: Lab, tmp_path: Path):
    lab.up(ENVIRONMENT)
    try:
        findings = audited(lab, tmp_path)
    finally:
        lab.destroy(ENVIRONMENT)
    failed = [told(it) for it in findings if it["status_code"] == "FAIL" and it.get("status") != "Suppressed"]
    assert sorted(failed) == []
    passed = {it["metadata"]["event_code"] for it in findings if it["status_code"] == "PASS"}
    assert len(passed) >= 40, "prowler could not look at what is there"
    muted = {it["metadata"]["event_code"] for it in findings if it.get("status") == "Suppressed"}
    unused = [name for name in accepted() if not fnmatch.filter(muted, name)]
    assert unused == [], "these are accepted, and nothing has them"
