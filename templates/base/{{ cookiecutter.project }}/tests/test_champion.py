"""The champion, once a model is approved, is measured beside each candidate."""

import json
from dataclasses import replace

import pytest

pytest.importorskip("sagemaker", reason='the pipeline needs pip install -e ".[pipeline]"')
pytest.importorskip("modelyard", reason='the pipeline needs pip install -e ".[pipeline]"')

from test_pipeline import CONTEXT

from {{ cookiecutter.__package }} import pipeline


def test_the_champion_is_an_input_of_the_evaluation():
    context = replace(CONTEXT, champion_model_uri="s3://a-bucket/champion/model.tar.gz", champion_version=4)
    steps = {step["Name"]: step for step in json.loads(pipeline.definition(context))["Steps"]}
    job = steps["Evaluate"]["Arguments"]
    inputs = {it["InputName"]: it["S3Input"]["S3Uri"] for it in job["ProcessingInputs"]}
    assert inputs["champion"] == "s3://a-bucket/champion/model.tar.gz"
    assert job["AppSpecification"]["ContainerArguments"][-2:] == ["--champion-version", "4"]
