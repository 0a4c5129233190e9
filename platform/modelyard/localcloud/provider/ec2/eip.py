"""`aws:ec2/eip:Eip`."""

from typing import Any, ClassVar

from modelyard.localcloud.provider.ec2 import Ec2Resource
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_NAMES = {
    "allocationId": "AllocationId",
    "associationId": "AssociationId",
    "domain": "Domain",
    "instance": "InstanceId",
    "networkBorderGroup": "NetworkBorderGroup",
    "networkInterface": "NetworkInterfaceId",
    "privateIp": "PrivateIpAddress",
    "publicIp": "PublicIp",
    "publicIpv4Pool": "PublicIpv4Pool",
}


class Eip(Ec2Resource):
    """A public address that stays the same."""

    pulumi_type = "aws:ec2/eip:Eip"
    noun = "address"
    kind = "elastic-ip"
    identifier = "AllocationId"
    members = "Addresses"
    defaults: ClassVar = {}
    replace = frozenset(
        {"address", "customerOwnedIpv4Pool", "domain", "ipamPoolId", "networkBorderGroup", "publicIpv4Pool"}
    )
    unread = frozenset({"address", "associateWithPrivateIp"})

    @property
    def plural(self) -> str:
        """The noun of the describing operation."""
        return "addresses"

    def create(self, aws: Session, inputs: Props) -> str:
        """Allocate the address with its tags."""
        answer = self.call(aws, "allocate_address", Domain="vpc", **self.tag_specification(inputs))
        return str(answer["AllocationId"])

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Join it to its instance or network interface."""
        self.update(aws, resource_id, {}, inputs)

    def attributes(self, aws: Session, found: dict[str, Any], state: Props) -> Props:
        """Read the address and what it is joined to."""
        known = {name: found[word] for name, word in _NAMES.items() if found.get(word)}
        address = str(found["PublicIp"]).replace(".", "-")
        return {"domain": "vpc", **known, "publicDns": f"ec2-{address}.compute-1.amazonaws.com"}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Join it to another instance or network interface."""
        names = {"instance": "InstanceId", "networkInterface": "NetworkInterfaceId"}
        wanted = {word: new[name] for name, word in names.items() if new.get(name) and new[name] != old.get(name)}
        if wanted:
            self.call(aws, "associate_address", AllocationId=resource_id, **wanted)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Part it from what it is joined to, and release it."""
        found = self.describe(aws, resource_id)
        if found is not None:
            if found.get("AssociationId"):
                self.find(aws, "disassociate_address", AssociationId=found["AssociationId"])
            self.find(aws, "release_address", AllocationId=resource_id)


RESOURCE = Eip()
