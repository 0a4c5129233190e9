"""Application Auto Scaling: tags, and services and dimensions that moto doesn't know."""

import json
from enum import Enum
from typing import TYPE_CHECKING, Any

import moto.applicationautoscaling.urls
from moto.applicationautoscaling import models, responses
from moto.applicationautoscaling.exceptions import AWSValidationException

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud

_DIMENSIONS = {it.name: it.value for it in models.ScalableDimensionValueSet} | {
    "SAGEMAKER_VARIANT_DESIRED_PROVISIONED_CONCURRENCY": "sagemaker:variant:DesiredProvisionedConcurrency",
    "SAGEMAKER_INFERENCE_COMPONENT_DESIRED_COPY_COUNT": "sagemaker:inference-component:DesiredCopyCount",
}
_NAMESPACES = {it.name: it.value for it in models.ServiceNamespaceValueSet} | {
    word.upper(): word for word in ("elasticache", "neptune", "workspaces")
}
_NOT_SUSPENDED = {"DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended"}


class Operations(responses.ApplicationAutoScalingResponse):
    """Our operations in front of moto's."""

    def register_scalable_target(self) -> str:
        """Make or change a target; what a change leaves out stays, and tags are for new ones alone."""
        known = self._known()
        lowest, highest = (self._get_param(f"{word}Capacity") for word in ("Min", "Max"))
        if known is None and (lowest is None or highest is None):
            raise AWSValidationException("MinCapacity and MaxCapacity have to be given for a new scalable target.")
        if lowest is not None and highest is not None and lowest > highest:
            raise AWSValidationException("MinCapacity cannot be greater than MaxCapacity.")
        answer = str(super().register_scalable_target())
        made = self._known()
        if made is not None:
            made.suspended_state = dict.fromkeys(_NOT_SUSPENDED, False) | (made.suspended_state or {})
            made.tags = getattr(made, "tags", {}) | (self._get_param("Tags") or {})
        return answer

    def put_scaling_policy(self) -> str:
        """Put a policy on a target; there has to be one."""
        if self._known() is None:
            place = f"{self._get_param('ServiceNamespace')}, {self._get_param('ResourceId')}"
            raise AWSValidationException(f"No scalable target registered for {place}.")
        return str(super().put_scaling_policy())

    def deregister_scalable_target(self) -> str:
        """Drop a target, and its policies with it."""
        known = self._known()
        answer = str(super().deregister_scalable_target())
        backend = self.applicationautoscaling_backend
        if known is not None:
            gone = (known.resource_id, known.scalable_dimension)
            left = {k: it for k, it in backend.policies.items() if (it.resource_id, it.scalable_dimension) != gone}
            backend.policies = left
        return answer

    def list_tags_for_resource(self) -> str:
        """Return a target's tags."""
        return json.dumps({"Tags": self._tagged().tags})

    def tag_resource(self) -> str:
        """Add tags to a target."""
        self._tagged().tags.update(self._get_param("Tags") or {})
        return "{}"

    def untag_resource(self) -> str:
        """Take tags from a target."""
        for key in self._get_param("TagKeys") or []:
            self._tagged().tags.pop(key, None)
        return "{}"

    def _known(self) -> Any:
        """Return the target that the request names, if there is one."""
        dimension = self.applicationautoscaling_backend.targets.get(self._get_param("ScalableDimension"), {})
        return dimension.get(self._get_param("ResourceId"))

    def _tagged(self) -> Any:
        arn = self._get_param("ResourceARN")
        found = (it for held in self.applicationautoscaling_backend.targets.values() for it in held.values())
        target: Any = next((it for it in found if it.arn == arn), None)
        if target is None:
            raise AWSValidationException(f"The resource {arn} does not exist.")
        return target


def install(_cloud: "LocalCloud") -> None:
    """Route the requests of Application Auto Scaling through our operations."""
    known: dict[str, Any] = {"ScalableDimensionValueSet": _DIMENSIONS, "ServiceNamespaceValueSet": _NAMESPACES}
    for name, values in known.items():
        for module in (models, responses):
            setattr(module, name, Enum(name, values))
    moto.applicationautoscaling.urls.url_paths["{0}/$"] = Operations.dispatch
