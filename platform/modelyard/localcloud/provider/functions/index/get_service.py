"""`aws:index/getService:getService`."""

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_REVERSE = "com.amazonaws"


def call(aws: Session, args: Props) -> Props:
    """Return the names of a service, given one of them.

    Raises:
        ProviderError: none is given, or it is no such name.
    """
    region, service = _asked(aws, args)
    return {
        "dnsName": f"{service}.{region}.amazonaws.com",
        "id": f"{_REVERSE}.{region}.{service}",
        "partition": "aws",
        "region": region,
        "reverseDnsName": f"{_REVERSE}.{region}.{service}",
        "reverseDnsPrefix": _REVERSE,
        "serviceId": service,
        "supported": True,
    }


def _asked(aws: Session, args: Props) -> tuple[str, str]:
    if args.get("serviceId"):
        return str(args.get("region") or aws.region), str(args["serviceId"])
    name = str(args.get("reverseDnsName") or ".".join(reversed(str(args.get("dnsName") or "").split("."))))
    parts = name.removeprefix(f"{_REVERSE}.").split(".", 1)
    if not name.startswith(f"{_REVERSE}.") or len(parts) != 2:
        raise ProviderError(f"{name!r} is not the name of a service", hint="give serviceId, dnsName or reverseDnsName")
    return parts[0], parts[1]
