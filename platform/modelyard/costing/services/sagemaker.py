"""SageMaker."""

import json
import re
from typing import Any

from modelyard.components.cost.settings import UsageSettings
from modelyard.costing.usage import MILLION, Inputs, Rule, Use, hours, number

_SERVICE = "AmazonSageMaker"
_NOTEBOOK = "ml.t3.medium"
_USUAL_INSTANCE = "ml.m5.large"


def _variants(inputs: Inputs, _usage: UsageSettings) -> list[Use]:
    listed = [inputs.get(name) for name in ("productionVariants", "shadowProductionVariants")]
    found = [it for variants in listed if isinstance(variants, list) for it in variants if isinstance(it, dict)]
    return [use for variant in found for use in _variant(variant)]


def _variant(variant: dict[str, Any]) -> list[Use]:
    """Instances are there all month long; a serverless variant is charged by use, which is not priced."""
    if variant.get("serverlessConfig"):
        return [Use(_SERVICE, "ServerlessInf:Mem", 0, "serverless")]
    kind, count = variant.get("instanceType", _USUAL_INSTANCE), number(variant, "initialInstanceCount", 1)
    return [hours(_SERVICE, f"Host:{kind}", count)]


def _pipeline(inputs: Inputs, usage: UsageSettings) -> list[Use]:
    kind = _instance_type(inputs.get("pipelineDefinition"))
    return [Use(_SERVICE, f"Train:{kind}", usage.job_hours, f"usage.job_hours on {kind}")]


def _instance_type(definition: Any) -> str:
    """Return the instance type that a pipeline's jobs name first; the usual one where it isn't known yet."""
    text = definition if isinstance(definition, str) else json.dumps(definition)
    found = re.search(r'"InstanceType"\s*:\s*"(ml\.[\w.]+)"', text)
    return found[1] if found else _USUAL_INSTANCE


def _user(_inputs: Inputs, usage: UsageSettings) -> list[Use]:
    return [
        Use(_SERVICE, f"Notebk:{_NOTEBOOK}", usage.notebook_hours, f"usage.notebook_hours on {_NOTEBOOK}"),
        Use("AmazonEFS", "TimedStorage-ByteHrs", usage.home_gib, "usage.home_gib"),
    ]


def _feature_group(inputs: Inputs, usage: UsageSettings) -> list[Use]:
    """The offline store is the bucket's; the online one is charged by reads and writes and by what it holds."""
    online = inputs.get("onlineStoreConfig")
    if not isinstance(online, dict) or online.get("enableOnlineStore") is False:
        return []
    asked = usage.requests_million * MILLION
    return [
        Use(_SERVICE, "FeatureStore:ReadRequestUnits", asked, "usage.requests_million"),
        Use(_SERVICE, "FeatureStore:WriteRequestUnits", asked, "usage.requests_million"),
        Use(_SERVICE, "FeatureStore:TimedStorage-ByteHrs", 1, "1 GiB online"),
    ]


RULES: dict[str, Rule] = {
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": _variants,
    "aws:sagemaker/featureGroup:FeatureGroup": _feature_group,
    "aws:sagemaker/pipeline:Pipeline": _pipeline,
    "aws:sagemaker/userProfile:UserProfile": _user,
}
FREE = (
    "aws:sagemaker/domain:",  # the home folders of its file system are its users' lines
    "aws:sagemaker/endpoint:",  # its instances are its configuration's line
    "aws:sagemaker/model:",
    "aws:sagemaker/modelPackageGroup",
    "aws:sagemaker/studioLifecycleConfig:",
)
UNKNOWN = {
    "aws:sagemaker/mlflowApp:MlflowApp": "it is charged by use, and its prices are not known",
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": (
        "it is billed by the hour and by its size; no public source has its prices"
    ),
}
