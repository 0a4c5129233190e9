"""Single rules of security groups."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.ec2 import Ec2Resource
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_TARGETS = {
    "cidrIpv4": ("IpRanges", "CidrIp"),
    "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListId": ("PrefixListIds", "PrefixListId"),
    "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
}


class SecurityGroupRule(Ec2Resource):
    """One rule in one direction; `direction` is `ingress` or `egress`."""

    kind = "security-group-rule"
    identifier = "SecurityGroupRuleId"
    members = "SecurityGroupRules"
    noun = "security_group_rule"
    direction: ClassVar[str]
    names: ClassVar = {"securityGroupId": "GroupId"}
    replace = frozenset({"securityGroupId"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Authorize what the rule allows."""
        parameters = {"GroupId": inputs["securityGroupId"], "IpPermissions": [_permission(inputs)]}
        answer = self.call(
            aws, f"authorize_security_group_{self.direction}", **parameters, **self.tag_specification(inputs)
        )
        return str(answer["SecurityGroupRules"][0]["SecurityGroupRuleId"])

    def describe(self, aws: Session, resource_id: str) -> dict[str, Any] | None:
        """Return the rule as EC2 describes it."""
        answer = self.find(aws, "describe_security_group_rules", SecurityGroupRuleIds=[resource_id])
        return dict(answer["SecurityGroupRules"][0]) if answer and answer["SecurityGroupRules"] else None

    def attributes(self, aws: Session, found: dict[str, Any], state: Props) -> Props:
        """Read what has another form in the description; a rule for all protocols has no ports."""
        props: Props = {"securityGroupRuleId": found["SecurityGroupRuleId"], "securityGroupId": found["GroupId"]}
        reference = found.get("ReferencedGroupInfo", {}).get("GroupId")
        props |= {"referencedSecurityGroupId": reference} if reference else {}
        if found["IpProtocol"] == "-1":
            props |= {name: state.get(name) for name in ("fromPort", "toPort")}
        return props

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change in place what the rule allows."""
        if _permission(old) == _permission(new):
            return
        renamed = {_API_NAMES.get(name, name): value for name, value in new.items()}
        names = ("IpProtocol", "FromPort", "ToPort", "CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId")
        rule = {name: renamed[name] for name in (*names, "Description") if renamed.get(name) is not None}
        if rule["IpProtocol"] == "-1":
            rule |= {"FromPort": -1, "ToPort": -1}
        change = {"SecurityGroupRuleId": resource_id, "SecurityGroupRule": rule}
        self.call(aws, "modify_security_group_rules", GroupId=new["securityGroupId"], SecurityGroupRules=[change])

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Revoke the rule."""
        found = self.describe(aws, resource_id)
        if found is not None:
            operation = f"revoke_security_group_{self.direction}"
            self.find(aws, operation, GroupId=found["GroupId"], SecurityGroupRuleIds=[resource_id])

    def list(self, aws: Session) -> Iterator[str]:
        """List the rules of this direction, those of the groups that come with a network left out."""
        groups = self.pages(aws, "describe_security_groups", "SecurityGroups")
        defaults = {group["GroupId"] for group in groups if group["GroupName"] == "default"}
        for rule in self.pages(aws, "describe_security_group_rules", "SecurityGroupRules"):
            if rule["GroupId"] not in defaults and rule["IsEgress"] == (self.direction == "egress"):
                yield str(rule["SecurityGroupRuleId"])


_API_NAMES = {
    "ipProtocol": "IpProtocol",
    "fromPort": "FromPort",
    "toPort": "ToPort",
    "cidrIpv4": "CidrIpv4",
    "cidrIpv6": "CidrIpv6",
    "prefixListId": "PrefixListId",
    "referencedSecurityGroupId": "ReferencedGroupId",
    "description": "Description",
}


def _permission(props: Props) -> dict[str, Any]:
    permission: dict[str, Any] = {"IpProtocol": str(props["ipProtocol"])}
    if permission["IpProtocol"] != "-1":
        ports = {"FromPort": props.get("fromPort"), "ToPort": props.get("toPort")}
        permission |= {name: port for name, port in ports.items() if port is not None}
    for name, (member, key) in _TARGETS.items():
        if props.get(name):
            target = {key: props[name]}
            target |= {"Description": props["description"]} if props.get("description") else {}
            permission[member] = [target]
    return permission
