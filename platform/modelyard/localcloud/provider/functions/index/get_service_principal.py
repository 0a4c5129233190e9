"""`aws:index/getServicePrincipal:getServicePrincipal`."""

from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

# Services whose principal differs in partitions other than `aws`; here there is that one only.
_SUFFIX = "amazonaws.com"

REQUIRED = ("serviceName",)


def call(aws: Session, args: Props) -> Props:
    """Return the principal by which a service takes on roles."""
    service, region = str(args["serviceName"]), args.get("region") or aws.region
    return {
        "id": f"{service}.{region}.{_SUFFIX}",
        "name": f"{service}.{_SUFFIX}",
        "region": region,
        "serviceName": service,
        "suffix": _SUFFIX,
    }
