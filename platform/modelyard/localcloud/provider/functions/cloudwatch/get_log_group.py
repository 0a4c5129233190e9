"""`aws:cloudwatch/getLogGroup:getLogGroup`."""

from modelyard.localcloud.provider.functions.lookup import described, picked
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_NAMES = ("arn", "creationTime", "id", "kmsKeyId", "logGroupClass", "name", "region", "retentionInDays", "tags")

REQUIRED = ("name",)


def call(aws: Session, args: Props) -> Props:
    """Return what is known of a log group."""
    name = str(args["name"])
    pages = aws.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    created = [it["creationTime"] for page in pages for it in page["logGroups"] if it["logGroupName"] == name]
    found = described(aws, "aws:cloudwatch/logGroup:LogGroup", name)
    return picked({"kmsKeyId": "", "creationTime": created[0] if created else 0, **found}, _NAMES)
