"""How endpoints' variants are described, to whoever asks and in events.

Source: botocore's model of ProductionVariantSummary and PendingProductionVariantSummary; the SageMaker developer guide,
"Endpoint deployment state change".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from modelyard.localcloud.runtime.rollouts import Step

Document = dict[str, Any]


def variants(config: Document, field: str, state: Mapping[str, Document]) -> list[Document]:
    """Return the summaries of an endpoint's variants.

    Args:
        config: the endpoint configuration.
        field: `ProductionVariants` or `ShadowProductionVariants`.
        state: weights and instance counts that differ from it, by variant.
    """
    return [variant({**item, **state.get(item["VariantName"], {})}) for item in config.get(field) or []]


def variant(spec: Document) -> Document:
    """Return the summary of one variant."""
    weight = spec.get("InitialVariantWeight", 1.0)
    shown = {"VariantName": spec["VariantName"], "CurrentWeight": weight, "DesiredWeight": weight}
    serverless = spec.get("ServerlessConfig")
    if serverless:
        return {**shown, "CurrentServerlessConfig": serverless, "DesiredServerlessConfig": serverless}
    count = spec.get("InitialInstanceCount", 1)
    return {**shown, "CurrentInstanceCount": count, "DesiredInstanceCount": count}


def pending(config: Document, since: datetime, step: Step | None = None, began: datetime | None = None) -> Document:
    """Return the summary of an update that goes on.

    Args:
        config: the endpoint configuration that comes.
        since: when the update began.
        step: the step of its rollout; None while its instances start.
        began: when that step began.
    """
    shown = variants(config, "ProductionVariants", {})
    if step is not None:
        for item in shown:
            item["VariantStatus"] = [{"Status": "Baking", "StatusMessage": _said(item, step), "StartTime": began}]
    return {"EndpointConfigName": config["EndpointConfigName"], "StartTime": since, "ProductionVariants": shown}


def _said(shown: Document, step: Step) -> str:
    whole = int(shown.get("DesiredInstanceCount", 1))
    count = whole if step.share >= 1 else max(round(whole * step.share), 1)
    which = "full capacity" if step.share >= 1 else "canary capacity"
    return f"Baking for {step.wait_seconds:g} seconds with traffic enabled on {which} of {count} instance(s)."
