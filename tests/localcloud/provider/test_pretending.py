"""What our provider pretends in a plan has the form of what there is going to be."""

import re
from collections.abc import Iterator

import pytest

from modelyard import wire
from modelyard.localcloud.provider.servicer import AwsProvider

from .conftest import World

STATEMENT = '{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}'
DOCUMENT = f'{{"Version": "2012-10-17", "Statement": [{STATEMENT}]}}'
TRUST = DOCUMENT.replace("s3:GetObject", "sts:AssumeRole").replace('"Resource": "*"', '"Principal": "*"')
CASES = {
    "aws:s3/bucket:Bucket": {"bucket": "pretended-bucket"},
    "aws:iam/role:Role": {"name": "pretended", "assumeRolePolicy": TRUST},
    "aws:iam/policy:Policy": {"name": "pretended", "policy": DOCUMENT},
    "aws:sns/topic:Topic": {"name": "pretended"},
    "aws:sqs/queue:Queue": {"name": "pretended"},
    "aws:kms/key:Key": {},
    "aws:ecr/repository:Repository": {"name": "pretended"},
    "aws:cloudwatch/logGroup:LogGroup": {"name": "/pretended/log"},
    "aws:cloudwatch/eventRule:EventRule": {"name": "pretended", "scheduleExpression": "rate(1 hour)"},
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": {"modelPackageGroupName": "pretended"},
    "aws:ec2/vpc:Vpc": {"cidrBlock": "10.0.0.0/16"},
}


@pytest.fixture
def pretending(cloud_url: str) -> Iterator[World]:
    made = World(AwsProvider(cloud_url, pretending=True))
    made.configure(region="us-east-1")
    yield made
    made.clear()


def form(arn: str) -> str:
    """Return an ARN without what only AWS knows: identifiers."""
    return re.sub(r"thing-[0-9a-f]{8}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=vpc/)[\w-]+", "ID", arn)


@pytest.mark.parametrize("token", CASES)
def test_pretended_arns_have_the_form_of_real_ones(pretending: World, token: str):
    inputs = pretending.checked(token, CASES[token])
    found, pretended = pretending.create(token, inputs, preview=True)
    _, real = pretending.create(token, inputs)
    assert form(pretended["arn"]) == form(real["arn"])
    assert pretended["id"] == found != ""


def test_what_is_known_stays_and_what_is_no_text_is_not_made_up(pretending: World):
    token = "aws:ec2/subnet:Subnet"
    inputs = pretending.checked(token, {"vpcId": wire.UNKNOWN, "cidrBlock": "10.0.0.0/24"})
    _, known = pretending.create(token, inputs, preview=True)
    assert (known["cidrBlock"], known["vpcId"]) == ("10.0.0.0/24", wire.UNKNOWN)
    assert "availabilityZone" not in known


def test_without_pretending_nothing_is_made_up(world: World):
    token = "aws:sns/topic:Topic"
    found, known = world.create(token, world.checked(token, {"name": "x"}), preview=True)
    assert (found, "arn" in known) == ("", False)
