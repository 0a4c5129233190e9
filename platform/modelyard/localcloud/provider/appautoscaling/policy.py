"""`aws:appautoscaling/policy:Policy`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.appautoscaling import CLIENT, PLACE, namespaces
from modelyard.localcloud.provider.appautoscaling.target import place
from modelyard.localcloud.provider.errors import found
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class Policy(ResourceType):
    """By what a target is scaled."""

    pulumi_type = "aws:appautoscaling/policy:Policy"
    client = CLIENT
    name_property = "name"
    name_limit = 255
    defaults: ClassVar = {"policyType": "StepScaling"}
    names: ClassVar = {"name": "PolicyName", "arn": "PolicyARN"}
    replace = PLACE

    def expected_id(self, aws: Session, inputs: Props) -> str:
        """A policy is known by its target and name: putting another would take it over."""
        return _identifier(inputs)

    def create(self, aws: Session, inputs: Props) -> str:
        """Put the policy."""
        self._put(aws, inputs)
        return _identifier(inputs)

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Find the policy among those of its target."""
        answer = self._describe(aws, resource_id)
        if answer is None:
            return None
        return self.properties(answer) | {"alarmArns": [alarm["AlarmARN"] for alarm in answer.get("Alarms") or []]}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Put the policy anew."""
        self._put(aws, new)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the policy; it may have gone with its target."""
        if self._describe(aws, resource_id) is not None:
            target, _, name = resource_id.rpartition("/")
            self.call(aws, "delete_scaling_policy", PolicyName=name, **place(target))

    def list(self, aws: Session) -> Iterator[str]:
        """List the policies of all services."""
        for namespace in namespaces(aws):
            answer = found(aws.client(CLIENT).describe_scaling_policies, ServiceNamespace=namespace) or {}
            for item in answer.get("ScalingPolicies", []):
                yield f"{namespace}/{item['ResourceId']}/{item['ScalableDimension']}/{item['PolicyName']}"

    def _put(self, aws: Session, props: Props) -> None:
        self.call(aws, "put_scaling_policy", **self.request(aws, "put_scaling_policy", props))

    def _describe(self, aws: Session, resource_id: str) -> Any:
        target, _, name = resource_id.rpartition("/")
        policies = self.pages(aws, "describe_scaling_policies", "ScalingPolicies", **place(target))
        return next((it for it in policies if it["PolicyName"] == name), None)


def _identifier(props: Props) -> str:
    return f"{props['serviceNamespace']}/{props['resourceId']}/{props['scalableDimension']}/{props['name']}"


RESOURCE = Policy()
