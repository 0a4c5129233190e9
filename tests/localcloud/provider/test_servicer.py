"""The provider's answers that do not depend on the resource type."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from modelyard.localcloud.provider import registry
from modelyard.localcloud.provider.errors import PartialCreate, ProviderError
from modelyard.localcloud.provider.servicer import AwsProvider
from modelyard.wire import UNKNOWN, Secret, from_struct, to_struct

BUCKET = "aws:s3/bucket:Bucket"
VPC = "aws:ec2/vpc:Vpc"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
TYPES = {
    "aws:appautoscaling/policy:Policy",
    "aws:appautoscaling/target:Target",
    "aws:budgets/budget:Budget",
    "aws:cloudtrail/trail:Trail",
    "aws:cloudwatch/dashboard:Dashboard",
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:codebuild/project:Project",
    "aws:costexplorer/costAllocationTag:CostAllocationTag",
    "aws:dynamodb/table:Table",
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/eip:Eip",
    "aws:ec2/flowLog:FlowLog",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/route:Route",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "aws:ecr/repository:Repository",
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
    "aws:glue/catalogDatabase:CatalogDatabase",
    "aws:iam/instanceProfile:InstanceProfile",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    "aws:iam/policy:Policy",
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:kms/alias:Alias",
    "aws:kms/key:Key",
    "aws:lambda/function:Function",
    "aws:lambda/permission:Permission",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
    "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
    "aws:s3/bucketLogging:BucketLogging",
    "aws:s3/bucketLoggingV2:BucketLoggingV2",
    "aws:s3/bucketObject:BucketObject",
    "aws:s3/bucketObjectv2:BucketObjectv2",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
    "aws:s3/bucketV2:BucketV2",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:s3/bucketVersioningV2:BucketVersioningV2",
    "aws:s3/objectCopy:ObjectCopy",
    "aws:sagemaker/domain:Domain",
    "aws:sagemaker/endpoint:Endpoint",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
    "aws:sagemaker/featureGroup:FeatureGroup",
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer",
    "aws:sagemaker/model:Model",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
    "aws:sagemaker/pipeline:Pipeline",
    "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig",
    "aws:sagemaker/userProfile:UserProfile",
    "aws:secretsmanager/secret:Secret",
    "aws:secretsmanager/secretVersion:SecretVersion",
    "aws:sns/topic:Topic",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sns/topicSubscription:TopicSubscription",
    "aws:sqs/queue:Queue",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:ssm/parameter:Parameter",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
}
Kind = provider_pb2.PropertyDiff


def test_every_file_is_found_by_its_token_and_declared_by_the_sdk():
    found = list(registry.resource_types())
    assert {resource.pulumi_type for resource in found} == TYPES
    assert [registry.resource_type(resource.pulumi_type) for resource in found] == found
    assert [resource.pulumi_type for resource in found if not resource.schema.inputs] == []


def test_every_type_goes_through_its_life():
    text = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py") if path != Path(__file__))
    assert {token for token in TYPES if f'"{token}"' not in text} == set()


def test_declared_names_are_properties():
    for resource in registry.resource_types():
        known = resource.schema.inputs.keys() | resource.schema.outputs.keys()
        declared = {*resource.defaults, *resource.json_properties, *resource.unordered, *resource.unread}
        declared |= {*resource.volatile, *(path.partition(".")[0] for path in resource.replace)}
        assert declared - known == set(), resource.pulumi_type


@pytest.mark.parametrize(
    ("token", "path"),
    [
        ("aws:ec2/transitGateway:TransitGateway", "ec2/transit_gateway.py"),
        ("aws:s3/nothing:Nothing", "s3/nothing.py"),
    ],
)
def test_unknown_type_names_the_file_to_add(world: Any, token: str, path: str):
    with pytest.raises(ProviderError) as failure:
        world.check(token, {})
    assert str(failure.value) == f"the local cloud has no resource type {token}"
    assert failure.value.hint == f"add platform/modelyard/localcloud/provider/{path}"


def test_unknown_function_names_the_file_to_add(world: Any):
    with pytest.raises(ProviderError) as failure:
        world.invoke("aws:s3/getCanonicalUserId:getCanonicalUserId", {})
    assert failure.value.hint == "add platform/modelyard/localcloud/provider/functions/s3/get_canonical_user_id.py"


def test_plugin_info(world: Any):
    assert world.provider.GetPluginInfo(empty_pb2.Empty(), None).version == "7.51.1"


def test_default_tags_join_the_tags(world: Any):
    world.configure(defaultTags=json.dumps({"tags": {"project": "churn", "team": "x"}}), region="us-east-1")
    checked = world.checked(BUCKET, {"tags": {"team": "y"}})
    assert checked["tagsAll"] == {"project": "churn", "team": "y"}
    resource_id, state = world.create(BUCKET, checked)
    assert (state["tags"], state["tagsAll"]) == ({"team": "y"}, {"project": "churn", "team": "y"})
    world.configure(defaultTags={"tags": {"project": "fraud"}})
    again = world.checked(BUCKET, {"tags": {"team": "y"}}, olds=checked)
    response = world.diff(BUCKET, checked, again)
    assert {path: diff.kind for path, diff in response.detailedDiff.items()} == {"tagsAll.project": Kind.UPDATE}
    updated = world.update(BUCKET, resource_id, state, checked, again)
    assert updated["tagsAll"] == {"project": "fraud", "team": "y"}


def test_diff_says_what_happens_to_each_property(world: Any):
    old = world.checked(VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "1", "b": "2"}})
    new = world.checked(VPC, {"cidrBlock": "10.1.0.0/16", "tags": {"a": "3", "x.y": "4"}, "enableDnsHostnames": True})
    response = world.diff(VPC, old, new)
    assert response.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(response.replaces) == ["cidrBlock"]
    assert list(response.diffs) == ["cidrBlock", "enableDnsHostnames", "tags", "tagsAll"]
    assert response.hasDetailedDiff is True
    assert response.deleteBeforeReplace is False
    assert {diff.inputDiff for diff in response.detailedDiff.values()} == {True}
    assert {path: diff.kind for path, diff in response.detailedDiff.items()} == {
        "cidrBlock": Kind.UPDATE_REPLACE,
        "enableDnsHostnames": Kind.ADD,
        "tags.a": Kind.UPDATE,
        "tags.b": Kind.DELETE,
        'tags["x.y"]': Kind.ADD,
        "tagsAll.a": Kind.UPDATE,
        "tagsAll.b": Kind.DELETE,
        'tagsAll["x.y"]': Kind.ADD,
    }


def test_ignored_changes_do_not_count(world: Any):
    old = world.checked(VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "1", "b": "2"}})
    new = world.checked(VPC, {"cidrBlock": "10.1.0.0/16", "tags": {"a": "3", "b": "4"}})
    assert list(world.diff(VPC, old, new, ignore=("cidrBlock", "tags.a")).diffs) == ["tags", "tagsAll"]
    assert world.diff(VPC, old, new, ignore=("cidrBlock", "tags")).changes == provider_pb2.DiffResponse.DIFF_NONE
    rules = [{"id": "a", "status": "Enabled"}, {"id": "b", "status": "Enabled"}]
    token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    before, after = ({"bucket": "b", "rules": [{**rule, "prefix": text} for rule in rules]} for text in ("x", "y"))
    assert list(world.diff(token, before, after).diffs) == ["rules"]
    assert list(world.diff(token, before, after, ignore=("rules[*].prefix",)).diffs) == []
    assert list(world.diff(token, before, after, ignore=("rules[0].prefix",)).detailedDiff) == ["rules[1].prefix"]


def test_an_unknown_value_is_a_change(world: Any):
    old = world.checked(VPC, {"cidrBlock": "10.0.0.0/16"})
    response = world.diff(VPC, old, {**old, "cidrBlock": UNKNOWN})
    assert (list(response.diffs), list(response.replaces)) == (["cidrBlock"], ["cidrBlock"])


def test_policies_are_compared_by_what_they_mean(world: Any):
    statement = {"Effect": "Allow", "Principal": {"Service": ["b", "a"]}, "Action": "s3:*", "Resource": ["x", "y"]}
    same = {
        "Resource": ["y", "x"],
        "Sid": "",
        "Effect": "Allow",
        "Action": ["s3:*"],
        "Principal": {"Service": ["a", "b"]},
    }
    old = {"bucket": "b", "policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
    new = {"bucket": "b", "policy": json.dumps({"Statement": same, "Version": "2012-10-17"}, indent=2)}
    assert list(world.diff(POLICY, old, new).diffs) == []
    other = {"bucket": "b", "policy": new["policy"].replace("Allow", "Deny")}
    assert list(world.diff(POLICY, old, other).diffs) == ["policy"]


def test_lists_without_an_order(world: Any):
    token = "aws:ec2/vpcEndpoint:VpcEndpoint"
    old = world.checked(token, {"vpcId": "v", "serviceName": "s", "routeTableIds": ["a", "b"]})
    assert list(world.diff(token, old, {**old, "routeTableIds": ["b", "a"]}).diffs) == []
    assert list(world.diff(token, old, {**old, "routeTableIds": ["b", "c"]}).diffs) == ["routeTableIds"]


@pytest.mark.parametrize(("given", "first"), [({"name": "fixed"}, True), ({}, False)])
def test_a_fixed_name_is_deleted_before_it_is_made_again(world: Any, given: dict[str, str], first: bool):
    token = "aws:iam/role:Role"
    old = world.checked(token, {"assumeRolePolicy": "{}", "path": "/a/", **given})
    new = world.checked(token, {"assumeRolePolicy": "{}", "path": "/b/", **given})
    response = world.diff(token, old, new)
    assert (list(response.replaces), response.deleteBeforeReplace) == (["path"], first)


def test_preview_makes_nothing(world: Any):
    before = world.list(BUCKET)
    inputs = world.checked(BUCKET, {"bucket": "only-a-preview", "tags": {"a": UNKNOWN}})
    resource_id, known = world.create(BUCKET, inputs, preview=True)
    assert resource_id == ""
    assert known == {
        "bucket": "only-a-preview",
        "forceDestroy": False,
        "tags": {"a": UNKNOWN},
        "tagsAll": {"a": UNKNOWN},
    }
    assert world.list(BUCKET) == before


def test_preview_of_an_update_keeps_what_will_not_change(world: Any):
    old = world.checked(BUCKET, {"tags": {"a": "1"}})
    resource_id, state = world.create(BUCKET, old)
    new = world.checked(BUCKET, {}, olds=old)
    known = world.update(BUCKET, resource_id, state, old, new, preview=True)
    assert known == {**{name: value for name, value in state.items() if name != "tags"}, "tagsAll": {}}
    assert from_struct(world.read(BUCKET, resource_id, state, old).properties) == state


def test_secrets_stay_secret(world: Any):
    token = "aws:cloudwatch/logGroup:LogGroup"
    checked = world.checked(token, {"name": "/secret", "tags": Secret({"key": "canary"})})
    assert (checked["tags"], checked["tagsAll"]) == (Secret({"key": "canary"}), Secret({"key": "canary"}))
    resource_id, state = world.create(token, checked)
    assert state["tags"].value == state["tagsAll"].value == {"key": "canary"}
    response = world.read(token, resource_id, state, checked)
    assert from_struct(response.properties)["tagsAll"] == Secret({"key": "canary"})
    assert from_struct(response.inputs)["tagsAll"] == Secret({"key": "canary"})
    assert list(world.diff(token, checked, {**checked, "tags": {"key": "canary"}}).diffs) == []


def test_refresh_shows_drift_and_the_next_diff_mends_it(world: Any, moto_url: str):
    old = world.checked(BUCKET, {"tags": {"a": "1"}})
    resource_id, state = world.create(BUCKET, old)
    client: Any = boto3.client(
        "s3", endpoint_url=moto_url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    tags = {"TagSet": [{"Key": "a", "Value": "2"}, {"Key": "stranger", "Value": "1"}]}
    client.put_bucket_tagging(Bucket=resource_id, Tagging=tags)
    response = world.read(BUCKET, resource_id, state, old)
    drifted = from_struct(response.inputs)
    assert drifted == {**old, "tags": {"a": "2", "stranger": "1"}, "tagsAll": {"a": "2", "stranger": "1"}}
    changed = set(world.diff(BUCKET, drifted, old).detailedDiff)
    assert changed == {"tags.a", "tags.stranger", "tagsAll.a", "tagsAll.stranger"}
    live = from_struct(response.properties)
    assert world.update(BUCKET, resource_id, live, drifted, old) == state


def test_import_reads_inputs_off_the_cloud(world: Any):
    resource_id, state = world.make(VPC, {"cidrBlock": "10.3.0.0/16", "tags": {"a": "1"}})
    response = world.read(VPC, resource_id, {})
    assert from_struct(response.properties) == {**state, "tags": {"a": "1"}}
    inputs = from_struct(response.inputs)
    assert {name: inputs[name] for name in ("cidrBlock", "tags", "tagsAll")} == {
        "cidrBlock": "10.3.0.0/16",
        "tags": {"a": "1"},
        "tagsAll": {"a": "1"},
    }


def test_a_resource_in_another_region(world: Any):
    resource_id, state = world.make(BUCKET, {"bucket": "far-away", "region": "eu-west-1"})
    assert (state["region"], state["bucketRegion"]) == ("eu-west-1", "eu-west-1")
    old = world.checked(BUCKET, {"bucket": "far-away", "region": "eu-west-1"})
    assert list(world.diff(BUCKET, old, {**old, "region": "us-east-1"}).replaces) == ["region"]
    assert resource_id == "far-away"


def test_errors_are_one_line_that_says_what_was_done(world: Any):
    world.make("aws:iam/role:Role", {"name": "taken", "assumeRolePolicy": '{"Version":"2012-10-17","Statement":[]}'})
    with pytest.raises(ProviderError) as failure:
        world.make("aws:iam/role:Role", {"name": "taken", "assumeRolePolicy": "{}"})
    assert str(failure.value) == (
        "creating aws:iam/role:Role (taken): EntityAlreadyExists: Role with name taken already exists."
    )


def test_a_bucket_with_content_is_kept_without_force_destroy(world: Any, moto_url: str):
    resource_id, state = world.make(BUCKET, {})
    client: Any = boto3.client(
        "s3", endpoint_url=moto_url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    versioned = {"Status": "Enabled"}
    client.put_bucket_versioning(Bucket=resource_id, VersioningConfiguration=versioned)
    client.put_object(Bucket=resource_id, Key="a", Body=b"1")
    client.put_object(Bucket=resource_id, Key="a", Body=b"2")
    client.delete_object(Bucket=resource_id, Key="a")
    client.create_multipart_upload(Bucket=resource_id, Key="unfinished")
    with pytest.raises(ProviderError) as failure:
        world.delete(BUCKET, resource_id, state)
    assert str(failure.value) == (
        f"deleting {BUCKET} ({resource_id}): BucketNotEmpty: the bucket has objects or versions"
    )
    world.delete(BUCKET, resource_id, {**state, "forceDestroy": True})
    assert resource_id not in world.list(BUCKET)


def test_a_creation_that_fails_half_way_is_kept_and_finished_by_the_next_update(world: Any):
    given = world.checked(BUCKET, {"bucket": "half-way", "tags": {"aws:owner": "me"}})
    with pytest.raises(PartialCreate) as failure:
        world.create(BUCKET, given)
    assert failure.value.reasons == [
        "creating aws:s3/bucket:Bucket (half-way): InvalidTag: System tags cannot be added/updated by requester"
    ]
    assert (failure.value.id, failure.value.properties["tagsAll"]) == ("half-way", {})
    mended = world.checked(BUCKET, {"bucket": "half-way", "tags": {"owner": "me"}}, olds=given)
    state = world.update(BUCKET, "half-way", failure.value.properties, given, mended)
    assert (state["tags"], state["tagsAll"]) == ({"owner": "me"}, {"owner": "me"})
    world.delete(BUCKET, "half-way", state)


@pytest.mark.parametrize(
    "address", ["https://s3.amazonaws.com", "http://10.0.0.1:5000", "http://localhost.example.com"]
)
def test_an_address_that_is_not_on_this_machine_is_refused(address: str):
    with pytest.raises(ProviderError) as failure:
        AwsProvider(address)
    assert str(failure.value) == f"{address} is not on this machine, and this provider is the local cloud's"
    assert failure.value.hint == "deploy to AWS with 'modelyard up --target aws' or 'pulumi up'"


def test_an_address_without_a_cloud_is_an_error_of_one_line():
    provider = AwsProvider("http://127.0.0.1:9")
    request = provider_pb2.CreateRequest(
        urn=f"urn:pulumi:s::p::{VPC}::net", properties=to_struct({"cidrBlock": "10.0.0.0/16"})
    )
    with pytest.raises(ProviderError) as failure:
        provider.Create(request, None)
    assert str(failure.value) == (
        'creating aws:ec2/vpc:Vpc (net): Could not connect to the endpoint URL: "http://127.0.0.1:9/"'
    )
