"""`aws:sns/getTopic:getTopic`."""

from modelyard.localcloud.provider.functions.lookup import described, only, picked
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

REQUIRED = ("name",)


def call(aws: Session, args: Props) -> Props:
    """Return the topic of a name."""
    pages = aws.client("sns").get_paginator("list_topics").paginate()
    arns = [topic["TopicArn"] for page in pages for topic in page["Topics"]]
    arn = only([it for it in arns if it.rpartition(":")[2] == args["name"]], "SNS Topic")
    return picked(described(aws, "aws:sns/topic:Topic", arn), ("arn", "id", "name", "region", "tags"))
