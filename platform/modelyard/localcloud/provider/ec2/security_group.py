"""`aws:ec2/securityGroup:SecurityGroup`."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.ec2 import Ec2Resource
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_RANGES = {
    "cidrBlocks": ("IpRanges", "CidrIp"),
    "ipv6CidrBlocks": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListIds": ("PrefixListIds", "PrefixListId"),
    "securityGroups": ("UserIdGroupPairs", "GroupId"),
}
_OPERATIONS = {"ingress": "ingress", "egress": "egress"}


class SecurityGroup(Ec2Resource):
    """A firewall around network interfaces; the rules inside it, when given, are all it has."""

    pulumi_type = "aws:ec2/securityGroup:SecurityGroup"
    noun = "security_group"
    kind = "security-group"
    identifier = "GroupId"
    members = "SecurityGroups"
    name_property: ClassVar[str | None] = "name"
    name_limit = 255
    defaults: ClassVar = {"description": "Managed by Pulumi", "revokeRulesOnDelete": False}
    names: ClassVar = {"name": "GroupName"}
    replace = frozenset({"description", "namePrefix", "vpcId"})
    unread = frozenset({"namePrefix", "revokeRulesOnDelete"})

    def created(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer is the group."""
        return answer

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Take away the rule that allows everything out, as the real provider does, and make the given rules."""
        found = self.describe(aws, resource_id) or {}
        for permission in found.get("IpPermissionsEgress", []):
            self.call(aws, "revoke_security_group_egress", GroupId=resource_id, IpPermissions=[permission])
        self.update(aws, resource_id, {"id": resource_id}, inputs)

    def attributes(self, aws: Session, found: dict[str, Any], state: Props) -> Props:
        """Read the rules in both directions."""
        own = found["GroupId"]
        return {
            "ingress": [rule for item in found["IpPermissions"] for rule in _rules(item, own)],
            "egress": [rule for item in found["IpPermissionsEgress"] for rule in _rules(item, own)],
        }

    def same(self, name: str, old: Any, new: Any) -> bool:
        """Rules are the same when they allow the same."""
        if name not in _OPERATIONS or not isinstance(old, list) or not isinstance(new, list):
            return super().same(name, old, new)
        return _atoms(old) == _atoms(new)

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Revoke and authorize the rules that changed, where the program gives any."""
        for direction in _OPERATIONS:
            if direction not in new:
                continue
            before, after = _atoms(old.get(direction) or []), _atoms(new[direction] or [])
            self._send(aws, f"revoke_security_group_{direction}", resource_id, before - after)
            self._send(aws, f"authorize_security_group_{direction}", resource_id, after - before)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the group, with `revokeRulesOnDelete` its rules first."""
        found = self.describe(aws, resource_id)
        if found and state.get("revokeRulesOnDelete"):
            for direction, member in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
                for permission in found[member]:
                    operation = f"revoke_security_group_{direction}"
                    self.call(aws, operation, GroupId=resource_id, IpPermissions=[permission])
        super().delete(aws, resource_id, state)

    def is_own(self, aws: Session, found: dict[str, Any]) -> bool:
        """Leave out the group that comes with a network."""
        return bool(found["GroupName"] != "default")

    def _send(self, aws: Session, operation: str, group_id: str, atoms: frozenset[str]) -> None:
        permissions = [_permission(json.loads(atom), group_id) for atom in sorted(atoms)]
        if permissions:
            self.call(aws, operation, GroupId=group_id, IpPermissions=permissions)


def _protocol(value: Any) -> str:
    return "-1" if str(value).lower() in ("-1", "all") else str(value).lower()


def _atoms(rules: list[Props]) -> frozenset[str]:
    """Return the rules taken apart to one source or target each, as texts that can be compared."""
    return frozenset(json.dumps(atom, sort_keys=True) for rule in rules for atom in _parts(rule))


def _parts(rule: Props) -> Iterator[Props]:
    ports = [0, 0] if _protocol(rule["protocol"]) == "-1" else [rule["fromPort"], rule["toPort"]]
    common = {"protocol": _protocol(rule["protocol"]), "ports": ports, "description": rule.get("description") or ""}
    for name in _RANGES:
        for value in rule.get(name) or []:
            yield {**common, "name": name, "value": value}
    if rule.get("self"):
        yield {**common, "name": "self", "value": True}


def _permission(atom: Props, group_id: str) -> dict[str, Any]:
    member, key = _RANGES.get(atom["name"], _RANGES["securityGroups"])
    target = {key: group_id if atom["name"] == "self" else atom["value"]}
    target |= {"Description": atom["description"]} if atom["description"] else {}
    permission: dict[str, Any] = {"IpProtocol": atom["protocol"], member: [target]}
    if atom["protocol"] != "-1":
        permission |= {"FromPort": atom["ports"][0], "ToPort": atom["ports"][1]}
    return permission


def _rules(permission: dict[str, Any], own: str) -> Iterator[Props]:
    """Return a permission as rules, one per description."""
    by_description: dict[str, Props] = {}
    for name, (member, key) in _RANGES.items():
        for target in permission.get(member, []):
            rule = by_description.setdefault(target.get("Description", ""), {})
            if target[key] == own:
                rule["self"] = True
            else:
                rule.setdefault(name, []).append(target[key])
    ports = {"fromPort": permission.get("FromPort", 0), "toPort": permission.get("ToPort", 0)}
    for description, rule in sorted(by_description.items()):
        yield {"protocol": permission["IpProtocol"], **ports, "description": description, **rule}


RESOURCE = SecurityGroup()
