"""Model cards of model packages: kept whole, and refused as SageMaker refuses them."""

import json
from typing import Any

import pytest

from modelyard.localcloud.services.sagemaker.model_cards import problem
from modelyard.models.deployed import DeployedModel
from modelyard.models.registry import find, set_status
from modelyard.targets import Target

from .conftest import Cloud

CARD = {
    "model_overview": {"model_creator": "a team", "model_artifact": ["s3://work/model.tar.gz"]},
    "intended_uses": {"purpose_of_model": "a test", "risk_rating": "Low"},
    "training_details": {"training_job_details": {"training_metrics": [{"name": "accuracy", "value": 0.5}]}},
}
SPECIFICATION = {
    "Containers": [{"Image": "sklearn", "ModelDataUrl": "s3://work/model.tar.gz"}],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}


def given(content: Any) -> dict[str, str]:
    return {"ModelCardContent": content if isinstance(content, str) else json.dumps(content)}


REFUSED = {
    "no JSON": ("{", "is no JSON"),
    "a list": ([], "is no JSON object"),
    "an unknown section": ({"training": {}}, "training is no section of a model package's card"),
    "a full card's overview": ({"model_overview": {"model_name": "x"}}, "has no model_name"),
    "a risk of one's own": ({"intended_uses": {"risk_rating": "huge"}}, "risk_rating is 'huge'"),
    "a metric in words": (
        {"training_details": {"training_job_details": {"training_metrics": [{"name": "auc", "value": "good"}]}}},
        "the training metric auc has no number",
    ),
    "too long a card": ("x" * 100_001, "more than 100000 characters"),
}


def test_a_card_that_is_fine():
    assert (problem(given(CARD)), problem({})) == ("", "")


@pytest.mark.parametrize("how", REFUSED)
def test_a_card_that_is_refused(how):
    content, said = REFUSED[how]
    assert said in problem(given(content))


@pytest.fixture
def model(cloud: Cloud) -> DeployedModel:
    """A group with one version that has a card."""
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="with-cards")
    sagemaker.create_model_package(
        ModelPackageGroupName="with-cards",
        InferenceSpecification=SPECIFICATION,
        ModelCard={**given(CARD), "ModelCardStatus": "PendingReview"},
    )
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    target = Target(endpoint_url=sagemaker.meta.endpoint_url, environment=keys)
    yield DeployedModel(pipeline="", group="with-cards", endpoint="", region="us-east-1", target=target)
    arn = sagemaker.list_model_packages(ModelPackageGroupName="with-cards")["ModelPackageSummaryList"][0]
    sagemaker.delete_model_package(ModelPackageName=arn["ModelPackageArn"])
    sagemaker.delete_model_package_group(ModelPackageGroupName="with-cards")


def test_a_card_is_found_with_its_version(model):
    found = find(model, None)
    assert (found.version, found.card, found.card_status) == (1, CARD, "PendingReview")


@pytest.mark.parametrize(("status", "expected"), [("Approved", "Approved"), ("Rejected", "Archived")])
def test_the_card_goes_with_the_decision(model, status, expected):
    assert set_status(model, 1, status, "because").card_status == expected
    found = find(model, 1)
    assert (found.status, found.card_status) == (status, expected)
    details = found.card["additional_information"]["custom_details"]
    assert found.card == {**CARD, "additional_information": {"custom_details": details}}
    assert details["decision"].startswith(f"{status.lower()} by ")
