"""Step caching: a step that already succeeded with the same arguments is not run again."""

import json
import re
from datetime import timedelta
from typing import Any

from modelyard.naming import digest

# Which arguments make two runs the same; the developer guide, "Caching pipeline steps".
_KEYS = {
    "Processing": ("AppSpecification", "Environment", "ProcessingInputs"),
    "Training": ("AlgorithmSpecification", "Environment", "HyperParameters", "InputDataConfig"),
    "Transform": ("ModelName", "BatchStrategy", "DataProcessing", "Environment", "MaxPayloadInMB", "TransformInput"),
    "Tuning": ("HyperParameterTuningJobConfig", "TrainingJobDefinition", "TrainingJobDefinitions"),
    "AutoML": (
        "AutoMLJobInputDataConfig",
        "AutoMLProblemTypeConfig",
        "AutoMLJobObjective",
        "AutoMLJobConfig",
        "InputDataConfig",
        "ProblemType",
    ),
    "EMR": ("StepConfig",),
    "QualityCheck": ("AppSpecification", "Environment", "ProcessingInputs"),
}
_LAMBDA_FIELDS = ("FunctionArn", "OutputParameters")
_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.IGNORECASE)


def cache_key(kind: str, fields: dict[str, Any], arguments: dict[str, Any]) -> str:
    """Return what identifies a step's run, or nothing if the step is not cached.

    Args:
        kind: the step's type.
        fields: the step's fields, CacheConfig among them.
        arguments: with every reference replaced.
    """
    if not (fields.get("CacheConfig") or {}).get("Enabled"):
        return ""
    if kind == "Lambda":
        chosen = {**{key: fields.get(key) for key in _LAMBDA_FIELDS}, "Arguments": arguments}
    elif kind in _KEYS:
        chosen = {key: arguments.get(key) for key in _KEYS[kind]}
    else:
        return ""
    return digest(json.dumps([kind, chosen], sort_keys=True, default=str), 64)


def lifetime(fields: dict[str, Any]) -> timedelta | None:
    """Return how long a run may be reused; None is for ever."""
    text = (fields.get("CacheConfig") or {}).get("ExpireAfter")
    match = _DURATION.fullmatch(text) if text else None
    if not match:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
