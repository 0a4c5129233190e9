"""`aws:sagemaker/endpoint:Endpoint`."""

from typing import Any, ClassVar

from modelyard.localcloud.provider.errors import NotReadyError
from modelyard.localcloud.provider.resource import NamedResource
from modelyard.localcloud.provider.sagemaker import TAGS, is_ready
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class Endpoint(NamedResource):
    """A running service that answers with a model's predictions."""

    pulumi_type = "aws:sagemaker/endpoint:Endpoint"
    client = "sagemaker"
    noun = "endpoint"
    listing = "Endpoints"
    name_property = "name"
    tagging = TAGS
    names: ClassVar = {"name": "EndpointName", "arn": "EndpointArn"}
    unread = frozenset({"deploymentConfig"})

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Wait until the endpoint serves."""
        self._wait(aws, resource_id, str(inputs["endpointConfigName"]))

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Move to another endpoint configuration; the old one serves until the new one does.

        An endpoint that failed stays failed until it is moved, however often it is updated.
        """
        if old.get("endpointConfigName") != new["endpointConfigName"]:
            wanted = {name: new.get(name) for name in ("endpointConfigName", "deploymentConfig")}
            parameters = self.request(aws, "update_endpoint", wanted)
            self.call(aws, "update_endpoint", EndpointName=resource_id, **parameters)
        self._wait(aws, resource_id, str(new["endpointConfigName"]))

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the endpoint and wait until it is gone."""
        super().delete(aws, resource_id, state)
        aws.wait(lambda: self._describe(aws, resource_id) is None, f"the end of endpoint {resource_id}")

    def _describe(self, aws: Session, name: str) -> Any:
        return self.find(aws, "describe_endpoint", EndpointName=name)

    def _wait(self, aws: Session, name: str, config_name: str) -> None:
        what = f"endpoint {name}"
        aws.wait(lambda: is_ready(self._describe(aws, name), "EndpointStatus", "InService", what), what)
        answer = self._describe(aws, name)
        if answer["EndpointConfigName"] != config_name:
            reason = answer.get("FailureReason") or "AWS gave no reason"
            raise NotReadyError(f"{what} went back to {answer['EndpointConfigName']}: {reason}")


RESOURCE = Endpoint()
