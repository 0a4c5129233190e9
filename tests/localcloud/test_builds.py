"""CodeBuild's builds in the local cloud: really run, logged, counted, stopped, and over after a restart."""

import json
import os
import signal
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from modelyard.localcloud import daemon
from modelyard.localcloud.runtime import buildspecs
from modelyard.localcloud.runtime.buildspecs import BuildspecError

from .conftest import Cloud, until

ROLE = "arn:aws:iam::123456789012:role/builder"
DEFAULT = {"A": "1"}
SUCCEEDING = "echo $CODEBUILD_BUILD_SUCCEEDING"


def spec(**phases: list[str]) -> str:
    return yaml.safe_dump({"version": 0.2, "phases": {name: {"commands": them} for name, them in phases.items()}})


def project(cloud: Cloud, name: str, buildspec: str, **more: Any) -> Any:
    """Make a project, anew where there is one."""
    client = cloud.client("codebuild")
    client.delete_project(name=name)
    environment = {
        "type": "ARM_CONTAINER",
        "computeType": "BUILD_GENERAL1_SMALL",
        "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
        "environmentVariables": [{"name": key, "value": value} for key, value in DEFAULT.items()],
    }
    client.create_project(
        name=name,
        source={"type": "NO_SOURCE", "buildspec": buildspec},
        artifacts={"type": "NO_ARTIFACTS"},
        environment=environment,
        serviceRole=ROLE,
        **more,
    )
    return client


