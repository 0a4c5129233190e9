"""From an ARN to the resource it names."""

import re

from modelyard.localcloud.state.store import Store

_ARN = re.compile(r"arn:aws:sagemaker:(?P<region>[^:]+):\d{12}:(?P<resource>[^/]+)/(?P<name>.+)")
# The ARN's word for each kind, and whether documents of the kind are kept under the whole ARN.
KINDS = {
    "training-job": ("TrainingJob", False),
    "processing-job": ("ProcessingJob", False),
    "transform-job": ("TransformJob", False),
    "hyper-parameter-tuning-job": ("HyperParameterTuningJob", False),
    "automl-job": ("AutoMLJob", False),
    "artifact": ("Artifact", True),
    "action": ("Action", False),
    "context": ("Context", False),
    "pipeline": ("Pipeline", False),
    "model": ("Model", False),
    "model-package-group": ("ModelPackageGroup", False),
    "model-package": ("ModelPackage", True),
    "endpoint": ("Endpoint", False),
    "endpoint-config": ("EndpointConfig", False),
    "feature-group": ("FeatureGroup", False),
    "domain": ("Domain", False),
    "user-profile": ("UserProfile", False),
    "studio-lifecycle-config": ("StudioLifecycleConfig", False),
    "mlflow-tracking-server": ("MlflowTrackingServer", False),
}


def exists(store: Store, arn: str) -> bool:
    """Tell whether an ARN names a resource of ours."""
    match = _ARN.fullmatch(arn)
    if not match or match["resource"] not in KINDS:
        return False
    kind, by_arn = KINDS[match["resource"]]
    return store.read((match["region"], kind, arn if by_arn else match["name"])) is not None


def name_of(text: str) -> str:
    """Return the name that a name or an ARN gives."""
    match = _ARN.fullmatch(text)
    return match["name"] if match else text
