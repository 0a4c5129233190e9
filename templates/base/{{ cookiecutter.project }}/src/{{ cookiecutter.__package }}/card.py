"""The model card that is registered with each version: who answers for it, what it was trained on and what came of it.

Its schema is that of SageMaker's model cards: "Model card JSON schema" in AWS's developer guide.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from {{ cookiecutter.__package }}.settings import OWNER, PURPOSE, SPLITS

if TYPE_CHECKING:
    from sagemaker.core.workflow.functions import Join
    from sagemaker.mlops.workflow.steps import Step

    from {{ cookiecutter.__package }}.steps import Trained

STATUS = "PendingReview"
_REFERENCE = re.compile(r'("<number \d+>"|<text \d+>)')


def model_card(prepare: Step, trained: Trained, evaluate: Step, image: str, source_uri: str) -> dict[str, Any]:
    """Return the card of a version; what only the run knows stands in it as references.

    Args:
        prepare: the step that wrote the splits.
        trained: what the training leaves.
        evaluate: the step that measured it.
        image: the image that it was trained in.
        source_uri: the code that it was trained with.
    """
    content = _content(prepare, trained, evaluate, image, source_uri)
    return {"ModelCardContent": _joined(content), "ModelCardStatus": STATUS}


def _content(prepare: Step, trained: Trained, evaluate: Step, image: str, source_uri: str) -> dict[str, Any]:
    splits = prepare.properties.ProcessingOutputConfig.Outputs
    data = {name: splits[name].S3Output.S3Uri for name in SPLITS}
    report = evaluate.properties.ProcessingOutputConfig.Outputs["evaluation"].S3Output.S3Uri
    return {
        "model_overview": {"model_creator": OWNER, "model_artifact": [_Text(trained.archive)]},
        "intended_uses": {"purpose_of_model": PURPOSE, "risk_rating": "Unknown"},
        "training_details": {
            "training_job_details": {
                "training_arn": _Text(trained.arn),
                "training_datasets": [_Text(data[name]) for name in SPLITS[:2]],
                "training_environment": {"container_image": [image]},
                "training_metrics": [
                    {"name": name, "value": _Number(value)} for name, value in trained.metrics.items()
                ],
            }
        },
        "evaluation_details": [
            {
                "name": "test split",
                "evaluation_job_arn": _Text(evaluate.properties.ProcessingJobArn),
                "datasets": [_Text(data[SPLITS[2]])],
                "metadata": {"report": _Text(report)},
            }
        ],
        "additional_information": {"custom_details": {"source": source_uri}},
    }


class _Text:
    """A text that only the run knows."""

    word = "text"

    def __init__(self, reference: Any) -> None:
        self.reference = reference


class _Number(_Text):
    """A number that only the run knows."""

    word = "number"


def _joined(content: dict[str, Any]) -> Join:
    """Write the card as one JSON text that SageMaker puts together when the step runs."""
    from sagemaker.core.workflow.functions import Join

    references: list[Any] = []

    def mark(value: _Text) -> str:
        references.append(value.reference)
        return f"<{value.word} {len(references) - 1}>"

    values: list[Any] = []
    for part in _REFERENCE.split(json.dumps(content, default=mark)):
        if not _REFERENCE.fullmatch(part):
            values.append(part)
            continue
        reference = references[int(part.strip('"<>').split()[1])]
        joined = isinstance(reference, Join)
        values += _flat(reference.on, reference.values) if joined else [reference]
    return Join(on="", values=values)


def _flat(on: str, values: list[Any]) -> list[Any]:
    """Return the parts of a text that is joined itself, with what stands between them."""
    return [part for value in values for part in (on, value)][1:]
