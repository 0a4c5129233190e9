"""`aws:kms/getAlias:getAlias`."""

from modelyard.localcloud.provider.functions.lookup import described, picked
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

REQUIRED = ("name",)


def call(aws: Session, args: Props) -> Props:
    """Return what is known of an alias."""
    found = described(aws, "aws:kms/alias:Alias", str(args["name"]))
    return {**picked(found, ("arn", "name", "region", "targetKeyArn", "targetKeyId")), "id": found["arn"]}
