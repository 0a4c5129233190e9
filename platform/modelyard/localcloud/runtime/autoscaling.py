"""Application Auto Scaling over endpoints' variants: target tracking, by the cloud's clock, with real servers.

Source: the Application Auto Scaling user guide, "Target tracking scaling policies": three minutes above the target
scale out, fifteen below nine tenths of it scale in, each with its cooldown; the SageMaker developer guide on predefined
metrics.
"""

import math
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from modelyard.localcloud.runtime.alarms import Alarms
from modelyard.localcloud.runtime.endpoints import CONFIG_KIND, KIND, Endpoints
from modelyard.localcloud.runtime.host import ACCOUNT, Host
from modelyard.localcloud.runtime.metrics import Spec

DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_OUT_MINUTES = 3
_IN_MINUTES = 15
_SLACK = 0.9
_COOLDOWN_SECONDS = 300

Document = dict[str, Any]


@dataclass(frozen=True)
class Bounds:
    """What a scalable target allows.

    Args:
        least: MinCapacity.
        most: MaxCapacity.
        may_out: scaling out isn't suspended.
        may_in: scaling in isn't suspended.
    """

    least: int
    most: int
    may_out: bool = True
    may_in: bool = True


class AutoScaling:
    """Scales variants.

    Args:
        host: the local cloud.
        alarms: knows the metrics.
        endpoints: who has the servers.
    """

    def __init__(self, host: Host, alarms: Alarms, endpoints: Endpoints) -> None:
        self._host = host
        self._alarms = alarms
        self._endpoints = endpoints
        self._acted: dict[tuple[str, str], float] = {}

    def any(self) -> bool:
        """Tell whether a policy watches a variant."""
        return any(backend.policies for backend in list(_backends().values()))

    def evaluate(self) -> None:
        """Look at every policy, and scale what its metric asks for."""
        for region, backend in list(_backends().items()):
            for resource, target in list(backend.targets.get(DIMENSION, {}).items()):
                policies = [
                    policy.target_tracking_scaling_policy_configuration
                    for policy in list(backend.policies.values())
                    if policy.resource_id == resource and policy.target_tracking_scaling_policy_configuration
                ]
                suspended: Any = target.suspended_state or {}
                bounds = Bounds(
                    int(target.min_capacity or 0),
                    int(target.max_capacity or 0),
                    not suspended.get("DynamicScalingOutSuspended"),
                    not suspended.get("DynamicScalingInSuspended"),
                )
                self._scale(region, resource, bounds, policies)

    def _scale(self, region: str, resource: str, bounds: Bounds, policies: list[Document]) -> None:
        _, endpoint, _, variant = resource.split("/")
        document = self._host.collection(region, KIND).get(endpoint)
        if document is None or document["EndpointStatus"] != "InService":
            return
        current = self._current(region, document, variant)
        if current is None:
            return
        wanted = [self._wanted(region, endpoint, variant, current, policy) for policy in policies]
        # The policy that asks for most wins, so that scaling in needs the consent of all.
        desired = max([count for count, _ in wanted], default=current)
        desired = min(max(desired, bounds.least), bounds.most)
        cooldown = min([seconds for count, seconds in wanted if count == desired], default=0.0)
        since = self._host.clock.time() - self._acted.get((region, resource), float("-inf"))
        allowed = bounds.may_out if desired > current else bounds.may_in
        if desired == current or not allowed or since < cooldown:
            return
        self._acted[region, resource] = self._host.clock.time()
        self._change(region, endpoint, variant, desired)

    def _current(self, region: str, document: Document, variant: str) -> int | None:
        config = self._host.collection(region, CONFIG_KIND).get(document["EndpointConfigName"]) or {}
        for spec in config.get("ProductionVariants") or []:
            if spec["VariantName"] == variant and not spec.get("ServerlessConfig"):
                changed = (document.get("VariantState") or {}).get(variant, {})
                return int(changed.get("InitialInstanceCount", spec.get("InitialInstanceCount", 1)))
        return None

    def _wanted(self, region: str, endpoint: str, variant: str, current: int, policy: Document) -> tuple[int, float]:
        """Return how many instances a policy asks for, and how long it waits after the last change."""
        goal = float(policy["TargetValue"])
        values = [
            self._value(region, endpoint, variant, current, policy, minutes_ago) for minutes_ago in range(_IN_MINUTES)
        ]
        recent = values[:_OUT_MINUTES]
        if all(value is not None and value > goal for value in recent):
            count = math.ceil(max(current, 1) * (values[0] or 0.0) / goal)
            return count, float(policy.get("ScaleOutCooldown", _COOLDOWN_SECONDS))
        if not policy.get("DisableScaleIn") and all((value or 0.0) < goal * _SLACK for value in values):
            count = math.ceil(current * max(value or 0.0 for value in values) / goal)
            return min(count, current), float(policy.get("ScaleInCooldown", _COOLDOWN_SECONDS))
        return current, 0.0

    def _value(
        self, region: str, endpoint: str, variant: str, current: int, policy: Document, minutes_ago: int
    ) -> float | None:
        end = self._host.clock.now() - timedelta(minutes=minutes_ago)
        series = self._alarms.series(region)
        custom = policy.get("CustomizedMetricSpecification")
        if custom:
            dimensions = tuple(sorted((it["Name"], it["Value"]) for it in custom.get("Dimensions") or []))
            spec = Spec(custom["Namespace"], custom["MetricName"], dimensions, custom["Statistic"])
            return series.value(spec, end, 60)
        mine = (("EndpointName", endpoint), ("VariantName", variant))
        kind = policy["PredefinedMetricSpecification"]["PredefinedMetricType"]
        if kind == "SageMakerVariantInvocationsPerInstance":
            total = series.value(Spec("AWS/SageMaker", "Invocations", mine, "Sum"), end, 60)
            return None if total is None else total / max(current, 1)
        return series.value(Spec("AWS/SageMaker", "ConcurrentRequestsPerModel", mine, "Maximum"), end, 60)

    def _change(self, region: str, endpoint: str, variant: str, count: int) -> None:
        def change(document: Document) -> Document:
            state = {**(document.get("VariantState") or {})}
            state[variant] = {**state.get(variant, {}), "InitialInstanceCount": count}
            return {**document, "VariantState": state, "EndpointStatus": "Updating"}

        self._host.collection(region, KIND).change(endpoint, change)
        self._endpoints.adjust(region, endpoint)


def _backends() -> dict[str, Any]:
    """Return moto's backends by region; none while nobody has asked for any, for loading them loads EC2 too."""
    found: Any = getattr(sys.modules.get("moto.applicationautoscaling.models"), "applicationautoscaling_backends", None)
    return dict(found[ACCOUNT]) if found else {}
