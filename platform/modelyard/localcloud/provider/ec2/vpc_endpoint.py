"""`aws:ec2/vpcEndpoint:VpcEndpoint`."""

from typing import Any, ClassVar

from modelyard.localcloud.provider.ec2 import Ec2Resource
from modelyard.localcloud.provider.errors import NotReadyError
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_LISTS = {"routeTableIds": "RouteTableIds", "securityGroupIds": "SecurityGroupIds", "subnetIds": "SubnetIds"}


class VpcEndpoint(Ec2Resource):
    """A private way from a network to an AWS service."""

    pulumi_type = "aws:ec2/vpcEndpoint:VpcEndpoint"
    noun = "vpc_endpoint"
    kind = "vpc-endpoint"
    identifier = "VpcEndpointId"
    members = "VpcEndpoints"
    defaults: ClassVar = {"privateDnsEnabled": False, "vpcEndpointType": "Gateway"}
    names: ClassVar = {"policy": "PolicyDocument"}
    replace = frozenset({"resourceConfigurationArn", "serviceName", "serviceNetworkArn", "serviceRegion"})
    json_properties = frozenset({"policy"})
    unordered = frozenset(_LISTS)
    unread = frozenset({"autoAccept", "subnetConfigurations"})

    def must_replace(self, path: str, old: Props, new: Props) -> bool:
        """The network and the kind of endpoint can't change either."""
        return path in ("vpcId", "vpcEndpointType") or super().must_replace(path, old, new)

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Wait until it is available."""
        aws.wait(lambda: _is_available(self.describe(aws, resource_id)), f"VPC endpoint {resource_id}")

    def attributes(self, aws: Session, found: dict[str, Any], state: Props) -> Props:
        """Read what has another form in the description."""
        prefixes = self._prefixes(aws, str(found["ServiceName"])) if found["VpcEndpointType"] == "Gateway" else {}
        return {
            "securityGroupIds": [group["GroupId"] for group in found.get("Groups", [])],
            "routeTableIds": found.get("RouteTableIds", []),
            "subnetIds": found.get("SubnetIds", []),
            "networkInterfaceIds": found.get("NetworkInterfaceIds", []),
            "prefixListId": prefixes.get("PrefixListId", ""),
            "cidrBlocks": prefixes.get("Cidrs", []),
            "requesterManaged": found.get("RequesterManaged", False),
        }

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change the policy, private DNS, and what the endpoint is joined to."""
        parameters: dict[str, Any] = {}
        for name, word in _LISTS.items():
            before, after = set(old.get(name) or []), set(new.get(name) or [])
            parameters |= {f"Add{word}": sorted(after - before), f"Remove{word}": sorted(before - after)}
        parameters = {name: values for name, values in parameters.items() if values}
        if not self.same("policy", old.get("policy"), new.get("policy")):
            given = {"PolicyDocument": new["policy"]} if new.get("policy") else {"ResetPolicy": True}
            parameters |= given
        if bool(old.get("privateDnsEnabled")) != bool(new.get("privateDnsEnabled")):
            parameters["PrivateDnsEnabled"] = bool(new.get("privateDnsEnabled"))
        if parameters:
            self.call(aws, "modify_vpc_endpoint", VpcEndpointId=resource_id, **parameters)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the endpoint, and wait until its network interfaces are gone."""
        self.find(aws, "delete_vpc_endpoints", VpcEndpointIds=[resource_id])
        aws.wait(lambda: self._is_gone(aws, resource_id), f"the end of VPC endpoint {resource_id}")

    def describe(self, aws: Session, resource_id: str) -> dict[str, Any] | None:
        """Return the endpoint, one on its way out left out."""
        found = super().describe(aws, resource_id)
        return None if found is None or str(found.get("State", "")).lower() in ("deleted", "deleting") else found

    def is_own(self, aws: Session, found: dict[str, Any]) -> bool:
        """Leave out endpoints on their way out and those that a service manages."""
        going = str(found.get("State", "")).lower() in ("deleted", "deleting")
        return not going and not found.get("RequesterManaged")

    def _is_gone(self, aws: Session, resource_id: str) -> bool:
        found = super().describe(aws, resource_id)
        return found is None or str(found.get("State", "")).lower() == "deleted"

    def _prefixes(self, aws: Session, service: str) -> dict[str, Any]:
        lists = self.call(aws, "describe_prefix_lists", Filters=[{"Name": "prefix-list-name", "Values": [service]}])
        return next((dict(item) for item in lists["PrefixLists"] if item["PrefixListName"] == service), {})


def _is_available(found: dict[str, Any] | None) -> bool:
    """Tell whether an endpoint serves; one that somebody else has to accept is as ready as we can make it.

    Raises:
        NotReadyError: it never will.
    """
    state = str((found or {}).get("State", "gone")).lower()
    if state in ("failed", "rejected", "expired", "gone"):
        raise NotReadyError(f"the VPC endpoint is {state}")
    return state in ("available", "pendingacceptance")


RESOURCE = VpcEndpoint()
