"""Parliament, an IAM linter that nobody here wrote, finds nothing in any policy of the shipped stacks.

It is no part of the development environment, as it needs an old setuptools. Install it in one of its own, and name its
command: `uv tool install parliament --with 'setuptools<81'`, or MODELYARD_PARLIAMENT=/path/to/bin/parliament.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session
from stacks.lab import ENVIRONMENTS, Lab

from modelyard import wire
from modelyard.engine.base import Change
from modelyard.policies import documents

COMMAND = os.environ.get("MODELYARD_PARLIAMENT") or shutil.which("parliament")
WHERE = {**documents.IDENTITY, **documents.RESOURCE, **documents.ENDPOINT, **documents.TRUST}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(COMMAND is None, reason="parliament is not installed (see this file's first lines)"),
]


def policies(changes: tuple[Change, ...]) -> Iterator[tuple[str, str]]:
    """Return the policy documents of a plan, each under the name of what holds it."""
    for change in changes:
        if change.planned is not None and change.type in WHERE:
            text: Any = wire.reveal(change.planned.inputs.get(WHERE[change.type]))
            if text is not None:
                assert isinstance(text, str), f"the policy of {change.name} is not known"
                yield f"{change.name}.{change.type.rpartition(':')[2]}", as_permission(change, text)


def as_permission(change: Change, text: str) -> str:
    """Return a document that parliament can read: a trust policy names no resource, for it is the role's own."""
    document = json.loads(text)
    for statement in document["Statement"] if change.type in documents.TRUST else ():
        statement["Resource"] = "arn:aws:iam::123456789012:role/own"
    return json.dumps(document)


def judged(folder: Path) -> list[dict[str, Any]]:
    """Let parliament read every document of a folder; returns its findings."""
    done = subprocess.run(
        [str(COMMAND), "--directory", str(folder), "--json"], capture_output=True, text=True, check=False
    )
    assert done.stderr.count("Traceback") == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [it for it in found if not is_about_itself(it) and not is_newer(it)]


def is_about_itself(finding: dict[str, Any]) -> bool:
    """Tell whether a finding is `Resource: *` in the policy of a key or an endpoint: the key or endpoint itself."""
    kind = finding["location"]["filepath"].split(".")[-2]
    return finding["issue"] == "RESOURCE_STAR" and kind in ("Key", "VpcEndpoint")


def is_newer(finding: dict[str, Any]) -> bool:
    """Tell whether an action is unknown only because AWS made it after parliament's list; botocore's is newer."""
    service, _, operation = finding["detail"].removeprefix("Unknown action ").partition(":")
    known = finding["issue"] == "UNKNOWN_ACTION" and service == "sagemaker"
    return known and operation in get_session().get_service_model(service).operation_names


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_it_finds_nothing_in_our_policies(lab: Lab, environment: str, tmp_path: Path):
    found = [
        (name, document)
        for result in lab.plan(environment, pretending=True).values()
        for name, document in policies(result.changes)
    ]
    assert len(found) >= 10
    for name, document in found:
        (tmp_path / f"{name}.json").write_text(document)
    told = [(Path(it["location"]["filepath"]).stem, it["issue"], it["detail"]) for it in judged(tmp_path)]
    assert sorted(told, key=str) == []


def test_it_would_find_something(tmp_path: Path):
    wild = {"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "arn:aws:s3:::data/*"}
    (tmp_path / "wrong.Policy.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [wild]}))
    assert [it["issue"] for it in judged(tmp_path)] == ["UNKNOWN_ACTION"]
