"""`aws:index/getCallerIdentity:getCallerIdentity`."""

from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


def call(aws: Session, args: Props) -> Props:
    """Return whom the credentials belong to."""
    answer = aws.identity
    account = answer["Account"]
    return {"accountId": account, "arn": answer["Arn"], "id": account, "userId": answer["UserId"]}
