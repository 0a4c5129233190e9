"""`aws:ec2/routeTableAssociation:RouteTableAssociation`."""

from collections.abc import Iterator

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class RouteTableAssociation(ResourceType):
    """Which route table a subnet follows."""

    pulumi_type = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    client = "ec2"
    replace = frozenset({"gatewayId", "subnetId"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Associate the route table."""
        answer = self.call(aws, "associate_route_table", **self.request(aws, "associate_route_table", inputs))
        return str(answer["AssociationId"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Find the association among those of all route tables."""
        mine = [{"Name": "association.route-table-association-id", "Values": [resource_id]}]
        for table in self.call(aws, "describe_route_tables", Filters=mine)["RouteTables"]:
            for association in table["Associations"]:
                if association["RouteTableAssociationId"] == resource_id:
                    return self.properties(association)
        return None

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Move the subnet to another route table.

        EC2 gives the association a new identifier, and the protocol has no word for that; so another route table is
        a replacement and nothing is left to change here.
        """

    def must_replace(self, path: str, old: Props, new: Props) -> bool:
        """Every change makes another association."""
        return True

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """End the association."""
        self.find(aws, "disassociate_route_table", AssociationId=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the associations, those that come with a network left out."""
        for table in self.pages(aws, "describe_route_tables", "RouteTables"):
            for association in table["Associations"]:
                if not association.get("Main"):
                    yield str(association["RouteTableAssociationId"])


RESOURCE = RouteTableAssociation()
