"""`aws:ec2/natGateway:NatGateway`."""

from typing import Any, ClassVar

from modelyard.localcloud.provider.ec2 import Ec2Resource
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class NatGateway(Ec2Resource):
    """A private subnet's way out to the internet."""

    pulumi_type = "aws:ec2/natGateway:NatGateway"
    noun = "nat_gateway"
    kind = "natgateway"
    identifier = "NatGatewayId"
    members = "NatGateways"
    defaults: ClassVar = {"connectivityType": "public"}
    replace = frozenset({"allocationId", "availabilityMode", "connectivityType", "privateIp", "subnetId", "vpcId"})
    unread = frozenset({"secondaryAllocationIds", "secondaryPrivateIpAddresses", "secondaryPrivateIpAddressCount"})

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Wait until it is available."""
        aws.wait(lambda: self._state(aws, resource_id) == "available", f"NAT gateway {resource_id}")

    def describe(self, aws: Session, resource_id: str) -> dict[str, Any] | None:
        """Return the gateway, one that is on its way out left out."""
        found = super().describe(aws, resource_id)
        return None if found is None or not _is_there(found) else found

    def attributes(self, aws: Session, found: dict[str, Any], state: Props) -> Props:
        """Read the addresses."""
        addresses = found.get("NatGatewayAddresses") or [{}]
        names = {
            "allocationId": "AllocationId",
            "associationId": "AssociationId",
            "networkInterfaceId": "NetworkInterfaceId",
            "privateIp": "PrivateIp",
            "publicIp": "PublicIp",
        }
        known = {name: addresses[0][word] for name, word in names.items() if addresses[0].get(word)}
        return {"connectivityType": found.get("ConnectivityType", "public"), **known}

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete it and wait until it is gone."""
        super().delete(aws, resource_id, state)
        aws.wait(lambda: self.describe(aws, resource_id) is None, f"the end of NAT gateway {resource_id}")

    def is_own(self, aws: Session, found: dict[str, Any]) -> bool:
        """Leave out gateways on their way out."""
        return _is_there(found)

    def _state(self, aws: Session, resource_id: str) -> str:
        return str((self.describe(aws, resource_id) or {}).get("State"))


def _is_there(found: dict[str, Any]) -> bool:
    return found.get("State") not in ("deleting", "deleted")


RESOURCE = NatGateway()
