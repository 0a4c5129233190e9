"""`aws:ec2/routeTableAssociation:RouteTableAssociation`."""

from collections.abc import Iterator
from typing import Any

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class RouteTableAssociation(ResourceType):
    """Which route table a subnet or a gateway follows.

    EC2 gives an association another identifier when it moves to another route table, and Pulumi's protocol has no word
    for that: it is then found by its subnet or gateway, which has one association at most.
    """

    pulumi_type = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    client = "ec2"
    replace = frozenset({"gatewayId", "subnetId"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Associate the route table."""
        answer = self.call(aws, "associate_route_table", **self.request(aws, "associate_route_table", inputs))
        return str(answer["AssociationId"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Find the association among those of all route tables; `subnet/table` and `gateway/table` name it too."""
        found = self._find(aws, resource_id, state)
        return None if found is None else self.properties(found)

    def import_id(self, aws: Session, resource_id: str) -> str:
        """Return the identifier of the association that `subnet/table` or `gateway/table` names."""
        found = self._find(aws, resource_id, {})
        return str(found["RouteTableAssociationId"]) if found else resource_id

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Move the subnet or gateway to another route table."""
        found = self._find(aws, resource_id, old)
        if found is not None and found["RouteTableId"] != new["routeTableId"]:
            moved = {"AssociationId": found["RouteTableAssociationId"], "RouteTableId": new["routeTableId"]}
            self.call(aws, "replace_route_table_association", **moved)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """End the association."""
        found = self._find(aws, resource_id, state)
        if found is not None:
            self.find(aws, "disassociate_route_table", AssociationId=found["RouteTableAssociationId"])

    def list(self, aws: Session) -> Iterator[str]:
        """List the associations, those that come with a network left out."""
        for association in self._own(aws):
            yield str(association["RouteTableAssociationId"])

    def _find(self, aws: Session, resource_id: str, state: Props) -> dict[str, Any] | None:
        target, _, table = resource_id.partition("/")
        associations = list(self._own(aws))
        for found in associations:
            if found["RouteTableAssociationId"] == resource_id:
                return found
        member = state.get("subnetId") or state.get("gatewayId") or (target if table else None)
        mine = [it for it in associations if member and member in (it.get("SubnetId"), it.get("GatewayId"))]
        return next((it for it in mine if not table or it["RouteTableId"] == table), None)

    def _own(self, aws: Session) -> Iterator[dict[str, Any]]:
        for table in self.pages(aws, "describe_route_tables", "RouteTables"):
            for association in table["Associations"]:
                if not association.get("Main"):
                    yield dict(association)


RESOURCE = RouteTableAssociation()
