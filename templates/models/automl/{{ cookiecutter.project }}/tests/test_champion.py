"""The champion, once a model is approved, is measured beside each candidate."""

import json
from dataclasses import replace

import pytest

pytest.importorskip("sagemaker", reason='the pipeline needs pip install -e ".[pipeline]"')
pytest.importorskip("modelyard", reason='the pipeline needs pip install -e ".[pipeline]"')

from test_pipeline import CONTEXT

from {{ cookiecutter.__package }} import pipeline


def test_the_champion_answers_the_same_questions():
    context = replace(CONTEXT, champion_model_uri="s3://a-bucket/champion/model.tar.gz", champion_version=4)
    steps = {step["Name"]: step for step in json.loads(pipeline.definition(context))["Steps"]}
    package = "arn:aws:sagemaker:eu-central-1:123456789012:model-package/a-model-dev/4"
    assert steps["CreateChampion"]["Arguments"]["PrimaryContainer"] == {"ModelPackageName": package}
    asked = [steps[name]["Arguments"]["TransformInput"] for name in ("AskChampion", "AskChallenger")]
    assert asked[0] == asked[1]
    inputs = {it["InputName"]: it["S3Input"]["S3Uri"] for it in steps["Evaluate"]["Arguments"]["ProcessingInputs"]}
    assert inputs["champion"] == {"Get": "Steps.AskChampion.TransformOutput.S3OutputPath"}


def test_a_challenger_that_is_worse_is_refused():
    steps = {step["Name"]: step for step in json.loads(pipeline.definition(CONTEXT))["Steps"]}
    quality, gain = steps["CheckAccuracy"]["Arguments"]["Conditions"]
    assert quality["RightValue"] == {"Get": "Parameters.accuracy_threshold"}
    assert gain["Type"] == "GreaterThanOrEqualTo"
    assert gain["LeftValue"]["Std:JsonGet"]["Path"] == "comparison.gain"
    assert gain["RightValue"] == 0
