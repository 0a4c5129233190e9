"""The provider's functions."""

from importlib.util import find_spec
from typing import Any

import pytest

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.wire import Props

TRUST = '{"Version":"2012-10-17","Statement":[]}'


def of(found: Props, names: str) -> Props:
    return {name: found[name] for name in names.split()}


def test_caller_identity(world: Any):
    result = world.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    assert (result["accountId"], result["id"]) == ("123456789012", "123456789012")
    assert result["arn"].startswith("arn:aws:")


def test_region(world: Any):
    assert world.invoke("aws:index/getRegion:getRegion", {}) == {
        "description": "us-east-1",
        "endpoint": "ec2.us-east-1.amazonaws.com",
        "id": "us-east-1",
        "name": "us-east-1",
        "region": "us-east-1",
    }


def test_partition(world: Any):
    assert world.invoke("aws:index/getPartition:getPartition", {}) == {
        "dnsSuffix": "amazonaws.com",
        "id": "aws",
        "partition": "aws",
        "region": "us-east-1",
        "reverseDnsPrefix": "com.amazonaws",
    }


def test_availability_zones(world: Any):
    result = world.invoke(
        "aws:index/getAvailabilityZones:getAvailabilityZones",
        {"state": "available", "excludeNames": ["us-east-1e", "us-east-1f"]},
    )
    assert result["names"] == ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"]
    assert len(result["zoneIds"]) == 4


def test_default_tags(world: Any):
    world.configure(defaultTags={"tags": {"team": "x"}}, region="us-east-1")
    found = world.invoke("aws:index/getDefaultTags:getDefaultTags", {})
    assert found == {"id": "aws", "tags": {"team": "x"}}


def test_an_arn_is_taken_apart(world: Any):
    arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/a:b"
    assert world.invoke("aws:index/getArn:getArn", {"arn": arn}) == {
        "partition": "aws",
        "service": "sagemaker",
        "region": "us-east-1",
        "account": "123456789012",
        "resource": "endpoint/a:b",
        "arn": arn,
        "id": arn,
    }
    with pytest.raises(ProviderError) as failure:
        world.invoke("aws:index/getArn:getArn", {"arn": "s3:::b"})
    assert str(failure.value) == "'s3:::b' is not an ARN"


@pytest.mark.parametrize(
    "asked",
    [
        {"serviceId": "s3", "region": "eu-west-1"},
        {"reverseDnsName": "com.amazonaws.eu-west-1.s3"},
        {"dnsName": "s3.eu-west-1.amazonaws.com"},
    ],
)
def test_a_service_by_any_of_its_names(world: Any, asked: Props):
    assert world.invoke("aws:index/getService:getService", asked) == {
        "dnsName": "s3.eu-west-1.amazonaws.com",
        "id": "com.amazonaws.eu-west-1.s3",
        "partition": "aws",
        "region": "eu-west-1",
        "reverseDnsName": "com.amazonaws.eu-west-1.s3",
        "reverseDnsPrefix": "com.amazonaws",
        "serviceId": "s3",
        "supported": True,
    }


def test_a_service_principal(world: Any):
    found = world.invoke("aws:index/getServicePrincipal:getServicePrincipal", {"serviceName": "sagemaker"})
    assert of(found, "name id region suffix") == {
        "name": "sagemaker.amazonaws.com",
        "id": "sagemaker.us-east-1.amazonaws.com",
        "region": "us-east-1",
        "suffix": "amazonaws.com",
    }


def test_regions(world: Any):
    found = world.invoke("aws:index/getRegions:getRegions", {})
    assert {"us-east-1", "eu-west-1", "ap-south-1"} - set(found["names"]) == set()


def test_a_bucket_and_a_role(world: Any):
    name = world.bucket()
    assert of(world.invoke("aws:s3/getBucket:getBucket", {"bucket": name}), "id arn bucketRegion") == {
        "id": name,
        "arn": f"arn:aws:s3:::{name}",
        "bucketRegion": "us-east-1",
    }
    world.make("aws:iam/role:Role", {"name": "reader", "assumeRolePolicy": TRUST, "tags": {"a": "1"}})
    assert of(world.invoke("aws:iam/getRole:getRole", {"name": "reader"}), "arn assumeRolePolicy path tags") == {
        "arn": "arn:aws:iam::123456789012:role/reader",
        "assumeRolePolicy": TRUST,
        "path": "/",
        "tags": {"a": "1"},
    }


def test_what_is_not_there_and_what_is_not_asked_for(world: Any):
    with pytest.raises(ProviderError) as failure:
        world.invoke("aws:s3/getBucket:getBucket", {"bucket": "nowhere"})
    assert str(failure.value) == "there is no aws:s3/bucket:Bucket nowhere"
    with pytest.raises(ProviderError) as failure:
        world.invoke("aws:s3/getBucket:getBucket", {})
    assert str(failure.value) == "calling aws:s3/getBucket:getBucket: bucket is required and missing"
    with pytest.raises(ProviderError) as failure:
        world.invoke("aws:kms/getKey:getKey", {"keyId": "alias/nothing"})
    assert str(failure.value).startswith("calling aws:kms/getKey:getKey: NotFoundException: ")


