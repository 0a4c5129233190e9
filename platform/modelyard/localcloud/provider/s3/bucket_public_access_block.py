"""`aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock`."""

from typing import Any, ClassVar

from modelyard.localcloud.provider.s3 import BucketSetting
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_SWITCHES = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


class BucketPublicAccessBlock(BucketSetting):
    """Four switches that keep a bucket from the public."""

    pulumi_type = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    setting = "public_access_block"
    replace = frozenset({"bucket"})
    parameter = "PublicAccessBlockConfiguration"
    defaults: ClassVar = dict.fromkeys(_SWITCHES, False)
    unread = frozenset({"skipDestroy"})

    def to_aws(self, aws: Session, props: Props) -> Any:
        """Return the switches."""
        return {name[0].upper() + name[1:]: bool(props.get(name)) for name in _SWITCHES}

    def from_aws(self, answer: dict[str, Any]) -> Props | None:
        """Read the switches."""
        return {name: bool(answer[self.parameter].get(name[0].upper() + name[1:])) for name in _SWITCHES}

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the block, but for one that is to stay."""
        if not state.get("skipDestroy"):
            super().delete(aws, resource_id, state)


RESOURCE = BucketPublicAccessBlock()
