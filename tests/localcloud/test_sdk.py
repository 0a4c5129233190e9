"""The SageMaker SDK as its guide shows it, with nothing set but what `modelyard cloud env` prints."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from modelyard.localcloud import daemon

from .conftest import ACCOUNT, Cloud

ROLE = f"arn:aws:iam::{ACCOUNT}:role/sdk-worker"
PROGRAM = """
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.processing import ProcessingOutput, ScriptProcessor
from sagemaker.core.shapes import ProcessingS3Output

bucket = Session().default_bucket()
processor = ScriptProcessor(
    role={role!r}, image_uri="sklearn", command=["python3"], instance_count=1, instance_type="ml.m5.large"
)
target = ProcessingS3Output(
    s3_uri=f"s3://{{bucket}}/sdk/out", local_path="/opt/ml/processing/output", s3_upload_mode="EndOfJob"
)
processor.run(
    code="prepare.py", arguments=["--rows", "3"], outputs=[ProcessingOutput(output_name="out", s3_output=target)]
)

from sagemaker.core.helper.iam_role_resolver import RoleValidationError, resolve_and_validate_role

print("ROLE", resolve_and_validate_role({role!r}, "training"))
try:
    resolve_and_validate_role({role!r}.replace("sdk-worker", "sdk-idle"), "training")
except RoleValidationError as error:
    print("REFUSED", error)
"""
PREPARE = """
import sys
from pathlib import Path

Path("/opt/ml/processing/output/rows.txt").write_text("row\\n" * int(sys.argv[2]))
print("prepared")
"""


def test_the_sdk_is_told_of_a_bucket_that_it_needs_no_account_for(tmp_path: Path) -> None:
    info = daemon.CloudInfo(1, 2, "http://127.0.0.1:2", tmp_path, 0.0)
    path = Path(daemon.environment(info, "eu-west-1")["SAGEMAKER_ADMIN_CONFIG_OVERRIDE"])
    assert path == tmp_path / "cloud" / "sagemaker-sdk-eu-west-1.yaml"
    session = {"DefaultS3Bucket": "sagemaker-eu-west-1-123456789012"}
    modules = {"Session": session, "TelemetryOptOut": True}
    assert json.loads(path.read_text()) == {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": modules}}}


@pytest.mark.slow
def test_the_sdk_runs_a_processor_and_checks_its_role(cloud: Cloud, tmp_path: Path) -> None:
    pytest.importorskip("sagemaker")
    iam = cloud.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    for name in ("sdk-worker", "sdk-idle"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    iam.attach_role_policy(RoleName="sdk-worker", PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess")
    (tmp_path / "prepare.py").write_text(PREPARE)
    (tmp_path / "program.py").write_text(PROGRAM.format(role=ROLE))
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = kept | daemon.environment(cloud.info, "us-east-1")
    command = [sys.executable, "program.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"ROLE {ROLE}" in done.stdout
    assert "REFUSED IAM role 'arn:aws:iam::123456789012:role/sdk-idle' cannot be used" in done.stdout
    assert cloud.get("s3://sagemaker-us-east-1-123456789012/sdk/out/rows.txt") == b"row\n" * 3
