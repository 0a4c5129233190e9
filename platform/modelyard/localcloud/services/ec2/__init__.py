"""EC2: what moto leaves out of the rules of security groups, of VPC endpoints and of flow logs."""

from typing import TYPE_CHECKING, Any

import moto.ec2.urls
from moto.core.responses import ActionResult
from moto.ec2.models.security_groups import SecurityGroupRule

from modelyard.localcloud.services.ec2.endpoints import EndpointOperations
from modelyard.localcloud.services.ec2.flow_logs import FlowLogOperations

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud

_moto_makes: Any = SecurityGroupRule.__init__


class Operations(EndpointOperations, FlowLogOperations):
    """Our operations in front of moto's."""

    def describe_security_group_rules(self) -> ActionResult:
        """Describe rules with the descriptions that moto keeps only for ranges of addresses."""
        wanted = self._get_param("SecurityGroupRuleIds", [])
        rules = self.ec2_backend.describe_security_group_rules(wanted, self._filters_from_querystring())
        return ActionResult({"SecurityGroupRules": [_described(rule) for rule in rules]})

    def modify_security_group_rules(self) -> ActionResult:
        """Change rules; moto changes only those of IPv4 ranges."""
        answer = super().modify_security_group_rules()
        group = self.ec2_backend.get_security_group_from_id(self._get_param("GroupId"))
        for change in self._get_param("SecurityGroupRules", []):
            _modify(group.get_rule(change["SecurityGroupRuleId"]), change["SecurityGroupRule"])
        return answer


def install(_cloud: "LocalCloud") -> None:
    """Route EC2's requests through our operations."""
    moto.ec2.urls.url_paths["{0}/"] = Operations.dispatch
    kind: Any = SecurityGroupRule
    kind.__init__ = _make


def _make(rule: Any, *given: Any, **named: Any) -> None:
    """Make a rule; moto drops the description of one for a list of prefixes."""
    prefixes = named.get("prefix_list_id") or (given[7] if len(given) > 7 else None) or {}
    rule.prefix_list_description = prefixes.get("Description")
    _moto_makes(rule, *given, **named)


def _described(rule: Any) -> dict[str, Any]:
    described = {
        "SecurityGroupRuleId": rule.id,
        "GroupId": rule.group_id,
        "GroupOwnerId": rule.owner_id,
        "IsEgress": rule.is_egress,
        "IpProtocol": rule.ip_protocol,
        "FromPort": -1 if rule.from_port is None else rule.from_port,
        "ToPort": -1 if rule.to_port is None else rule.to_port,
        "CidrIpv4": rule.cidr_ipv4,
        "CidrIpv6": rule.cidr_ipv6,
        "PrefixListId": rule.prefix_list_id,
        "Description": _description(rule),
        "Tags": [{"Key": tag["key"], "Value": tag["value"]} for tag in rule.get_tags()],
    }
    if rule.source_group:
        group = {"GroupId": rule.source_group.get("GroupId"), "UserId": rule.source_group.get("OwnerId")}
        described["ReferencedGroupInfo"] = group
    return {name: value for name, value in described.items() if value is not None}


def _description(rule: Any) -> str | None:
    listed: str | None = getattr(rule, "prefix_list_description", None)
    return rule.description or rule.source_group.get("Description") or listed


def _modify(rule: Any, change: dict[str, Any]) -> None:
    if change.get("CidrIpv6"):
        rule.ip_range["CidrIpv6"] = change["CidrIpv6"]
    if change.get("PrefixListId"):
        rule.prefix_list_id = change["PrefixListId"]
        rule.prefix_list_description = rule.ip_range.pop("Description", None)
    if change.get("ReferencedGroupId"):
        description = rule.ip_range.pop("Description", None)
        rule.source_group = {"GroupId": change["ReferencedGroupId"], "OwnerId": rule.owner_id}
        rule.source_group |= {"Description": description} if description else {}
