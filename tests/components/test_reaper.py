"""The reaper of branches' stacks: what its build types, and what its role may do."""

import json
import shlex
from fnmatch import fnmatchcase

import pytest
import yaml
from pydantic import ValidationError

from modelyard.components.cost import reaper_policy as policy
from modelyard.components.cost.reaper import buildspec
from modelyard.components.cost.settings import ReaperSettings
from modelyard.components.identity import ci
from modelyard.components.identity.realm import Realm
from modelyard.naming import Scope

SCOPE = Scope(owner="modelyard", environment="dev", region="eu-central-1")
ACCOUNT = "123456789012"
NIGHTLY = "cron(0 3 * * ? *)"
# What `modelyard branch down` was seen to call besides the engine's own deletions, with jobs, images and logs to sweep.
SWEEP = {
    "ecr": {"DescribeRepositories", "ListImages"},
    "logs": {"DeleteLogGroup", "DeleteLogStream", "DescribeLogGroups", "DescribeLogStreams", "ListTagsLogGroup"},
    "s3": {"AbortMultipartUpload", "DeleteObject", "DeleteObjectVersion"}
    | {"ListBucketMultipartUploads", "ListBucketVersions"},
    "sagemaker": {f"List{it}Jobs" for it in ("AutoML", "HyperParameterTuning", "Processing", "Training", "Transform")}
    | {f"Stop{it}Job" for it in ("AutoML", "HyperParameterTuning", "Processing", "Training", "Transform")}
    | {f"Delete{it}Job" for it in ("HyperParameterTuning", "Processing", "Training")}
    | {"ListEndpointConfigs", "ListFeatureGroups", "ListPipelineExecutions", "ListPipelines", "ListTags"}
    | {"DeleteEndpointConfig", "DeleteModel", "StopPipelineExecution"},
    "tag": {"GetResources"},
}


def commands(**chosen: object) -> dict[str, list[str]]:
    phases = yaml.safe_load(buildspec(ReaperSettings(schedule=NIGHTLY, **chosen)))["phases"]
    return {name: phase["commands"] for name, phase in phases.items()}


def test_it_works_on_the_state_of_its_home():
    found = commands()
    assert found["build"] == ["modelyard branch reap"]
    assert found["install"][0] == ': "${MODELYARD_HOME:?where the state is: set cost.reaper.backend}"'


def test_it_works_on_states_in_s3_with_the_pulumi_cli():
    remotes = {"risk": "https://example.com/risk's.git", "churn": "https://example.com/churn.git"}
    found = commands(backend="s3://my-states?region=eu-central-1", remotes=remotes)
    assert shlex.split(found["build"][0]) == [
        *("modelyard", "branch", "reap", "--engine", "pulumi", "--target", "aws"),
        *("--backend", "s3://my-states?region=eu-central-1"),
        *("--remote", "churn=https://example.com/churn.git", "--remote", "risk=https://example.com/risk's.git"),
    ]
    assert [it.partition(" ||")[0] for it in found["install"]] == [
        "command -v modelyard",
        "command -v pulumi",
        "PATH=/opt/pulumi/bin:$PATH",
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"schedule": "at night"}, {"schedule": "rate(1 day); x"}, {"backend": "file:///tmp"}, {"backend": "s3://a b"}],
)
def test_settings_that_are_none(wrong: dict[str, str]):
    with pytest.raises(ValidationError):
        ReaperSettings(**{"schedule": NIGHTLY, **wrong})


def test_it_deletes_only_what_is_a_branchs_on_this_platform():
    document = json.loads(json.dumps(policy.reaper(SCOPE, ACCOUNT, "/aws/codebuild/reaper", ["artifacts", "capture"])))
    statements = {it["Sid"]: it for it in document["Statement"]}
    own = {
        "StringEquals": {
            "aws:ResourceTag/modelyard:platform": "dev",
            "aws:ResourceTag/modelyard:protect": "false",
        },
        "StringLike": {"aws:ResourceTag/modelyard:branch": "?*"},
        "StringNotEquals": {"aws:ResourceTag/modelyard:branch": "none"},
    }
    deleting = {sid for sid, it in statements.items() if sid.startswith("Delete")}
    untagged = {"DeleteVersions", "DeleteLogs", "DeleteObjects"}
    assert {sid for sid in deleting if statements[sid].get("Condition") == own} == deleting - untagged
    assert statements["DeleteObjects"]["Resource"] == [
        "arn:aws:s3:::artifacts/previews/*",
        "arn:aws:s3:::capture/previews/*",
    ]
    assert [sid for sid, it in statements.items() if it["Resource"] == "*"] == ["List", "NoEnvironments"]
    words = [it for one in document["Statement"] if one["Effect"] == "Allow" for it in one["Action"]]
    assert [it for it in words if "*" in it or ":Create" in it or ":Put" in it] == [
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ]


@pytest.mark.parametrize(
    ("key", "secret", "sids"),
    [
        ("", "", ["States", "SeeStates"]),
        ("arn:key", "", ["States", "SeeStates", "StateKey"]),
        ("", "arn:secret", ["States", "SeeStates", "Passphrase"]),
    ],
)
def test_it_reaches_the_states_bucket_alone(key: str, secret: str, sids: list[str]):
    document = policy.state(SCOPE, "s3://my-states/deep?region=x", key, secret)
    assert [it["Sid"] for it in document["Statement"]] == sids
    assert [it["Resource"] for it in document["Statement"]] == [
        "arn:aws:s3:::my-states/*",
        "arn:aws:s3:::my-states",
        *filter(None, (key, secret)),
    ]


@pytest.mark.parametrize("who", ["reaper", "pipelines of branches"])
def test_whoever_takes_a_stack_away_may_sweep_and_look(who: str):
    if who == "reaper":
        document = policy.reaper(SCOPE, ACCOUNT, "/aws/codebuild/reaper", ["artifacts"])
    else:
        arns = {f"{it}_arn": f"arn:{it}" for it in ("bucket", "data_bucket", "capture_bucket", "key", "repository")}
        document = ci.branches(Realm(scope=SCOPE, account_id=ACCOUNT, **arns))
    allowed = {it for one in document["Statement"] if one["Effect"] == "Allow" for it in one["Action"]}
    needed = [f"{service}:{word}" for service, words in SWEEP.items() for word in words]
    assert [it for it in needed if not any(fnmatchcase(it, pattern) for pattern in allowed)] == []
    assert len(json.dumps(document, separators=(",", ":"))) < 10_240  # of all of a role's own policies
