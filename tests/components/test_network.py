"""What may be chosen of a network, and what it comes to."""

from ipaddress import IPv4Address, IPv4Network
from itertools import combinations

import pytest
from pydantic import ValidationError

from modelyard.components.image_registry.settings import ImageRegistrySettings
from modelyard.components.network import fence
from modelyard.components.network.endpoints import SERVICES, service_name
from modelyard.components.network.existing import Found, missing
from modelyard.components.network.settings import ExistingNetwork, NetworkSettings

VPC, SUBNET = "vpc-0123456789abcdef0", "subnet-0123456789abcdef0"


@pytest.mark.parametrize("cidr", ["10.0.0.0/16", "10.1.2.0/23", "192.168.7.0/24"])
def test_subnets_lie_apart_within_the_network(cidr):
    settings = NetworkSettings(cidr=cidr, zones=3, internet="nat_per_zone")
    ranges = [IPv4Network(it) for it in (*settings.subnet_cidrs(), *settings.public_cidrs())]
    assert len(ranges) == 6
    assert all(it.subnet_of(IPv4Network(cidr)) for it in ranges)
    assert not any(one.overlaps(other) for one, other in combinations(ranges, 2))


def test_the_smallest_network_has_room_for_every_endpoint():
    smallest = IPv4Network(NetworkSettings(cidr="10.0.0.0/24").subnet_cidrs()[0])
    kept_by_aws = 5
    assert smallest.num_addresses - kept_by_aws >= 2 * len(SERVICES)
    assert IPv4Network(NetworkSettings(cidr="10.0.0.0/24").public_cidrs()[0]).prefixlen == 28  # AWS's smallest


def test_another_zone_leaves_the_others_ranges_alone():
    two, three = (NetworkSettings(zones=zones) for zones in (2, 3))
    assert three.subnet_cidrs()[:2] == two.subnet_cidrs()
    assert three.public_cidrs()[:2] == two.public_cidrs()


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"interface_endpoints": False}, "internet: none needs interface_endpoints: true, or nothing reaches AWS"),
        (
            {"internet": "one_nat", "interface_endpoints": False, "extra_endpoints": ["athena"]},
            "extra_endpoints needs interface_endpoints: true",
        ),
        ({"cidr": "10.0.0.0/25"}, "the range must be between /16 and /24"),
        ({"cidr": "10.0.0.1/16"}, "has host bits set"),
        ({"zones": 4}, "Input should be 2 or 3"),
        ({"flow_log_retention_days": 2}, "Input should be 0"),
        (
            {"existing": {"vpc_id": VPC, "subnet_ids": [SUBNET]}, "zones": 2, "cidr": "10.0.0.0/16"},
            "existing leaves nothing to choose for cidr, zones: remove what is not wanted",
        ),
        ({"existing": {"vpc_id": VPC, "subnet_ids": []}}, "at least 1 item"),
        ({"existing": {"vpc_id": "10.0.0.0/16", "subnet_ids": [SUBNET]}}, "String should match pattern"),
    ],
)
def test_what_can_not_work_is_refused(document, says):
    with pytest.raises(ValidationError) as failure:
        NetworkSettings.model_validate(document)
    assert says in str(failure.value)


def test_a_network_that_is_there_needs_nothing_else():
    settings = NetworkSettings.model_validate({"existing": {"vpc_id": VPC, "subnet_ids": [SUBNET]}})
    assert settings.existing is not None
    assert (settings.existing.subnet_ids, settings.existing.security_group_id) == ((SUBNET,), None)


OTHER, GROUP = "subnet-0123456789abcdef1", "sg-0123456789abcdef0"


@pytest.mark.parametrize(
    ("vpcs", "subnets", "groups", "says"),
    [
        ({VPC}, {SUBNET, OTHER}, {GROUP}, []),
        (set(), set(), set(), [f"network.existing.vpc_id: {VPC} is not there in eu-west-1 for this account"]),
        ({VPC}, {SUBNET}, {GROUP}, [f"network.existing.subnet_ids: {OTHER} is no subnet of {VPC}"]),
        (
            {VPC},
            {OTHER},
            set(),
            [
                f"network.existing.subnet_ids: {SUBNET} is no subnet of {VPC}",
                f"network.existing.security_group_id: {GROUP} is no security group of {VPC}",
            ],
        ),
    ],
)
def test_what_is_not_there_is_named_by_its_setting(vpcs, subnets, groups, says):
    existing = ExistingNetwork(vpc_id=VPC, subnet_ids=(SUBNET, OTHER), security_group_id=GROUP)
    found = Found(vpc_ids=frozenset(vpcs), subnet_ids=frozenset(subnets), group_ids=frozenset(groups))
    assert missing(existing, found, "eu-west-1") == says


def test_services_have_awss_names():
    assert service_name("ecr.api", "eu-west-1") == "com.amazonaws.eu-west-1.ecr.api"
    assert service_name("aws.sagemaker.{region}.experiments", "eu-west-1") == "aws.sagemaker.eu-west-1.experiments"
    assert service_name("com.amazonaws.vpce.eu-west-1.vpce-svc-1", "eu-west-1").endswith("vpce-svc-1")
    assert len({service_name(service, "eu-west-1") for service in SERVICES}) == len(SERVICES)


def test_repositories_have_names_of_their_own():
    with pytest.raises(ValidationError, match="training is given twice"):
        ImageRegistrySettings(repositories=("training", "training"))
    with pytest.raises(ValidationError, match="String should match pattern"):
        ImageRegistrySettings(repositories=("Training",))


def passes(rules, protocol, address, port):
    """Judge a packet as a network ACL does: the rule with the lowest number that matches decides."""
    for rule in sorted(rules, key=lambda it: it["rule_no"]):
        in_ports = rule["protocol"] == protocol and rule["from_port"] <= port <= rule["to_port"]
        if (rule["protocol"] == "-1" or in_ports) and IPv4Address(address) in IPv4Network(rule["cidr_block"]):
            return rule["action"] == "allow"
    return False


@pytest.mark.parametrize(
    ("protocol", "address", "port", "without_nat", "with_nat"),
    [
        ("udp", "10.0.3.4", 53, True, True),
        ("tcp", "10.0.3.4", 22, True, True),
        ("tcp", "52.216.0.1", 40000, True, True),
        ("tcp", "52.216.0.1", 2000, False, True),
        ("tcp", "52.216.0.1", 22, False, False),
        ("tcp", "52.216.0.1", 443, False, False),
        ("udp", "52.216.0.1", 40000, False, False),
    ],
)
def test_the_fence_lets_answers_in_and_nothing_else(protocol, address, port, without_nat, with_nat):
    assert passes(fence.ingress("10.0.0.0/16", internet=False), protocol, address, port) is without_nat
    assert passes(fence.ingress("10.0.0.0/16", internet=True), protocol, address, port) is with_nat


@pytest.mark.parametrize(
    ("protocol", "address", "port", "out"),
    [("tcp", "52.216.0.1", 443, True), ("tcp", "52.216.0.1", 80, False), ("tcp", "10.0.9.9", 2049, True)],
)
def test_the_fence_lets_tls_out(protocol, address, port, out):
    assert passes(fence.egress("10.0.0.0/16"), protocol, address, port) is out
