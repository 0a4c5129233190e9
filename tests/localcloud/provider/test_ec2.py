"""EC2's networking through their whole life."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from modelyard.wire import Props


def allow(action: str, resource: str, service: str = "events.amazonaws.com") -> str:
    """Return a resource policy of one statement."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def plain(**inputs: Any) -> Callable[[Any], Props]:
    """Return inputs that need nothing else."""
    return lambda world: dict(inputs)


def _association(world: Any) -> Props:
    vpc_id = world.vpc()
    return {
        "routeTableId": world.make("aws:ec2/routeTable:RouteTable", {"vpcId": vpc_id})[0],
        "subnetId": world.subnet(vpc_id),
    }


def _gateway_endpoint(world: Any) -> Props:
    vpc_id = world.vpc()
    table = world.make("aws:ec2/routeTable:RouteTable", {"vpcId": vpc_id})[0]
    return {
        "vpcId": vpc_id,
        "serviceName": "com.amazonaws.us-east-1.s3",
        "routeTableIds": [table],
        "policy": allow("s3:*", "*"),
        "tags": {"a": "1"},
    }


def _interface_endpoint(world: Any) -> Props:
    vpc_id = world.vpc()
    groups = [world.make("aws:ec2/securityGroup:SecurityGroup", {"vpcId": vpc_id})[0]]
    return {
        "vpcId": vpc_id,
        "serviceName": "com.amazonaws.us-east-1.sagemaker.api",
        "vpcEndpointType": "Interface",
        "subnetIds": [world.subnet(vpc_id)],
        "securityGroupIds": groups,
        "privateDnsEnabled": True,
    }


CASES = [
    (
        "aws:ec2/vpc:Vpc",
        plain(cidrBlock="10.7.0.0/16", enableDnsHostnames=True, tags={"a": "1", "b": "2"}),
        {"enableDnsHostnames": False, "tags": {"a": "3"}},
        {"cidrBlock": "10.8.0.0/16"},
    ),
    (
        "aws:ec2/subnet:Subnet",
        lambda world: {"vpcId": world.vpc(), "cidrBlock": "10.7.1.0/24", "availabilityZone": "us-east-1a"},
        {"mapPublicIpOnLaunch": True, "tags": {"a": "3"}},
        {"cidrBlock": "10.7.2.0/24"},
    ),
    ("aws:ec2/routeTable:RouteTable", lambda world: {"vpcId": world.vpc()}, {"tags": {"a": "3"}}, {"vpcId": "vpc-2"}),
    ("aws:ec2/routeTableAssociation:RouteTableAssociation", _association, {}, {"subnetId": "subnet-2"}),
    (
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        _gateway_endpoint,
        {"policy": allow("s3:Get*", "*"), "routeTableIds": [], "tags": {}},
        {"serviceName": "com.amazonaws.us-east-1.dynamodb"},
    ),
    (
        "aws:ec2/securityGroup:SecurityGroup",
        lambda world: {
            "vpcId": world.vpc(),
            "description": "of a test",
            "ingress": [
                {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.0.0.0/8"], "description": "in"},
                {"protocol": "tcp", "fromPort": 443, "toPort": 443, "self": True},
            ],
            "egress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}],
            "tags": {"a": "1"},
        },
        {"ingress": [{"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/8"]}], "egress": []},
        {"description": "of another"},
    ),
    (
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        lambda world: {"securityGroupId": world.group(), "cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"},
        {"cidrIpv4": "10.0.0.0/8"},
        {"securityGroupId": "sg-2"},
    ),
]

LOCAL_CASES = [
    (
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        _interface_endpoint,
        {"privateDnsEnabled": False},
        {"vpcEndpointType": "Gateway"},
    ),
    (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        lambda world: {
            "securityGroupId": (mine := world.group()),
            "referencedSecurityGroupId": mine,
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "description": "from inside",
            "tags": {"a": "1"},
        },
        {"fromPort": 80},
        {"securityGroupId": "sg-2"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_life(case: tuple[Any, ...], life: Any):
    life(*case)


@pytest.mark.parametrize("case", LOCAL_CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_local_life(case: tuple[Any, ...], local_life: Any):
    local_life(*case)
