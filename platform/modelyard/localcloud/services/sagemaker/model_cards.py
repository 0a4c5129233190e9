"""The model card of a model package: what of it SageMaker refuses.

Source: "Model card JSON schema" in AWS's developer guide; a package's card has no `model_package_details`, and its
`model_overview` has the creator and the artifacts alone.
"""

import json
from typing import Any

_SECTIONS = {
    "additional_information",
    "business_details",
    "evaluation_details",
    "intended_uses",
    "model_overview",
    "training_details",
}
_OVERVIEW = {"model_artifact", "model_creator"}
_RISKS = {"High", "Low", "Medium", "Unknown"}
_LONGEST = 100_000


def problem(card: dict[str, Any]) -> str:
    """Return what is wrong with a card; an empty text if nothing is.

    Args:
        card: the request's `ModelCard`.
    """
    text = card.get("ModelCardContent")
    if text is None:
        return ""
    if len(text) > _LONGEST:
        return f"ModelCardContent has more than {_LONGEST} characters."
    try:
        content = json.loads(text)
    except ValueError as error:
        return f"ModelCardContent is no JSON: {error}."
    if not isinstance(content, dict):
        return "ModelCardContent is no JSON object."
    return _wrong(content)


def _wrong(content: dict[str, Any]) -> str:
    unknown = sorted(content.keys() - _SECTIONS)
    if unknown:
        return f"ModelCardContent: {', '.join(unknown)} is no section of a model package's card."
    extra = sorted((content.get("model_overview") or {}).keys() - _OVERVIEW)
    if extra:
        return f"ModelCardContent: model_overview of a model package's card has no {', '.join(extra)}."
    risk = (content.get("intended_uses") or {}).get("risk_rating", "Unknown")
    if risk not in _RISKS:
        return f"ModelCardContent: intended_uses.risk_rating is {risk!r}, not one of {', '.join(sorted(_RISKS))}."
    job = (content.get("training_details") or {}).get("training_job_details") or {}
    metrics = [*job.get("training_metrics", []), *job.get("user_provided_training_metrics", [])]
    wrong = [it.get("name") for it in metrics if isinstance(it.get("value"), bool | str | None)]
    return f"ModelCardContent: the training metric {wrong[0]} has no number as its value." if wrong else ""
