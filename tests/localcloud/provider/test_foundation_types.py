"""The types that the foundation's network and audit trail are made of, on our own local cloud."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props, from_struct

ROLE = "arn:aws:iam::123456789012:role/writer"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1"


def bucket_of(world: Any, name: str = "trails") -> str:
    found: str = world.make("aws:s3/bucket:Bucket", {"bucket": name, "forceDestroy": True}, name=name)[0]
    return found


def group_arn(world: Any) -> str:
    found: str = world.make("aws:cloudwatch/logGroup:LogGroup", {"name": "/aws/vpc/flow"}, name="flow")[1]["arn"]
    return found


def objects(bucket: str) -> Props:
    """Return what records the accesses to a bucket's objects."""
    return {
        "name": "objects",
        "fieldSelectors": [
            {"field": "eventCategory", "equals": ["Data"]},
            {"field": "resources.type", "equals": ["AWS::S3::Object"]},
            {"field": "resources.ARN", "startsWiths": [f"arn:aws:s3:::{bucket}/"]},
        ],
    }


def gateway(world: Any) -> Props:
    inputs = {"vpcId": world.vpc(), "serviceName": "com.amazonaws.us-east-1.s3"}
    state: Props = world.make("aws:ec2/vpcEndpoint:VpcEndpoint", inputs, name="gateway")[1]
    return state


def interface_endpoint(world: Any) -> Props:
    vpc_id = world.vpc()
    return {
        "vpcId": vpc_id,
        "serviceName": "com.amazonaws.us-east-1.sagemaker.api",
        "vpcEndpointType": "Interface",
        "subnetIds": [world.subnet(vpc_id)],
        "securityGroupIds": [world.make("aws:ec2/securityGroup:SecurityGroup", {"vpcId": vpc_id})[0]],
        "privateDnsEnabled": True,
        "policy": json.dumps({"Version": "2012-10-17", "Statement": []}),
    }


