"""`aws:ec2/defaultNetworkAcl:DefaultNetworkAcl`."""

from collections.abc import Iterator
from typing import Any

from modelyard.localcloud.provider.ec2 import Ec2Resource
from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_PROTOCOLS = {"all": "-1", "icmp": "1", "tcp": "6", "udp": "17"}
_DIRECTIONS = {"ingress": False, "egress": True}
_LAST_RULE = 32767  # AWS's own, which denies what is left; it can't be changed
_PLAIN = {"ruleNo": "RuleNumber", "action": "RuleAction", "cidrBlock": "CidrBlock", "ipv6CidrBlock": "Ipv6CidrBlock"}


class DefaultNetworkAcl(Ec2Resource):
    """The network ACL that comes with a network: taken over, never made, and left as it is in the end.

    As with the real provider it has the rules that the program gives, and none else; subnets stay where they are.
    """

    pulumi_type = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
    noun = "network_acl"
    kind = "network-acl"
    identifier = "NetworkAclId"
    members = "NetworkAcls"
    is_view = True
    replace = frozenset({"defaultNetworkAclId"})
    unordered = frozenset({"subnetIds"})

    def same(self, name: str, old: Any, new: Any) -> bool:
        """Rules are the same when they say the same, whatever their order."""
        if name in _DIRECTIONS and isinstance(old, list) and isinstance(new, list):
            return _entries(old, name) == _entries(new, name)
        return super().same(name, old, new)

    def create(self, aws: Session, inputs: Props) -> str:
        """Find the list.

        Raises:
            ProviderError: there is none, or it is not the one that came with its network.
        """
        resource_id = str(inputs["defaultNetworkAclId"])
        if not (self.describe(aws, resource_id) or {}).get("IsDefault"):
            raise ProviderError(
                f"{resource_id} is no default network ACL", hint="give default_network_acl_id a VPC's own"
            )
        return resource_id

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Make the rules those that are given, and put the tags."""
        there = self.read(aws, resource_id, {}) or {}
        self.update(aws, resource_id, there, {name: inputs.get(name) or [] for name in _DIRECTIONS})
        self.tagging.write(aws, resource_id, self.tagging.read(aws, resource_id), inputs.get("tagsAll") or {})

    def attributes(self, aws: Session, found: dict[str, Any], state: Props) -> Props:
        """Read the rules in both directions, and where they count."""
        own = [entry for entry in found["Entries"] if entry["RuleNumber"] < _LAST_RULE]
        rules = {name: [_rule(it) for it in own if it["Egress"] is egress] for name, egress in _DIRECTIONS.items()}
        subnets = [association["SubnetId"] for association in found.get("Associations", [])]
        return {**rules, "defaultNetworkAclId": found["NetworkAclId"], "subnetIds": subnets}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Delete, make and replace the rules that changed, by their numbers."""
        for name, egress in _DIRECTIONS.items():
            before, after = _entries(old.get(name) or [], name), _entries(new.get(name) or [], name)
            for number in sorted(before.keys() - after.keys()):
                gone = {"NetworkAclId": resource_id, "RuleNumber": number, "Egress": egress}
                self.find(aws, "delete_network_acl_entry", **gone)
            for number in sorted(after):
                if before.get(number) != after[number]:
                    operation = "replace_network_acl_entry" if number in before else "create_network_acl_entry"
                    self.call(aws, operation, NetworkAclId=resource_id, **after[number])

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Nothing: the list goes with its network."""

    def list(self, aws: Session) -> Iterator[str]:
        """List the lists of the networks that somebody made."""
        vpcs = self.pages(aws, "describe_vpcs", "Vpcs", Filters=[{"Name": "is-default", "Values": ["false"]}])
        networks = {vpc["VpcId"] for vpc in vpcs}
        for found in self.pages(aws, "describe_network_acls", "NetworkAcls"):
            if found["IsDefault"] and found["VpcId"] in networks:
                yield str(found["NetworkAclId"])


def _entries(rules: list[Props], direction: str) -> dict[int, dict[str, Any]]:
    """Return rules as EC2 takes them, by their numbers."""
    return {int(rule["ruleNo"]): _entry(rule, egress=_DIRECTIONS[direction]) for rule in rules}


def _entry(rule: Props, *, egress: bool) -> dict[str, Any]:
    protocol = str(rule["protocol"]).lower()
    entry: dict[str, Any] = {"Egress": egress, "Protocol": _PROTOCOLS.get(protocol, protocol)}
    entry |= {word: rule[name] for name, word in _PLAIN.items() if rule.get(name)}
    if entry["Protocol"] in (_PROTOCOLS["tcp"], _PROTOCOLS["udp"]):
        entry["PortRange"] = {"From": int(rule["fromPort"]), "To": int(rule["toPort"])}
    if entry["Protocol"] == _PROTOCOLS["icmp"]:
        entry["IcmpTypeCode"] = {"Type": int(rule.get("icmpType") or 0), "Code": int(rule.get("icmpCode") or 0)}
    return entry


def _rule(entry: dict[str, Any]) -> Props:
    ports, icmp = entry.get("PortRange") or {}, entry.get("IcmpTypeCode") or {}
    known = {name: entry[word] for name, word in _PLAIN.items() if entry.get(word)}
    rule = {**known, "protocol": entry["Protocol"], "fromPort": ports.get("From", 0), "toPort": ports.get("To", 0)}
    return {**rule, "icmpType": icmp.get("Type", 0), "icmpCode": icmp.get("Code", 0)}


RESOURCE = DefaultNetworkAcl()
