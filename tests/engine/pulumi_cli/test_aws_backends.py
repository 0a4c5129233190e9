"""State in S3 and secrets under a KMS key, both in a local cloud."""

import shutil
from dataclasses import replace

import boto3
import pytest
from engine.bench import Bench

from modelyard import wire
from modelyard.engine.base import Deployment
from modelyard.engine.plan import Op
from modelyard.engine.pulumi_cli import PulumiEngine
from modelyard.errors import StateError
from modelyard.localcloud import daemon

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not installed"),
]
PROGRAM = 't = Thing("a", value="1")\npulumi.export("pw", pulumi.Output.secret("canary"))'


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    home = tmp_path_factory.mktemp("cloud")
    yield daemon.start(home)
    daemon.stop(home)


@pytest.fixture
def bench(tmp_path, monkeypatch, cloud) -> Bench:
    for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    made = Bench(tmp_path, PulumiEngine())
    made.environment = daemon.environment(cloud, "us-east-1")
    return made


def client(cloud, service: str):
    return boto3.client(
        service,
        endpoint_url=cloud.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def whole_life(bench: Bench, described: Deployment) -> None:
    sink = bench.events.append
    assert bench.ops(bench.engine.preview(described, sink)) == {"a": Op.CREATE}
    up = bench.engine.up(described, sink)
    assert (up.outcome, up.outputs) == ("succeeded", {"pw": wire.Secret("canary")})
    assert bench.ops(bench.engine.preview(described, sink)) == {"a": Op.SAME}
    assert "canary" not in repr(bench.engine.export_state(described))
    assert bench.engine.stacks(described) == ["bench/dev"]
    assert bench.engine.destroy(described, sink).outcome == "succeeded"
    assert bench.cloud == {}


def test_state_in_s3(bench, cloud, monkeypatch):
    client(cloud, "s3").create_bucket(Bucket="states")
    bench.write(PROGRAM)
    described = replace(bench.deployment(), backend="s3://states?region=us-east-1")
    with pytest.raises(StateError, match="none was given") as error:  # nobody else could read what we made up
        bench.engine.up(described, bench.events.append)
    assert "--secrets-provider awskms://" in error.value.hint
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "shared")
    whole_life(bench, described)
    assert not (bench.folder / "state").exists()
    assert (bench.program / "Pulumi.dev.yaml").read_text().startswith("encryptionsalt: v1:")
    keys = [it["Key"] for it in client(cloud, "s3").list_objects_v2(Bucket="states")["Contents"]]
    assert ".pulumi/stacks/bench/dev.json" in keys


def test_secrets_under_a_kms_key(bench, cloud):
    key = client(cloud, "kms").create_key()["KeyMetadata"]["KeyId"]
    provider = f"awskms://{key}?region=us-east-1"
    bench.write(PROGRAM)
    (bench.program / "Pulumi.dev.yaml").write_text("config:\n  bench:mine: 1 # stays\n")
    whole_life(bench, replace(bench.deployment(), secrets_provider=provider))
    assert not (bench.folder / "state" / "passphrase").exists()
    lines = (bench.program / "Pulumi.dev.yaml").read_text().splitlines()
    assert lines[0].startswith("encryptedkey: ")
    assert lines[1:] == [f"secretsprovider: {provider}", "config:", "  bench:mine: 1 # stays"]