def test_networks(world: Any):
    vpc = world.make("aws:ec2/vpc:Vpc", {"cidrBlock": "10.9.0.0/16", "tags": {"Name": "mine"}})[0]
    subnet = {"vpcId": vpc, "cidrBlock": "10.9.1.0/24", "availabilityZone": "us-east-1a"}
    subnet_id = world.make("aws:ec2/subnet:Subnet", subnet)[0]
    group = world.make("aws:ec2/securityGroup:SecurityGroup", {"vpcId": vpc, "name": "door"})[0]
    found = world.invoke("aws:ec2/getVpc:getVpc", {"tags": {"Name": "mine"}})
    assert of(found, "id cidrBlock default tags state") == {
        "id": vpc,
        "cidrBlock": "10.9.0.0/16",
        "default": False,
        "tags": {"Name": "mine"},
        "state": "available",
    }
    assert world.invoke("aws:ec2/getVpc:getVpc", {"default": True})["default"] is True
    mine = {"filters": [{"name": "vpc-id", "values": [vpc]}]}
    assert world.invoke("aws:ec2/getSubnets:getSubnets", mine)["ids"] == [subnet_id]
    assert world.invoke("aws:ec2/getVpcs:getVpcs", mine)["ids"] == [vpc]
    theirs = {"filters": [{"name": "group-id", "values": [group]}, {"name": "vpc-id", "values": [vpc]}]}
    found = world.invoke("aws:ec2/getSecurityGroups:getSecurityGroups", theirs)
    arn = f"arn:aws:ec2:us-east-1:123456789012:security-group/{group}"
    assert of(found, "ids vpcIds arns") == {"ids": [group], "vpcIds": [vpc], "arns": [arn]}
    nobodys = {"filters": [{"name": "vpc-id", "values": ["vpc-0123456789abcdef0"]}]}
    for word in ("Vpcs", "Subnets", "SecurityGroups"):
        assert world.invoke(f"aws:ec2/get{word}:get{word}", nobodys)["ids"] == []
    found = world.invoke("aws:ec2/getSubnet:getSubnet", {"vpcId": vpc})
    assert of(found, "id availabilityZone defaultForAz availableIpAddressCount") == {
        "id": subnet_id,
        "availabilityZone": "us-east-1a",
        "defaultForAz": False,
        "availableIpAddressCount": 251,
    }
    found = world.invoke("aws:ec2/getSecurityGroup:getSecurityGroup", {"name": "door", "vpcId": vpc})
    assert of(found, "id vpcId") == {"id": group, "vpcId": vpc}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"tags": {"Name": "nobody's"}}, "no matching EC2 VPC found"),
        ({"filters": [{"name": "state", "values": ["available"]}]}, "multiple EC2 VPCs matched"),
    ],
)
def test_a_network_that_is_not_the_only_one(world: Any, asked: Props, message: str):
    world.vpc()
    with pytest.raises(ProviderError) as failure:
        world.invoke("aws:ec2/getVpc:getVpc", asked)
    assert str(failure.value) == message


def test_keys(world: Any):
    key = world.key()
    world.make("aws:kms/alias:Alias", {"name": "alias/found", "targetKeyId": key})
    found = world.invoke("aws:kms/getKey:getKey", {"keyId": "alias/found"})
    assert of(found, "id keyUsage enabled keyManager") == {
        "id": key,
        "keyUsage": "ENCRYPT_DECRYPT",
        "enabled": True,
        "keyManager": "CUSTOMER",
    }
    arn = f"arn:aws:kms:us-east-1:123456789012:key/{key}"
    found = world.invoke("aws:kms/getAlias:getAlias", {"name": "alias/found"})
    assert of(found, "targetKeyId targetKeyArn") == {"targetKeyId": key, "targetKeyArn": arn}


def test_a_repository_a_topic_and_a_log_group(world: Any):
    world.make("aws:ecr/repository:Repository", {"name": "images"})
    found = world.invoke("aws:ecr/getRepository:getRepository", {"name": "images"})
    assert of(found, "repositoryUrl mostRecentImageTags") == {
        "repositoryUrl": "123456789012.dkr.ecr.us-east-1.amazonaws.com/images",
        "mostRecentImageTags": [],
    }
    arn = world.topic()
    assert world.invoke("aws:sns/getTopic:getTopic", {"name": arn.rpartition(":")[2]})["arn"] == arn
    world.make("aws:cloudwatch/logGroup:LogGroup", {"name": "/a", "retentionInDays": 7})
    found = world.invoke("aws:cloudwatch/getLogGroup:getLogGroup", {"name": "/a"})
    assert of(found, "arn retentionInDays") == {
        "arn": "arn:aws:logs:us-east-1:123456789012:log-group:/a",
        "retentionInDays": 7,
    }


@pytest.mark.skipif(find_spec("sagemaker") is None, reason="the sagemaker SDK lists the images")
def test_prebuilt_images_are_where_the_real_provider_says(world: Any):
    token = "aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage"
    found = world.invoke(token, {"repositoryName": "sagemaker-xgboost", "imageTag": "1.7-1"})
    assert found["registryPath"] == "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    found = world.invoke(token, {"repositoryName": "kmeans", "region": "eu-central-1"})
    assert found["registryPath"] == "664544806723.dkr.ecr.eu-central-1.amazonaws.com/kmeans:1"
    with pytest.raises(ProviderError) as failure:
        world.invoke(token, {"repositoryName": "sagemaker-nothing"})
    assert str(failure.value) == "SageMaker has no prebuilt image 'sagemaker-nothing'"