CASES = [
    (
        "aws:ec2/flowLog:FlowLog",
        lambda world: {
            "vpcId": world.vpc(),
            "trafficType": "ALL",
            "logDestination": group_arn(world),
            "iamRoleArn": ROLE,
            "tags": {"a": "1"},
        },
        {"tags": {"a": "2"}},
        {"trafficType": "REJECT", "maxAggregationInterval": 60},
    ),
    (
        "aws:cloudtrail/trail:Trail",
        lambda world: {
            "name": "audit",
            "s3BucketName": bucket_of(world),
            "isMultiRegionTrail": True,
            "enableLogFileValidation": True,
            "kmsKeyId": KEY,
            "cloudWatchLogsGroupArn": f"{group_arn(world)}:*",
            "cloudWatchLogsRoleArn": ROLE,
            "advancedEventSelectors": [objects("trails")],
            "tags": {"a": "1", "b": "2"},
        },
        {
            "isMultiRegionTrail": False,
            "enableLogFileValidation": False,
            "enableLogging": False,
            "kmsKeyId": "",
            "advancedEventSelectors": [objects("others")],
            "tags": {"a": "3"},
        },
        {"name": "another"},
    ),
    (
        "aws:cloudtrail/trail:Trail",
        lambda world: {"s3BucketName": bucket_of(world), "insightSelectors": [{"insightType": "ApiErrorRateInsight"}]},
        {
            "s3KeyPrefix": "here",
            "eventSelectors": [
                {
                    "readWriteType": "WriteOnly",
                    "includeManagementEvents": True,
                    "dataResources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3:::trails/"]}],
                }
            ],
            "insightSelectors": [{"insightType": "ApiCallRateInsight"}],
        },
        {},
    ),
    (
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        lambda world: {
            "securityGroupId": world.group(),
            "prefixListId": gateway(world)["prefixListId"],
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "description": "to a service",
        },
        {"fromPort": 80, "description": "to the same"},
        {"securityGroupId": "sg-2"},
    ),
    (
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        lambda world: {
            "name": "roots",
            "logGroupName": world.make("aws:cloudwatch/logGroup:LogGroup", {"name": "/a"})[0],
            "pattern": '{ $.userIdentity.type = "Root" }',
            "metricTransformation": {"name": "roots", "namespace": "audit", "value": "1", "defaultValue": "0"},
        },
        {
            "pattern": '{ $.userIdentity.type = "IAMUser" }',
            "metricTransformation": {"name": "users", "namespace": "audit", "value": "1", "unit": "Count"},
        },
        {"logGroupName": "/b"},
    ),
    (
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        interface_endpoint,
        {"privateDnsEnabled": False, "policy": json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "a"}]})},
        {"serviceName": "com.amazonaws.us-east-1.logs"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_life(case: tuple[Any, ...], local_life: Any):
    local_life(*case)


def test_a_record_of_traffic_knows_its_log_group_and_whether_it_is_there(local_world: Any, cloud_url: str):
    token = "aws:ec2/flowLog:FlowLog"
    inputs = {"vpcId": local_world.vpc(), "trafficType": "ALL", "iamRoleArn": ROLE}
    there, state = local_world.make(token, {**inputs, "logDestination": f"{group_arn(local_world)}:*"})
    assert state["logDestination"] == "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vpc/flow:*"
    nowhere = "arn:aws:logs:us-east-1:123456789012:log-group:nowhere"
    lost, _ = local_world.make(token, {**inputs, "logDestination": nowhere})
    found = Session(cloud_url).client("ec2").describe_flow_logs(FlowLogIds=[there, lost])["FlowLogs"]
    assert {it["FlowLogId"]: (it["LogGroupName"], it["DeliverLogsStatus"]) for it in found} == {
        there: ("/aws/vpc/flow", "SUCCESS"),
        lost: ("nowhere", "FAILED"),
    }


def test_a_record_of_nothing_is_refused(local_world: Any):
    with pytest.raises(ProviderError) as failure:
        local_world.make("aws:ec2/flowLog:FlowLog", {"trafficType": "ALL", "iamRoleArn": ROLE})
    assert failure.value.hint == "give vpc_id, subnet_id or eni_id"


def test_a_networks_own_group_is_taken_over_and_closed_and_goes_with_its_network(local_world: Any, cloud_url: str):
    token, vpc = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", local_world.vpc()
    ec2 = Session(cloud_url).client("ec2")
    (group,) = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
    among = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group["GroupId"]}]}
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[among])
    assert len(group["IpPermissionsEgress"]) == 1
    old = local_world.checked(token, {"vpcId": vpc, "ingress": [], "egress": [], "tags": {"a": "1"}})
    resource_id, state = local_world.create(token, old)
    assert resource_id == group["GroupId"]
    assert (state["ingress"], state["egress"], state["name"], state["tags"]) == ([], [], "default", {"a": "1"})
    response = local_world.read(token, resource_id, state, old)
    assert (from_struct(response.properties), from_struct(response.inputs)) == (state, old)
    assert list(local_world.diff(token, old, old).diffs) == []
    assert resource_id in local_world.list(token)
    ec2.authorize_security_group_ingress(
        GroupId=resource_id, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="1.2.3.4/32"
    )
    opened = from_struct(local_world.read(token, resource_id, state, old).properties)
    assert [rule["cidrBlocks"] for rule in opened["ingress"]] == [["1.2.3.4/32"]]
    assert local_world.update(token, resource_id, opened, old, old)["ingress"] == []
    assert list(local_world.diff(token, old, {**old, "vpcId": "vpc-2"}).replaces) == ["vpcId"]
    local_world.delete(token, resource_id, state)
    (left,) = ec2.describe_security_groups(GroupIds=[resource_id])["SecurityGroups"]
    assert (left["IpPermissions"], left["IpPermissionsEgress"]) == ([], [])
    local_world.clear()
    assert resource_id not in local_world.list(token)


