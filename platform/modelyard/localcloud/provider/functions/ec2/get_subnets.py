"""`aws:ec2/getSubnets:getSubnets`."""

from modelyard.localcloud.provider.functions.lookup import asked_for, filters
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


def call(aws: Session, args: Props) -> Props:
    """Return the identifiers of the subnets that the arguments describe."""
    pages = aws.client("ec2").get_paginator("describe_subnets").paginate(Filters=filters(args))
    ids = [subnet["SubnetId"] for page in pages for subnet in page["Subnets"]]
    return {**args, "id": aws.region, "ids": ids, "region": aws.region}


def assumed(aws: Session, args: Props) -> Props:
    """Return the identifiers that the arguments name."""
    return {**args, "id": aws.region, "ids": asked_for(args, "subnet-id"), "region": aws.region}
