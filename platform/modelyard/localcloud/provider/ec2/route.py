"""`aws:ec2/route:Route`."""

import zlib
from collections.abc import Iterator
from typing import Any

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_DESTINATIONS = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
_TARGETS = {
    "carrierGatewayId": "CarrierGatewayId",
    "coreNetworkArn": "CoreNetworkArn",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "gatewayId": "GatewayId",
    "localGatewayId": "LocalGatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "transitGatewayId": "TransitGatewayId",
    "vpcEndpointId": "VpcEndpointId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}


class Route(ResourceType):
    """One route of a route table."""

    pulumi_type = "aws:ec2/route:Route"
    client = "ec2"
    is_view = True
    replace = frozenset({"routeTableId", *_DESTINATIONS})

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the route; it is known by its table and destination, as the real provider writes them."""
        self.call(aws, "create_route", **_parameters(inputs, {**_DESTINATIONS, **_TARGETS}))
        return _identifier(inputs["routeTableId"], _destination(inputs))

    def import_id(self, aws: Session, resource_id: str) -> str:
        """A route is imported by its table and destination with an underscore between."""
        table, _, destination = resource_id.partition("_")
        return _identifier(table, destination) if destination else resource_id

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Find the route in its table."""
        table = str(state.get("routeTableId") or resource_id.removeprefix("r-")[: len("rtb-") + _digits(resource_id)])
        answer = self.find(aws, "describe_route_tables", RouteTableIds=[table])
        for found in [] if answer is None else answer["RouteTables"][0]["Routes"]:
            props = {name: found[word] for name, word in {**_DESTINATIONS, **_TARGETS}.items() if found.get(word)}
            if _identifier(table, _destination(props)) == resource_id:
                return {"routeTableId": table, "origin": found["Origin"], "state": found["State"], **props}
        return None

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Lead the route elsewhere."""
        changed = {name: new[name] for name in _TARGETS if new.get(name) and new[name] != old.get(name)}
        if changed:
            where = {name: new[name] for name in ("routeTableId", *_DESTINATIONS) if new.get(name)}
            self.call(aws, "replace_route", **_parameters({**where, **changed}, {**_DESTINATIONS, **_TARGETS}))

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the route."""
        found = self.read(aws, resource_id, state)
        if found is not None:
            self.find(aws, "delete_route", **_parameters(found, _DESTINATIONS))

    def list(self, aws: Session) -> Iterator[str]:
        """List the routes that somebody made, in all tables."""
        for table in self.pages(aws, "describe_route_tables", "RouteTables"):
            for found in table["Routes"]:
                if found["Origin"] == "CreateRoute" and found.get("GatewayId") != "local":
                    props = {name: found[word] for name, word in _DESTINATIONS.items() if found.get(word)}
                    yield _identifier(table["RouteTableId"], _destination(props))


def _parameters(props: Props, names: dict[str, str]) -> dict[str, Any]:
    given = {word: props[name] for name, word in names.items() if props.get(name)}
    return {"RouteTableId": props["routeTableId"], **given}


def _destination(props: Props) -> str:
    return next((str(props[name]) for name in _DESTINATIONS if props.get(name)), "")


def _identifier(table: str, destination: str) -> str:
    return f"r-{table}{zlib.crc32(destination.encode())}"


def _digits(resource_id: str) -> int:
    """Return how many hexadecimal digits a route table's identifier has; old ones have 8, new ones 17."""
    return 17 if len(resource_id) > len("r-rtb-") + 17 else 8


RESOURCE = Route()
