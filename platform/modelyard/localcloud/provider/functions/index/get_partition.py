"""`aws:index/getPartition:getPartition`."""

from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


def call(aws: Session, args: Props) -> Props:
    """Return the partition of the region."""
    return {
        "dnsSuffix": "amazonaws.com",
        "id": "aws",
        "partition": "aws",
        "region": aws.region,
        "reverseDnsPrefix": "com.amazonaws",
    }
