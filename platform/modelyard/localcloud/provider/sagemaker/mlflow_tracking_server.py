"""`aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer`."""

from typing import Any, ClassVar

from modelyard.localcloud.provider.resource import NamedResource
from modelyard.localcloud.provider.sagemaker import TAGS, is_ready
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class MlflowTrackingServer(NamedResource):
    """A server that MLflow's clients record runs and models on."""

    pulumi_type = "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer"
    client = "sagemaker"
    noun = "mlflow_tracking_server"
    listing = "TrackingServerSummaries"
    identifier = "TrackingServerName"
    name_property = "trackingServerName"
    tagging = TAGS
    defaults: ClassVar = {"automaticModelRegistration": False, "trackingServerSize": "Small"}
    names: ClassVar = {"arn": "TrackingServerArn"}
    replace = frozenset({"mlflowVersion", "roleArn"})

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Wait until the server is there."""
        self._wait(aws, resource_id, "Created")

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Describe the server; of its version only the first two numbers count, as with the real provider."""
        answer = self._describe(aws, resource_id)
        if answer is None:
            return None
        return {**self.properties(answer), "mlflowVersion": ".".join(answer["MlflowVersion"].split(".")[:2])}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change where artifacts go, the size, the registration of models or the maintenance window."""
        names = ("artifactStoreUri", "automaticModelRegistration", "trackingServerSize", "weeklyMaintenanceWindowStart")
        changed = {name: new[name] for name in names if name in new and new[name] != old.get(name)}
        if changed:
            parameters = self.request(aws, "update_mlflow_tracking_server", changed)
            self.call(aws, "update_mlflow_tracking_server", TrackingServerName=resource_id, **parameters)
            self._wait(aws, resource_id, "Updated")

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the server and wait until it is gone."""
        super().delete(aws, resource_id, state)
        aws.wait(lambda: self._describe(aws, resource_id) is None, f"the end of tracking server {resource_id}")

    def _describe(self, aws: Session, name: str) -> Any:
        return self.find(aws, "describe_mlflow_tracking_server", TrackingServerName=name)

    def _wait(self, aws: Session, name: str, status: str) -> None:
        what = f"tracking server {name}"
        aws.wait(lambda: is_ready(self._describe(aws, name), "TrackingServerStatus", status, what), what)


RESOURCE = MlflowTrackingServer()
