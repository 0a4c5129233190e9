"""Which parameters let a pipeline's model of a sample through."""

import json

from modelyard.previews.samples import allowances

METRIC = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Evaluation"}, "Path": "x.value"}}


def compared(kind, right):
    return {"Type": kind, "LeftValue": METRIC, "RightValue": right}


def pipeline(*conditions):
    deep = {"Name": "Check", "Type": "Condition", "Arguments": {"Conditions": list(conditions), "IfSteps": []}}
    outer = compared("GreaterThan", 1.0)
    above = {"Name": "Outer", "Type": "Condition", "Arguments": {"Conditions": [outer], "IfSteps": [deep]}}
    return json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": [above]})


def test_thresholds_are_put_aside_on_their_own_side():
    low = compared("GreaterThanOrEqualTo", {"Get": "Parameters.accuracy_threshold"})
    high = compared("LessThanOrEqualTo", {"Get": "Parameters.rmse_threshold"})
    either = {"Type": "Or", "Conditions": [high, compared("Equals", {"Get": "Parameters.mode"})]}
    assert allowances(pipeline(low, either)) == {
        "accuracy_threshold": "-1000000000.0",
        "rmse_threshold": "1000000000.0",
    }


def test_what_is_no_parameter_stays():
    assert allowances(pipeline(compared("GreaterThan", 0.0), compared("LessThan", {"Get": "Steps.A.B"}))) == {}
