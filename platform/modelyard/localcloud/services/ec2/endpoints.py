"""VPC endpoints: network interfaces and routes that come and go with subnets and route tables."""

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.responses import EC2Response


class EndpointOperations(EC2Response):
    """What moto leaves out of VPC endpoints."""

    def create_vpc_endpoint(self) -> ActionResult:
        """Make an endpoint; its network interfaces are AWS's, in the endpoint's security groups."""
        answer = super().create_vpc_endpoint()
        made: Any = answer.result
        endpoint = made["VpcEndpoint"]
        endpoint.vpc_endpoint_type = endpoint.vpc_endpoint_type or "Gateway"
        self._settle(endpoint)
        return answer

    def modify_vpc_endpoint(self) -> ActionResult:
        """Change an endpoint; moto leaves out private DNS, the way back to the default policy, and all that follows."""
        endpoint = self.ec2_backend.describe_vpc_endpoints([self._get_param("VpcEndpointId")])[0]
        before = set(endpoint.route_table_ids)
        answer = super().modify_vpc_endpoint()
        private_dns = self._get_param("PrivateDnsEnabled")
        if private_dns is not None:
            endpoint.private_dns_enabled = str(private_dns).lower() == "true"
        if self._get_bool_param("ResetPolicy"):
            endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)
        self._lead(endpoint, before)
        self._settle(endpoint)
        return answer

    def delete_vpc_endpoints(self) -> ActionResult:
        """Delete endpoints; moto would list them for good."""
        answer = super().delete_vpc_endpoints()
        for endpoint_id in self._get_param("VpcEndpointIds", []):
            self.ec2_backend.vpc_end_points.pop(endpoint_id, None)
        return answer

    def delete_vpc(self) -> ActionResult:
        """Delete a network with the network ACL that came with it, which moto would keep."""
        answer = super().delete_vpc()
        acls = self.ec2_backend.network_acls
        for acl_id in [it.id for it in acls.values() if it.vpc_id == self._get_param("VpcId")]:
            del acls[acl_id]
        return answer

    def _lead(self, endpoint: Any, before: set[str]) -> None:
        """Make the routes of a gateway those of its route tables."""
        prefixes, after = endpoint.destination_prefix_list_id, set(endpoint.route_table_ids)
        if not prefixes:
            return
        for table in sorted(before - after):
            self.ec2_backend.delete_route(table, prefixes)
        for table in sorted(after - before):
            self.ec2_backend.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefixes)

    def _settle(self, endpoint: Any) -> None:
        """Give an endpoint one network interface in each of its subnets, all in its security groups."""
        if str(endpoint.vpc_endpoint_type).lower() != "interface":
            return
        backend = self.ec2_backend
        known = {backend.enis[eni].subnet.id: eni for eni in endpoint.network_interface_ids if eni in backend.enis}
        for subnet in known.keys() - set(endpoint.subnet_ids):
            backend.delete_network_interface(known.pop(subnet))
        for subnet in endpoint.subnet_ids:
            if subnet not in known:
                known[subnet] = backend.create_network_interface(subnet, []).id
        groups = [backend.get_security_group_from_id(group) for group in endpoint.security_group_ids]
        for eni in known.values():
            interface = backend.enis[eni]
            interface.description, interface.interface_type = f"VPC Endpoint Interface {endpoint.id}", "vpc_endpoint"
            interface.requester_managed, interface.status = True, "in-use"
            interface._group_set = groups
        endpoint.network_interface_ids = [known[subnet] for subnet in endpoint.subnet_ids]