def test_a_networks_own_acl_is_taken_over_and_has_the_given_rules_alone(local_world: Any, cloud_url: str):
    token, ec2 = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl", Session(cloud_url).client("ec2")
    _, vpc = local_world.make("aws:ec2/vpc:Vpc", {"cidrBlock": "10.7.0.0/16"})
    local_world.subnet(vpc["id"])
    inside = {
        "ruleNo": 100,
        "action": "allow",
        "protocol": "-1",
        "cidrBlock": "10.7.0.0/16",
        "fromPort": 0,
        "toPort": 0,
    }
    web = {
        "ruleNo": 200,
        "action": "allow",
        "protocol": "tcp",
        "cidrBlock": "0.0.0.0/0",
        "fromPort": 443,
        "toPort": 443,
    }
    inputs = {"defaultNetworkAclId": vpc["defaultNetworkAclId"], "ingress": [inside], "egress": [web, inside]}
    old = local_world.checked(token, {**inputs, "tags": {"a": "1"}})
    resource_id, state = local_world.create(token, old)

    def rules() -> list[tuple[bool, int, str, str]]:
        (found,) = ec2.describe_network_acls(NetworkAclIds=[resource_id])["NetworkAcls"]
        own = [it for it in found["Entries"] if it["RuleNumber"] < 32767]
        return sorted((it["Egress"], it["RuleNumber"], it["Protocol"], it["CidrBlock"]) for it in own)

    assert (resource_id, state["vpcId"], len(state["subnetIds"])) == (vpc["defaultNetworkAclId"], vpc["id"], 1)
    assert rules() == [
        (False, 100, "-1", "10.7.0.0/16"),
        (True, 100, "-1", "10.7.0.0/16"),
        (True, 200, "6", "0.0.0.0/0"),
    ]
    response = local_world.read(token, resource_id, state, old)
    assert (from_struct(response.properties), from_struct(response.inputs)) == (state, old)
    assert list(local_world.diff(token, old, {**old, "egress": [inside, {**web, "protocol": "6"}]}).diffs) == []
    assert resource_id in local_world.list(token)
    new = {**old, "ingress": [{**inside, "cidrBlock": "10.7.1.0/24"}], "egress": [inside]}
    assert list(local_world.diff(token, old, new).replaces) == []
    updated = local_world.update(token, resource_id, state, old, new)
    assert rules() == [(False, 100, "-1", "10.7.1.0/24"), (True, 100, "-1", "10.7.0.0/16")]
    ec2.delete_network_acl_entry(NetworkAclId=resource_id, RuleNumber=100, Egress=False)
    assert from_struct(local_world.read(token, resource_id, updated, new).inputs)["ingress"] == []
    assert list(local_world.diff(token, old, {**old, "defaultNetworkAclId": "acl-2"}).replaces) == [
        "defaultNetworkAclId"
    ]
    local_world.delete(token, resource_id, updated)
    local_world.clear()
    assert resource_id not in local_world.list(token)
    with pytest.raises(ProviderError) as failure:
        local_world.make(token, inputs)
    assert failure.value.hint == "give default_network_acl_id a VPC's own"


def test_a_group_of_no_network_is_refused(local_world: Any):
    with pytest.raises(ProviderError) as failure:
        local_world.make("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", {"vpcId": "vpc-0123456789abcdef0"})
    assert failure.value.hint == "give vpc_id a network that exists"


def test_an_endpoint_has_an_interface_in_each_of_its_subnets(local_world: Any, cloud_url: str):
    token, ec2 = "aws:ec2/vpcEndpoint:VpcEndpoint", Session(cloud_url).client("ec2")
    old = local_world.checked(token, interface_endpoint(local_world))
    resource_id, state = local_world.create(token, old)

    def interfaces() -> dict[str, tuple[str, list[str]]]:
        mine = [{"Name": "description", "Values": [f"VPC Endpoint Interface {resource_id}"]}]
        found = ec2.describe_network_interfaces(Filters=mine)["NetworkInterfaces"]
        return {
            it["SubnetId"]: (it["NetworkInterfaceId"], [group["GroupId"] for group in it["Groups"]]) for it in found
        }

    (first,) = old["subnetIds"]
    assert interfaces() == {first: (state["networkInterfaceIds"][0], old["securityGroupIds"])}
    inputs = {"vpcId": old["vpcId"], "cidrBlock": "10.7.2.0/24", "availabilityZone": "us-east-1b"}
    second = local_world.make("aws:ec2/subnet:Subnet", inputs, name="second")[0]
    group = local_world.make("aws:ec2/securityGroup:SecurityGroup", {"vpcId": old["vpcId"]}, name="other")[0]
    both = {**old, "subnetIds": [first, second], "securityGroupIds": [group]}
    grown = local_world.update(token, resource_id, state, old, both)
    assert {subnet: groups for subnet, (_, groups) in interfaces().items()} == {first: [group], second: [group]}
    local_world.update(token, resource_id, grown, both, {**both, "subnetIds": [second]})
    assert list(interfaces()) == [second]
    local_world.made = [item for item in local_world.made if item[1] != resource_id]
    local_world.delete(token, resource_id, grown)
    assert interfaces() == {}


def test_a_gateways_routes_follow_its_route_tables(local_world: Any, cloud_url: str):
    token, vpc, ec2 = "aws:ec2/vpcEndpoint:VpcEndpoint", local_world.vpc(), Session(cloud_url).client("ec2")
    tables = [local_world.make("aws:ec2/routeTable:RouteTable", {"vpcId": vpc}, name=name)[0] for name in "ab"]
    inputs = {"vpcId": vpc, "serviceName": "com.amazonaws.us-east-1.s3", "routeTableIds": tables[:1]}
    old = local_world.checked(token, inputs)
    resource_id, state = local_world.create(token, old)

    def led() -> list[str]:
        found = ec2.describe_route_tables(RouteTableIds=tables)["RouteTables"]
        return [it["RouteTableId"] for it in found if any(r.get("GatewayId") == resource_id for r in it["Routes"])]

    assert (led(), state["prefixListId"][:3]) == (tables[:1], "pl-")
    state = local_world.update(token, resource_id, state, old, {**old, "routeTableIds": tables[1:]})
    assert led() == tables[1:]
    local_world.made = [item for item in local_world.made if item[1] != resource_id]
    local_world.delete(token, resource_id, state)
    assert led() == []


