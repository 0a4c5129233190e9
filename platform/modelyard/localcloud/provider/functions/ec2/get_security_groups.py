"""`aws:ec2/getSecurityGroups:getSecurityGroups`."""

from modelyard.localcloud.provider.functions.lookup import asked_for, filters
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


def call(aws: Session, args: Props) -> Props:
    """Return the security groups that the arguments describe: identifiers, ARNs and networks, in one order."""
    pages = aws.client("ec2").get_paginator("describe_security_groups").paginate(Filters=filters(args))
    found = [group for page in pages for group in page["SecurityGroups"]]
    return _answer(aws, args, [it["GroupId"] for it in found], [it["VpcId"] for it in found])


def assumed(aws: Session, args: Props) -> Props:
    """Return the groups that the arguments name."""
    ids = asked_for(args, "group-id")
    return _answer(aws, args, ids, asked_for(args, "vpc-id")[:1] * len(ids))


def _answer(aws: Session, args: Props, ids: list[str], networks: list[str]) -> Props:
    arns = [f"arn:aws:ec2:{aws.region}:{aws.account_id}:security-group/{it}" for it in ids]
    return {**args, "id": aws.region, "arns": arns, "ids": ids, "region": aws.region, "vpcIds": networks}
