"""`aws:iam/getRole:getRole`."""

from modelyard.localcloud.provider.functions.lookup import described, picked
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_NAMES = (
    "arn",
    "assumeRolePolicy",
    "createDate",
    "description",
    "id",
    "maxSessionDuration",
    "name",
    "path",
    "permissionsBoundary",
    "tags",
    "uniqueId",
)

REQUIRED = ("name",)


def call(aws: Session, args: Props) -> Props:
    """Return what is known of a role."""
    return {**picked(described(aws, "aws:iam/role:Role", str(args["name"])), _NAMES), "roleLastUseds": []}