def described(client: Any, build_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.batch_get_builds(ids=[build_id])["builds"][0]
    return found


def ended(client: Any, build_id: str) -> dict[str, Any]:
    return until(lambda: described(client, build_id), lambda it: it["buildComplete"])


def built(client: Any, name: str, **more: Any) -> dict[str, Any]:
    return ended(client, client.start_build(projectName=name, **more)["build"]["id"])


def told(cloud: Cloud, build: dict[str, Any]) -> list[str]:
    lines = cloud.log(build["logs"]["groupName"], build["logs"]["streamName"])
    return [it for it in lines if not it.startswith("[Container]")]


def test_phases_share_a_shell_and_a_log(cloud: Cloud):
    text = spec(
        install=["export B=2\ncd /", "echo in $A"],
        build=['echo "$A $B $PWD $CODEBUILD_BUILD_SUCCEEDING"'],
        post_build=["echo after"],
    )
    client = project(cloud, "phases", text)
    override = [{"name": "A", "value": "it's 7"}]
    build = built(client, "phases", environmentVariablesOverride=override)
    assert (build["buildStatus"], build["buildNumber"], build["currentPhase"]) == ("SUCCEEDED", 1, "COMPLETED")
    phases = [(it["phaseType"], it.get("phaseStatus")) for it in build["phases"]]
    assert phases == [
        ("SUBMITTED", "SUCCEEDED"),
        ("INSTALL", "SUCCEEDED"),
        ("BUILD", "SUCCEEDED"),
        ("POST_BUILD", "SUCCEEDED"),
        ("COMPLETED", None),
    ]
    assert told(cloud, build) == ["in it's 7", "it's 7 2 / 1", "after"]


@pytest.mark.parametrize(
    ("phases", "status", "said"),
    [
        ({"build": ["echo a", "false && true", "echo never"], "post_build": [SUCCEEDING]}, "FAILED", ["a", "0"]),
        ({"install": ["exit 3"], "build": ["echo never"], "post_build": ["echo never"]}, "FAILED", []),
        ({"build": ["true"], "post_build": ["false"]}, "FAILED", []),
    ],
)
def test_the_first_failure_ends_its_phase(cloud: Cloud, phases: Any, status: str, said: list[str]):
    build = built(project(cloud, "failing", spec(**phases)), "failing")
    assert (build["buildStatus"], told(cloud, build)) == (status, said)


def test_failures_are_counted(cloud: Cloud):
    client = project(cloud, "counted", spec(build=["exit 1"]))
    built(client, "counted")
    dimensions = [{"Name": "ProjectName", "Value": "counted"}]

    def metrics() -> set[str]:
        listed = cloud.client("cloudwatch").list_metrics(Namespace="AWS/CodeBuild", Dimensions=dimensions)
        return {it["MetricName"] for it in listed["Metrics"]}

    assert until(metrics, lambda it: len(it) == 3) == {"Builds", "FailedBuilds", "Duration"}


def test_secrets_and_parameters_are_looked_up(cloud: Cloud):
    cloud.client("secretsmanager").create_secret(Name="word", SecretString="hidden")
    cloud.client("ssm").put_parameter(Name="/word", Value="open", Type="String")
    client = project(cloud, "secrets", spec(build=["echo $S $P"]))
    named = [
        {"name": "S", "value": "word", "type": "SECRETS_MANAGER"},
        {"name": "P", "value": "/word", "type": "PARAMETER_STORE"},
    ]
    assert told(cloud, built(client, "secrets", environmentVariablesOverride=named)) == ["hidden open"]
    named = [{"name": "S", "value": "gone", "type": "SECRETS_MANAGER"}]
    build = built(client, "secrets", environmentVariablesOverride=named)
    assert (build["buildStatus"], build["phases"][1]["phaseType"]) == ("FAILED", "DOWNLOAD_SOURCE")


def test_one_build_at_a_time_and_it_can_be_stopped(cloud: Cloud):
    client = project(cloud, "long", spec(build=["echo begun", "sleep 600"]), concurrentBuildLimit=1)
    first = client.start_build(projectName="long")["build"]["id"]
    with pytest.raises(ClientError, match=r"AccountLimitExceededException.*limit of 1"):
        client.start_build(projectName="long")
    client.stop_build(id=first)
    assert ended(client, first)["buildStatus"] == "STOPPED"
    assert client.list_builds_for_project(projectName="long")["ids"] == [first]
    client.delete_project(name="long")
    assert client.batch_get_builds(ids=[first]) | {"ResponseMetadata": 0} == {
        "builds": [],
        "buildsNotFound": [first],
        "ResponseMetadata": 0,
    }


def test_a_rule_starts_one(cloud: Cloud):
    client = project(cloud, "ruled", spec(build=["echo by a rule"]))
    arn = client.batch_get_projects(names=["ruled"])["projects"][0]["arn"]
    events = cloud.client("events")
    events.put_rule(Name="mine", EventPattern=json.dumps({"source": ["of.a.test"]}))
    events.put_targets(Rule="mine", Targets=[{"Id": "build", "Arn": arn, "RoleArn": ROLE}])
    events.put_events(Entries=[{"Source": "of.a.test", "DetailType": "it", "Detail": "{}"}])
    found = until(lambda: client.list_builds_for_project(projectName="ruled")["ids"], bool)
    assert told(cloud, ended(client, found[0])) == ["by a rule"]


def test_what_is_not_there_is_not_found(cloud: Cloud):
    client = cloud.client("codebuild")
    for call in (
        lambda: client.start_build(projectName="nothing"),
        lambda: client.list_builds_for_project(projectName="nothing"),
        lambda: client.update_project(name="nothing"),
        lambda: client.stop_build(id="nothing:1"),
    ):
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            call()
    assert client.batch_get_projects(names=["nothing"])["projectsNotFound"] == ["nothing"]


@pytest.mark.slow
def test_projects_are_listed_page_after_page(cloud: Cloud):
    client = cloud.client("codebuild")
    names = [f"page-{number:03}" for number in range(101)]
    for name in names:
        project(cloud, name, spec(build=["true"]))
    first = client.list_projects()
    assert len(first["projects"]) == 100
    listed = [it for page in client.get_paginator("list_projects").paginate() for it in page["projects"]]
    assert [it for it in listed if it.startswith("page-")] == names
    for name in names:
        client.delete_project(name=name)


@pytest.mark.slow
def test_a_kill_ends_what_was_being_built(tmp_path: Any):
    cloud = Cloud(daemon.start(tmp_path))
    try:
        client = project(cloud, "long", spec(build=["echo begun", "sleep 600"]))
        build = client.start_build(projectName="long")["build"]
        current = until(
            lambda: client.batch_get_builds(ids=[build["id"]])["builds"][0], lambda it: it["currentPhase"] == "BUILD"
        )
        assert current["buildStatus"] == "IN_PROGRESS"
        os.kill(cloud.info.pid, signal.SIGKILL)
        cloud = Cloud(daemon.start(tmp_path))
        client = cloud.client("codebuild")
        again = described(client, build["id"])
        assert (again["buildStatus"], again["buildComplete"]) == ("FAULT", True)
        assert client.batch_get_projects(names=["long"])["projects"][0]["source"]["type"] == "NO_SOURCE"
    finally:
        daemon.stop(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no version"),
        ("version: 1", "no version"),
        ("version: 0.2", "phases must be"),
        ("version: 0.2\nphases: {deploy: {commands: [a]}}", "phases must be"),
        ("version: 0.2\nphases: {build: {commands: a}}", "must be a list"),
        ("a: [", "YAML_FILE_ERROR"),
    ],
)
def test_a_buildspec_that_is_none(text: str, said: str):
    with pytest.raises(BuildspecError, match=said):
        buildspecs.read(text)