def test_a_trail_is_found_by_name_and_by_arn_and_is_made_once(local_world: Any, cloud_url: str):
    token, client = "aws:cloudtrail/trail:Trail", Session(cloud_url).client("cloudtrail")
    inputs = {"name": "audit", "s3BucketName": bucket_of(local_world), "advancedEventSelectors": [objects("trails")]}
    arn, state = local_world.make(token, inputs)
    local_world.make(token, {"name": "other", "s3BucketName": "trails"}, name="other")
    assert arn == "arn:aws:cloudtrail:us-east-1:123456789012:trail/audit"
    assert (state["homeRegion"], state["arn"], state["enableLogging"]) == ("us-east-1", arn, True)
    assert local_world.read(token, "audit", {}).id == arn
    for word in ("audit", arn):
        assert [it["Name"] for it in client.describe_trails(trailNameList=[word])["trailList"]] == ["audit"]
        assert client.get_trail(Name=word)["Trail"]["HasCustomEventSelectors"] is True
        assert client.get_trail_status(Name=word)["IsLogging"] is True
    assert client.get_trail(Name="other")["Trail"]["HasCustomEventSelectors"] is False
    with pytest.raises(ProviderError, match="TrailAlreadyExistsException: Trail audit already exists"):
        local_world.make(token, inputs)
    with pytest.raises(ClientError, match="TrailNotFoundException"):
        client.delete_trail(Name="nobody")
    with pytest.raises(ClientError, match="InsightNotEnabledException"):
        client.get_insight_selectors(TrailName=arn)


def test_what_a_trail_records_can_be_taken_back(local_world: Any, cloud_url: str):
    token, client = "aws:cloudtrail/trail:Trail", Session(cloud_url).client("cloudtrail")
    inputs = {"name": "audit", "s3BucketName": bucket_of(local_world)}
    old = local_world.checked(token, {**inputs, "advancedEventSelectors": [objects("trails")]})
    arn, state = local_world.create(token, old)
    new = local_world.checked(token, inputs, olds=old)
    updated = local_world.update(token, arn, state, old, new)
    assert client.get_event_selectors(TrailName=arn)["EventSelectors"] == [
        {
            "ReadWriteType": "All",
            "IncludeManagementEvents": True,
            "DataResources": [],
            "ExcludeManagementEventSources": [],
        }
    ]
    assert from_struct(local_world.read(token, arn, updated, new).inputs) == new


def test_a_metric_is_counted_once_and_goes_with_its_log_group(local_world: Any, cloud_url: str):
    token, client = "aws:cloudwatch/logMetricFilter:LogMetricFilter", Session(cloud_url).client("logs")
    group = local_world.make("aws:cloudwatch/logGroup:LogGroup", {"name": "/counted"})[0]
    metric = {"name": "m", "namespace": "n", "value": "1"}
    inputs = {"name": "counts", "logGroupName": group, "pattern": "a", "metricTransformation": metric}
    resource_id, state = local_world.make(token, inputs)
    with pytest.raises(ProviderError, match="there is one of this name"):
        local_world.make(token, inputs)
    local_world.update(token, resource_id, state, state, {**state, "pattern": "b"})
    assert [it["filterPattern"] for it in client.describe_metric_filters(logGroupName=group)["metricFilters"]] == ["b"]
    assert local_world.read(token, "/counted:counts", {}).id == "counts"
    with pytest.raises(ClientError, match="The specified metric filter does not exist"):
        client.delete_metric_filter(logGroupName=group, filterName="other")
    with pytest.raises(ProviderError, match="The specified log group does not exist"):
        local_world.make(token, {**inputs, "logGroupName": "/nowhere"})
    client.delete_log_group(logGroupName=group)
    assert client.describe_metric_filters()["metricFilters"] == []


def test_nothing_is_left_of_a_network_and_its_endpoints(local_world: Any, cloud_url: str):
    ec2 = Session(cloud_url).client("ec2")
    state = gateway(local_world)
    mine = [{"Name": "vpc-id", "Values": [state["vpcId"]]}]
    assert len(ec2.describe_network_acls(Filters=mine)["NetworkAcls"]) == 1
    local_world.clear()
    assert ec2.describe_network_acls(Filters=mine)["NetworkAcls"] == []
    assert state["id"] not in [it["VpcEndpointId"] for it in ec2.describe_vpc_endpoints()["VpcEndpoints"]]
