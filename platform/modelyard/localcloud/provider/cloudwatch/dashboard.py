"""`aws:cloudwatch/dashboard:Dashboard`."""

from collections.abc import Iterator

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class Dashboard(ResourceType):
    """A page of graphs."""

    pulumi_type = "aws:cloudwatch/dashboard:Dashboard"
    client = "cloudwatch"
    name_property = "dashboardName"
    json_properties = frozenset({"dashboardBody"})

    def expected_id(self, aws: Session, inputs: Props) -> str:
        """Return the dashboard's name."""
        return str(inputs["dashboardName"])

    def create(self, aws: Session, inputs: Props) -> str:
        """Put the dashboard; it is known by its name."""
        self._put(aws, inputs)
        return str(inputs["dashboardName"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Get the dashboard."""
        answer = self.find(aws, "get_dashboard", DashboardName=resource_id)
        if answer is None:
            return None
        body, arn = answer["DashboardBody"], answer["DashboardArn"]
        return {"dashboardName": resource_id, "dashboardBody": body, "dashboardArn": arn}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Put the dashboard anew."""
        self._put(aws, new)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the dashboard."""
        self.find(aws, "delete_dashboards", DashboardNames=[resource_id])

    def list(self, aws: Session) -> Iterator[str]:
        """List the names."""
        for dashboard in self.pages(aws, "list_dashboards", "DashboardEntries"):
            yield str(dashboard["DashboardName"])

    def _put(self, aws: Session, props: Props) -> None:
        name, body = props["dashboardName"], props["dashboardBody"]
        answer = self.call(aws, "put_dashboard", DashboardName=name, DashboardBody=body)
        for message in answer.get("DashboardValidationMessages") or []:
            raise ProviderError(f"putting {self.pulumi_type} ({name}): {message.get('Message')}")


RESOURCE = Dashboard()
