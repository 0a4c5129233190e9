"""`aws:index/getArn:getArn`."""

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_PARTS = ("partition", "service", "region", "account", "resource")

REQUIRED = ("arn",)


def call(aws: Session, args: Props) -> Props:
    """Take an ARN apart.

    Raises:
        ProviderError: it is none.
    """
    arn = str(args["arn"])
    head, *parts = arn.split(":", 5)
    if head != "arn" or len(parts) != len(_PARTS):
        hint = "it has six parts: arn:partition:service:region:account:resource"
        raise ProviderError(f"{arn!r} is not an ARN", hint=hint)
    return {**dict(zip(_PARTS, parts, strict=True)), "arn": arn, "id": arn}
