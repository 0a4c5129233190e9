"""A platform in a network that is there already: what is wrong with it is told before anything is made."""

import pytest
from stacks.lab import Lab, touched

from modelyard.engine.base import Severity

ABSENT = "subnet-0123456789abcdef0"


@pytest.fixture(scope="module")
def network(lab: Lab) -> tuple[str, list[str]]:
    """A VPC with two subnets, and one that is another's."""
    ec2 = lab.target("us-east-1").client("ec2", "us-east-1")
    vpc, other = (ec2.create_vpc(CidrBlock=f"10.{it}.0.0/16")["Vpc"]["VpcId"] for it in (201, 202))
    places = ((vpc, "10.201.1.0/24"), (vpc, "10.201.2.0/24"), (other, "10.202.1.0/24"))
    return vpc, [ec2.create_subnet(VpcId=it, CidrBlock=cidr)["Subnet"]["SubnetId"] for it, cidr in places]


def refusals(lab: Lab, vpc: str, subnets: list[str]) -> list[str]:
    """Plan the foundation in a network, and return what is wrong with it."""
    lab.write("there", {"network": {"existing": {"vpc_id": vpc, "subnet_ids": subnets}}})
    result = lab.plan("there", failing=True)["foundation"]
    return [it.message for it in result.diagnostics if it.severity is Severity.ERROR]


@pytest.mark.slow
def test_a_preview_refuses_what_is_not_there(lab: Lab, network: tuple[str, list[str]]):
    vpc, (first, second, others) = network
    hint = "\n  -> correct network.existing, or the account and the region"
    assert refusals(lab, vpc, [first, second]) == []
    wrong = "; ".join(f"network.existing.subnet_ids: {it} is no subnet of {vpc}" for it in (others, ABSENT))
    assert refusals(lab, vpc, [first, others, ABSENT]) == [wrong + hint]
    gone = f"network.existing.vpc_id: {vpc[:-4]}ffff is not there in us-east-1 for this account"
    assert refusals(lab, vpc[:-4] + "ffff", [first]) == [gone + hint]


@pytest.mark.slow
def test_a_look_at_plans_takes_it_to_be_there(lab: Lab):
    lab.write("there", {"network": {"existing": {"vpc_id": "vpc-0123456789abcdef0", "subnet_ids": [ABSENT]}}})
    lines = touched(lab.plan("there", pretending=True))
    assert "foundation: create network-vpc" not in lines
    assert "foundation: create network-workloads-group" in lines
