"""`aws:ec2/routeTable:RouteTable`."""

from typing import Any

from modelyard.localcloud.provider.ec2 import Ec2Resource
from modelyard.localcloud.provider.errors import found as found_or_none
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_TARGETS = {
    "cidrBlock": "DestinationCidrBlock",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
    "carrierGatewayId": "CarrierGatewayId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "gatewayId": "GatewayId",
    "localGatewayId": "LocalGatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}
_DESTINATIONS = ("cidrBlock", "ipv6CidrBlock", "destinationPrefixListId")


class RouteTable(Ec2Resource):
    """Where a network's packets go; the routes inside it, when given, are all it has."""

    pulumi_type = "aws:ec2/routeTable:RouteTable"
    noun = "route_table"
    kind = "route-table"
    identifier = "RouteTableId"
    members = "RouteTables"
    replace = frozenset({"vpcId"})
    unordered = frozenset({"routes", "propagatingVgws"})

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Make the routes."""
        self._route(aws, resource_id, [], inputs.get("routes") or [])

    def attributes(self, aws: Session, found: dict[str, Any], state: Props) -> Props:
        """Read the routes, without the network's own and those of gateway endpoints."""
        routes = [route for route in found["Routes"] if _is_own(route)]
        return {
            "routes": [{name: route[key] for name, key in _TARGETS.items() if route.get(key)} for route in routes],
            "propagatingVgws": [gateway["GatewayId"] for gateway in found.get("PropagatingVgws", [])],
        }

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Replace the routes that changed, when the program gives any."""
        if "routes" in new:
            self._route(aws, resource_id, old.get("routes") or [], new["routes"] or [])

    def is_own(self, aws: Session, found: dict[str, Any]) -> bool:
        """Leave out the tables that come with a network."""
        return not any(association.get("Main") for association in found.get("Associations", []))

    def _route(self, aws: Session, table_id: str, old: list[Props], new: list[Props]) -> None:
        client = aws.client("ec2")
        for route in old:
            if route not in new:
                parameters = _parameters({name: route[name] for name in _DESTINATIONS if route.get(name)})
                found_or_none(client.delete_route, RouteTableId=table_id, **parameters)
        for route in new:
            if route not in old:
                client.create_route(RouteTableId=table_id, **_parameters(route))


def _is_own(route: dict[str, Any]) -> bool:
    target = str(route.get("GatewayId", ""))
    return target != "local" and not target.startswith("vpce-") and route.get("Origin") != "EnableVgwRoutePropagation"


def _parameters(route: Props) -> dict[str, Any]:
    return {_TARGETS.get(name, "VpcEndpointId"): value for name, value in route.items() if value}


RESOURCE = RouteTable()
