"""`aws:ec2/internetGateway:InternetGateway`."""

from typing import Any

from modelyard.localcloud.provider.ec2 import Ec2Resource
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class InternetGateway(Ec2Resource):
    """A network's way to the internet."""

    pulumi_type = "aws:ec2/internetGateway:InternetGateway"
    noun = "internet_gateway"
    kind = "internet-gateway"
    identifier = "InternetGatewayId"
    members = "InternetGateways"

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Attach it to its network."""
        self.update(aws, resource_id, {}, inputs)

    def attributes(self, aws: Session, found: dict[str, Any], state: Props) -> Props:
        """Read which network it is attached to."""
        attached = found.get("Attachments") or []
        return {"vpcId": attached[0]["VpcId"] if attached else ""}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Move it to another network."""
        before, after = old.get("vpcId") or "", new.get("vpcId") or ""
        if before and before != after:
            self.find(aws, "detach_internet_gateway", InternetGatewayId=resource_id, VpcId=before)
        if after and before != after:
            self.call(aws, "attach_internet_gateway", InternetGatewayId=resource_id, VpcId=after)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Detach it and delete it."""
        found = self.read(aws, resource_id, {})
        if found is not None:
            self.update(aws, resource_id, found, {})
            super().delete(aws, resource_id, state)

    def is_own(self, aws: Session, found: dict[str, Any]) -> bool:
        """Leave out the gateway of the network that AWS gives to an account."""
        networks = [attached["VpcId"] for attached in found.get("Attachments") or []]
        if not networks:
            return True
        return not any(vpc.get("IsDefault") for vpc in self.call(aws, "describe_vpcs", VpcIds=networks)["Vpcs"])


RESOURCE = InternetGateway()
