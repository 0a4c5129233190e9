"""The types of identity, workspace, registry and tracking, each through its whole life in our own local cloud."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from modelyard.localcloud import daemon
from modelyard.localcloud.runtime.tracking import VARIABLE
from modelyard.wire import Props

ACCOUNT = "123456789012"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/execution"
START = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"


@pytest.fixture(scope="module")
def cloud_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A local cloud that finds no MLflow: a real one takes ten seconds to start, and is tested elsewhere."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(VARIABLE, str(home / "no-python"))
        yield daemon.start(home).endpoint_url
    daemon.stop(home)


def plain(**inputs: Any) -> Callable[[Any], Props]:
    """Return inputs that need nothing else."""
    return lambda world: dict(inputs)


def _domain(world: Any, **settings: Any) -> str:
    vpc_id = world.vpc()
    inputs = {
        "domainName": "workspace",
        "authMode": "IAM",
        "vpcId": vpc_id,
        "subnetIds": [world.subnet(vpc_id)],
        "defaultUserSettings": {"executionRole": ROLE_ARN, **settings},
    }
    made: str = world.make("aws:sagemaker/domain:Domain", inputs)[0]
    return made


def _profile(world: Any) -> Props:
    return {
        "domainId": _domain(world),
        "userProfileName": "ann",
        "userSettings": {"executionRole": ROLE_ARN, "securityGroups": ["sg-1"]},
        "tags": {"a": "1"},
    }


def _group(world: Any) -> str:
    token = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"
    made: str = world.make(token, {"modelPackageGroupName": "shared"})[0]
    return made


def _readers(*accounts: str) -> str:
    statement = {
        "Sid": "Group",
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]},
        "Action": ["sagemaker:DescribeModelPackageGroup"],
        "Resource": [f"{START}:model-package-group/shared"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


CASES = [
    (
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        plain(url="https://gitlab.example.org", clientIdLists=["one", "two"], tags={"a": "1"}),
        {"clientIdLists": ["two", "three"], "thumbprintLists": ["a" * 40], "tags": {"b": "2"}},
        {"url": "https://git.example.org"},
    ),
    (
        "aws:sagemaker/userProfile:UserProfile",
        _profile,
        {"userSettings": {"executionRole": f"{ROLE_ARN}-2", "securityGroups": ["sg-2"]}, "tags": {"b": "2"}},
        {"userProfileName": "bob"},
    ),
    (
        "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig",
        plain(
            studioLifecycleConfigName="start",
            studioLifecycleConfigAppType="JupyterLab",
            studioLifecycleConfigContent=base64.b64encode(b"#!/bin/bash\n").decode(),
            tags={"a": "1"},
        ),
        {"tags": {"a": "2"}},
        {"studioLifecycleConfigAppType": "CodeEditor"},
    ),
    (
        "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
        lambda world: {"modelPackageGroupName": _group(world), "resourcePolicy": _readers("111111111111")},
        {"resourcePolicy": _readers("111111111111", "222222222222")},
        {"modelPackageGroupName": "another"},
    ),
    (
        "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer",
        plain(trackingServerName="runs", artifactStoreUri="s3://work/mlflow", roleArn=ROLE_ARN, tags={"a": "1"}),
        {"trackingServerSize": "Medium", "artifactStoreUri": "s3://work/elsewhere", "tags": {"a": "2"}},
        {"roleArn": f"{ROLE_ARN}-2"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_life(case: tuple[Any, ...], local_life: Any):
    local_life(*case)


def _client(url: str) -> Any:
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    return boto3.client("sagemaker", endpoint_url=url, region_name="us-east-1", **keys)


def _refused(call: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]


def test_a_domain_keeps_idle_shutdown_and_the_script_that_it_uses(local_world: Any, cloud_url: str):
    token = "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig"
    content = {"studioLifecycleConfigContent": "bHM=", "studioLifecycleConfigAppType": "JupyterLab"}
    name, state = local_world.make(token, {"studioLifecycleConfigName": "start", **content})
    idle = {"idleSettings": {"lifecycleManagement": "ENABLED", "idleTimeoutInMinutes": 90}}
    domain = _domain(
        local_world, jupyterLabAppSettings={"appLifecycleManagement": idle, "lifecycleConfigArns": [state["arn"]]}
    )
    client = _client(cloud_url)
    settings = client.describe_domain(DomainId=domain)["DefaultUserSettings"]["JupyterLabAppSettings"]
    assert settings == {
        "AppLifecycleManagement": {"IdleSettings": {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 90}},
        "LifecycleConfigArns": [state["arn"]],
    }
    assert _refused(client.delete_studio_lifecycle_config, StudioLifecycleConfigName=name) == (
        "ResourceInUse",
        f"StudioLifecycleConfig {state['arn']} is in use by a domain or a user profile.",
    )


def test_a_group_that_has_readers_is_not_taken_over(local_world: Any):
    token = "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy"
    inputs = {"modelPackageGroupName": _group(local_world), "resourcePolicy": _readers("111111111111")}
    local_world.make(token, inputs)
    with pytest.raises(Exception, match="AlreadyExists"):
        local_world.make(token, inputs)


def test_configurations_and_profiles_are_listed_page_by_page(local_world: Any, cloud_url: str):
    client = _client(cloud_url)
    token = "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig"
    content = {"studioLifecycleConfigContent": "bHM=", "studioLifecycleConfigAppType": "JupyterLab"}
    for name in ("a", "b", "c"):
        local_world.make(token, {"studioLifecycleConfigName": name, **content}, name=name)
    domain = _domain(local_world)
    for name in ("ann", "bob", "cho"):
        inputs = {"domainId": domain, "userProfileName": name}
        local_world.make("aws:sagemaker/userProfile:UserProfile", inputs, name=name)
    configs = client.get_paginator("list_studio_lifecycle_configs").paginate(
        SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    pages = [[item["StudioLifecycleConfigName"] for item in page["StudioLifecycleConfigs"]] for page in configs]
    assert pages == [["a", "b"], ["c"]]
    profiles = client.get_paginator("list_user_profiles").paginate(
        DomainIdEquals=domain, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["UserProfiles"]) for page in profiles] == [2, 1]
    assert _refused(client.create_user_profile, DomainId=domain, UserProfileName="ann")[0] == "ResourceInUse"
    assert _refused(client.describe_user_profile, DomainId=domain, UserProfileName="eve")[0] == "ResourceNotFound"
    assert _refused(client.describe_studio_lifecycle_config, StudioLifecycleConfigName="z")[0] == "ResourceNotFound"


def test_features_are_described(local_world: Any, cloud_url: str):
    client = _client(cloud_url)
    local_world.make(
        "aws:sagemaker/featureGroup:FeatureGroup",
        {
            "featureGroupName": "customers",
            "recordIdentifierFeatureName": "customer",
            "eventTimeFeatureName": "time",
            "featureDefinitions": [{"featureName": name, "featureType": "String"} for name in ("customer", "time")],
            "roleArn": ROLE_ARN,
            "onlineStoreConfig": {"enableOnlineStore": True},
        },
    )
    where = {"FeatureGroupName": "customers", "FeatureName": "customer"}
    assert "Description" not in client.describe_feature_metadata(**where)
    client.update_feature_metadata(
        **where, Description="who", ParameterAdditions=[{"Key": "team", "Value": "a"}, {"Key": "pii", "Value": "yes"}]
    )
    client.update_feature_metadata(**where, ParameterRemovals=["team"])
    known = client.describe_feature_metadata(**where)
    assert (known["Description"], known["FeatureType"]) == ("who", "String")
    assert known["Parameters"] == [{"Key": "pii", "Value": "yes"}]
    missing = {**where, "FeatureName": "age"}
    assert _refused(client.describe_feature_metadata, **missing)[0] == "ResourceNotFound"
