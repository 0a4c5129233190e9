"""Terraform with the real AWS provider works on the local cloud: apply, an empty second plan, a clean destroy.

It runs where `terraform` is on PATH and the provider's plugin is found: in the folder that MODELYARD_TF_PLUGINS names
(a filesystem mirror), or by the file that TF_CLI_CONFIG_FILE names.
"""

import ast
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelyard.localcloud import daemon
from modelyard.localcloud.inventory import inventory

HERE = Path(__file__).parent / "terraform"
ROOT = Path(__file__).parents[2]
PLUGINS = os.environ.get("MODELYARD_TF_PLUGINS", "")
CONFIGURATION = Path(os.environ.get("TF_CLI_CONFIG_FILE", "/nonexistent"))
REASON = "terraform, or its AWS provider (MODELYARD_TF_PLUGINS, TF_CLI_CONFIG_FILE), is not on this machine"

# Types that Terraform calls otherwise than Pulumi does: module and class to Terraform's word.
OTHERWISE = {
    "ec2.NatGateway": "nat_gateway",
    "ec2.Eip": "eip",
    "vpc.SecurityGroupIngressRule": "vpc_security_group_ingress_rule",
    "vpc.SecurityGroupEgressRule": "vpc_security_group_egress_rule",
    "ec2.VpcEndpoint": "vpc_endpoint",
    "s3.BucketObjectv2": "s3_object",
    "iam.OpenIdConnectProvider": "iam_openid_connect_provider",
    "cloudwatch.LogMetricFilter": "cloudwatch_log_metric_filter",
    "cloudtrail.Trail": "cloudtrail",
    "costexplorer.CostAllocationTag": "ce_cost_allocation_tag",
    "lambda_.Function": "lambda_function",
    "lambda_.Permission": "lambda_permission",
}
UNPREFIXED = ("ec2",)
# Log groups that services make for themselves, and that stay behind as they do on AWS.
LOGS = ("/aws/lambda/judge-idle", "/aws/sagemaker/Endpoints/judge")


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def used() -> set[str]:
    """Return the types that components make, in Terraform's words."""
    found = set()
    for path in [*(ROOT / "platform/modelyard/components").rglob("*.py"), *(ROOT / "stacks").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and (word := _type(node.func)):
                found.add(word)
    return found


def _type(called: ast.expr) -> str:
    """Return the type that a call such as `aws.s3.Bucket(...)` makes; empty for any other call."""
    text = ast.unparse(called)
    if not re.fullmatch(r"aws\.\w+\.[A-Z]\w*", text) or text.endswith(("Args", "ArgsDict")):
        return ""
    _, module, name = text.split(".")
    word = snake(name) if module in UNPREFIXED else f"{module}_{snake(name)}"
    return "aws_" + OTHERWISE.get(f"{module}.{name}", word)


def configured() -> set[str]:
    texts = "".join(path.read_text() for path in HERE.glob("*.tf"))
    return set(re.findall(r'^resource "(\w+)"', texts, re.MULTILINE))


def test_there_is_an_equivalent_of_every_type_that_we_use():
    assert used() - configured() == set()


class Terraform:
    """A working folder, and the binary on the local cloud."""

    def __init__(self, folder: Path, info: daemon.CloudInfo) -> None:
        self.folder = folder / "work"
        shutil.copytree(HERE, self.folder)
        _archives(self.folder)
        self.environment = {**os.environ, **daemon.environment(info, "us-east-1"), "TF_IN_AUTOMATION": "1"}
        self.environment |= {"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": str(mirror(folder))}

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["terraform", *words, "-no-color"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def sees_no_change(self) -> None:
        done = self.run("plan", "-detailed-exitcode", "-input=false")
        assert done.returncode == 0, done.stderr + done.stdout.partition("Terraform used")[2]

    def ok(self, *words: str) -> str:
        done = self.run(*words)
        assert done.returncode == 0, f"{words}:\n{done.stderr}\n{done.stdout[-3000:]}"
        return done.stdout


def mirror(folder: Path) -> Path:
    if not PLUGINS:
        return CONFIGURATION
    path = folder / "terraform.rc"
    path.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{PLUGINS}"\n  }}\n}}\n')
    return path


def _archives(folder: Path) -> None:
    with zipfile.ZipFile(folder / "function.zip", "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return 'done'\n")
    with tarfile.open(folder / "model.tar.gz", "w:gz") as model:
        text = b"import json\ndef model_fn(folder):\n    return None\n"
        member = tarfile.TarInfo("code/inference.py")
        member.size = len(text)
        model.addfile(member, io.BytesIO(text))


@pytest.fixture
def terraform(tmp_path: Path, home: Path) -> Iterator[Terraform]:
    if shutil.which("terraform") is None or not (PLUGINS or CONFIGURATION.is_file()):
        pytest.skip(REASON)
    yield Terraform(tmp_path, daemon.start(home))


@pytest.mark.slow
def test_terraform_applies_sees_no_change_and_destroys(terraform: Terraform, home: Path):
    info = daemon.status(home)
    assert info is not None
    terraform.ok("init", "-input=false")
    terraform.ok("apply", "-auto-approve", "-input=false")
    state = json.loads(terraform.ok("show", "-json"))
    made = {it["type"] for it in state["values"]["root_module"]["resources"] if it["mode"] == "managed"}
    assert made == configured()
    terraform.sees_no_change()
    daemon.stop(home)  # what it made survives a restart
    daemon.start(home, info.port)
    terraform.sees_no_change()
    terraform.ok("destroy", "-auto-approve", "-input=false")
    left = {(it.type, it.id) for it in inventory(info.endpoint_url, "us-east-1")}
    assert left <= {("aws:cloudwatch/logGroup:LogGroup", name) for name in LOGS}
