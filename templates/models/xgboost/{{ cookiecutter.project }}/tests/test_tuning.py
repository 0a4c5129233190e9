"""The search: what is looked for, and within which limits."""

import json
from typing import Any

import pytest

pytest.importorskip("sagemaker", reason='the pipeline needs pip install -e ".[pipeline]"')
pytest.importorskip("modelyard", reason='the pipeline needs pip install -e ".[pipeline]"')

from test_pipeline import CONTEXT

from {{ cookiecutter.__package }} import pipeline


@pytest.fixture(scope="module")
def request_() -> dict[str, Any]:
    steps = {step["Name"]: step for step in json.loads(pipeline.definition(CONTEXT))["Steps"]}
    return steps["Tune"]["Arguments"]


def test_it_searches_within_the_ranges(request_: dict[str, Any]):
    config = request_["HyperParameterTuningJobConfig"]
    assert config["Strategy"] == "Bayesian"
    assert config["ResourceLimits"] == {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2}
    assert config["HyperParameterTuningJobObjective"] == {"Type": "Minimize", "MetricName": "validation:rmse"}
    assert config["ParameterRanges"] == {
        "ContinuousParameterRanges": [
            {"Name": "eta", "MinValue": "0.02", "MaxValue": "0.2"},
            {"Name": "min_child_weight", "MinValue": "1.0", "MaxValue": "20.0"},
        ],
        "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "4"}],
    }


def test_what_is_searched_is_not_fixed(request_: dict[str, Any]):
    fixed = request_["TrainingJobDefinition"]["StaticHyperParameters"]
    assert sorted(fixed) == ["rounds", "sagemaker_program", "sagemaker_submit_directory"]
    assert "HyperParameters" not in request_["TrainingJobDefinition"]
