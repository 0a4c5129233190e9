"""Rules of the network's ACL, pure: a second fence around the subnets, should a security group ever be too wide."""

from typing import Any

_ANYWHERE = "0.0.0.0/0"
_HIGHEST_PORT = 65535
# Where answers come in: Linux asks from these ports, a NAT gateway from any that needs no privilege.
_ASKED_FROM, _NAT_ASKS_FROM = 32768, 1024
Rule = dict[str, Any]


def ingress(cidr: str, *, internet: bool) -> list[Rule]:
    """Let in what comes from the network itself, and answers; S3 and DynamoDB answer from public addresses.

    Args:
        cidr: the network's range.
        internet: whether there are NAT gateways.
    """
    return [_inside(cidr), _tcp(_NAT_ASKS_FROM if internet else _ASKED_FROM, _HIGHEST_PORT)]


def egress(cidr: str) -> list[Rule]:
    """Let out what stays in the network, and TLS."""
    return [_inside(cidr), _tcp(443, 443)]


def _inside(cidr: str) -> Rule:
    return {"rule_no": 100, "action": "allow", "protocol": "-1", "cidr_block": cidr, "from_port": 0, "to_port": 0}


def _tcp(first: int, last: int) -> Rule:
    return {
        "rule_no": 200,
        "action": "allow",
        "protocol": "tcp",
        "cidr_block": _ANYWHERE,
        "from_port": first,
        "to_port": last,
    }
