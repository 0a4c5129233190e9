"""`aws:ec2/defaultSecurityGroup:DefaultSecurityGroup`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.ec2.security_group import SecurityGroup
from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class DefaultSecurityGroup(SecurityGroup):
    """The security group that comes with a network: taken over, never made, and left as it is in the end.

    As with the real provider all its rules go when it is taken over, and then it has those that the program gives.
    """

    pulumi_type = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    name_property = None
    is_view = True
    defaults: ClassVar = {"revokeRulesOnDelete": False}
    replace = frozenset({"vpcId"})
    unread = frozenset({"revokeRulesOnDelete"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Find the group of the network; of the account's own network where none is given."""
        network = inputs.get("vpcId") or self._own_network(aws)
        named = [{"Name": "vpc-id", "Values": [network]}, {"Name": "group-name", "Values": ["default"]}]
        groups = self.call(aws, "describe_security_groups", Filters=named)["SecurityGroups"]
        if not groups:
            raise ProviderError(f"there is no network {network!r}", hint="give vpc_id a network that exists")
        return str(groups[0]["GroupId"])

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Take away all rules, make the given ones, and put the tags."""
        found = self.describe(aws, resource_id) or {}
        for permission in found.get("IpPermissions", []):
            self.call(aws, "revoke_security_group_ingress", GroupId=resource_id, IpPermissions=[permission])
        super().configure(aws, resource_id, inputs)
        self.tagging.write(aws, resource_id, self.tagging.read(aws, resource_id), inputs.get("tagsAll") or {})

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Nothing: the group goes with its network."""

    def list(self, aws: Session) -> Iterator[str]:
        """List the groups of the networks that somebody made."""
        vpcs = self.pages(aws, "describe_vpcs", "Vpcs", Filters=[{"Name": "is-default", "Values": ["false"]}])
        networks = {vpc["VpcId"] for vpc in vpcs}
        for group in self.pages(aws, "describe_security_groups", "SecurityGroups"):
            if group["GroupName"] == "default" and group["VpcId"] in networks:
                yield str(group["GroupId"])

    def _own_network(self, aws: Session) -> str:
        vpcs: list[dict[str, Any]] = self.call(
            aws, "describe_vpcs", Filters=[{"Name": "is-default", "Values": ["true"]}]
        )["Vpcs"]
        return str(vpcs[0]["VpcId"]) if vpcs else ""


RESOURCE = DefaultSecurityGroup()
