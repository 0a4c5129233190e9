"""`aws:ec2/getVpcs:getVpcs`."""

from modelyard.localcloud.provider.functions.lookup import asked_for, filters
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


def call(aws: Session, args: Props) -> Props:
    """Return the identifiers of the networks that the arguments describe."""
    pages = aws.client("ec2").get_paginator("describe_vpcs").paginate(Filters=filters(args))
    ids = [vpc["VpcId"] for page in pages for vpc in page["Vpcs"]]
    return {**args, "id": aws.region, "ids": ids, "region": aws.region}


def assumed(aws: Session, args: Props) -> Props:
    """Return the identifiers that the arguments name."""
    return {**args, "id": aws.region, "ids": asked_for(args, "vpc-id"), "region": aws.region}
