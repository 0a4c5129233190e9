"""QualityCheck and ClarifyCheck steps: data held to what earlier data were."""

import json
import math
from typing import Any

import pytest

from modelyard.localcloud.runtime.pipelines import clarify_data

from .conftest import ROLE, Cloud
from .test_pipeline_steps import CLUSTER, create, ended, get, start, steps


def test_data_are_held_to_a_baseline(cloud: Cloud) -> None:
    pytest.importorskip("numpy")
    rows = "\n".join(["age,plan", *(f"{20 + number % 40},{'ab'[number % 2]}" for number in range(200))])
    cloud.put("quality/old/data.csv", rows)
    cloud.put("quality/new/data.csv", rows.replace(",a", ",never-seen"))

    def quality(name: str, data: str, **fields: Any) -> dict[str, Any]:
        place = {"S3Uri": f"s3://work/quality/{data}/", "S3DataType": "S3Prefix", "S3InputMode": "File"}
        target = {"S3Uri": f"s3://work/quality/{name}", "S3UploadMode": "EndOfJob"}
        arguments = {
            "ProcessingResources": CLUSTER,
            "AppSpecification": {"ImageUri": "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor"},
            "RoleArn": ROLE,
            "Environment": {"dataset_source": "/opt/ml/processing/input/data"},
            "ProcessingInputs": [
                {"InputName": "data", "S3Input": {**place, "LocalPath": "/opt/ml/processing/input/data"}}
            ],
            "ProcessingOutputConfig": {
                "Outputs": [{"OutputName": "out", "S3Output": {**target, "LocalPath": "/opt/ml/processing/output"}}]
            },
        }
        return {"Name": name, "Type": "QualityCheck", "CheckType": "DATA_QUALITY", "Arguments": arguments, **fields}

    constraints = get("Steps.Base.CalculatedBaselineConstraints")
    statistics = get("Steps.Base.CalculatedBaselineStatistics")
    held = {"SuppliedBaselineConstraints": constraints, "SuppliedBaselineStatistics": statistics}
    create(
        cloud,
        "quality",
        quality("Base", "old", SkipCheck=True),
        quality("Same", "old", **held),
        quality("Other", "new", **held),
        quality("Shown", "new", FailOnViolation=False, **held),
    )
    arn = start(cloud, "quality")
    assert ended(cloud, arn) == "Failed"
    ran = steps(cloud, arn)
    outcomes = {name: (step["StepStatus"], step.get("FailureReason", "")) for name, step in ran.items()}
    assert {name: status for name, (status, _) in outcomes.items()} == {
        "Base": "Succeeded",
        "Same": "Succeeded",
        "Other": "Failed",
        "Shown": "Succeeded",
    }, outcomes
    assert "see s3://work/quality/Other/constraint_violations.json" in outcomes["Other"][1]
    report = json.loads(cloud.get(ran["Shown"]["Metadata"]["QualityCheck"]["ViolationReport"]))
    assert {violation["feature_name"] for violation in report["violations"]} == {"plan"}
    create(cloud, "no-baseline", quality("Alone", "old"))
    alone = start(cloud, "no-baseline")
    assert ended(cloud, alone) == "Failed"
    assert "there is no baseline to check against" in steps(cloud, alone)["Alone"]["FailureReason"]


def test_bias_of_data_is_held_to_a_baseline(cloud: Cloud) -> None:
    even = [f"{age},{plan},{number % 2}" for number in range(40) for age in (25, 60) for plan in "ab"]
    uneven = [row if row.startswith("60") else f"{row[:-1]}0" for row in even]
    for name, rows in (("even", even), ("uneven", uneven)):
        cloud.put(f"clarify/{name}/data.csv", "\n".join(rows))
    config = {
        "dataset_type": "text/csv",
        "headers": ["age", "plan", "bought"],
        "label": "bought",
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "age", "value_or_threshold": [40]}, {"name_or_index": "plan"}],
        "methods": {"pre_training_bias": {"methods": "all"}, "report": {"name": "report", "title": "Analysis Report"}},
    }
    place = cloud.put("clarify/analysis_config.json", json.dumps(config))

    def source(name: str, uri: str, inside: str) -> dict[str, Any]:
        found = {"S3Uri": uri, "S3DataType": "S3Prefix", "S3InputMode": "File"}
        return {"InputName": name, "S3Input": {**found, "LocalPath": f"/opt/ml/processing/input/{inside}"}}

    def clarify(name: str, data: str, check: str = "DATA_BIAS", **fields: Any) -> dict[str, Any]:
        target = {"S3Uri": f"s3://work/clarify/{name}", "S3UploadMode": "EndOfJob"}
        output = {"OutputName": "analysis_result", "S3Output": {**target, "LocalPath": "/opt/ml/processing/output"}}
        arguments = {
            "ProcessingResources": CLUSTER,
            "AppSpecification": {"ImageUri": "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify:1.0"},
            "RoleArn": ROLE,
            "ProcessingInputs": [
                source("analysis_config", place, "config"),
                source("dataset", f"s3://work/clarify/{data}/", "data"),
            ],
            "ProcessingOutputConfig": {"Outputs": [output]},
        }
        return {"Name": name, "Type": "ClarifyCheck", "CheckType": check, "Arguments": arguments, **fields}

    held = {"SuppliedBaselineConstraints": get("Steps.Base.CalculatedBaselineConstraints")}
    create(
        cloud,
        "clarify",
        clarify("Base", "even", SkipCheck=True),
        clarify("Same", "even", **held),
        clarify("Other", "uneven", **held),
        clarify("Shown", "uneven", FailOnViolation=False, **held),
        clarify("Alone", "even"),
        clarify("Model", "even", "MODEL_BIAS", SkipCheck=True),
    )
    arn = start(cloud, "clarify")
    assert ended(cloud, arn) == "Failed"
    ran = steps(cloud, arn)
    outcomes = {name: (step["StepStatus"], step.get("FailureReason", "")) for name, step in ran.items()}
    assert {name for name, (status, _) in outcomes.items() if status == "Succeeded"} == {"Base", "Same", "Shown"}, (
        outcomes
    )
    assert "see s3://work/clarify/Other/constraint_violations.json" in outcomes["Other"][1]
    assert "there is no baseline to check against" in outcomes["Alone"][1]
    assert "the local cloud checks DATA_BIAS, not MODEL_BIAS" in outcomes["Model"][1]
    shown = ran["Shown"]["Metadata"]["ClarifyCheck"]
    report = json.loads(cloud.get(shown["ViolationReport"]))["violations"]
    assert {(found["facet"], found["facet_value"]) for found in report} == {("age", "40")}
    assert [found["description"] for found in report if found["metric_name"] == "DPL"] == [
        "Bias metric DPL of age 40 is -0.5000; it was 0.0000"
    ]
    analysis = json.loads(cloud.get(shown["CalculatedBaselineConstraints"]))["pre_training_bias_metrics"]
    assert sorted(analysis["facets"]) == ["age", "plan"]


def test_bias_is_what_the_guide_says() -> None:
    labels = ["1", "1", "1", "0", "1", "0", "0", "0"]
    group = [False] * 5 + [True] * 3
    found = clarify_data.measure(labels, [it == "1" for it in labels], group, ["x"] * 8)
    gap = 0.8
    assert found == pytest.approx(
        {
            "CI": 0.25,
            "DPL": gap,
            "JS": (0.8 * math.log(0.8 / 0.4) + 0.2 * math.log(0.2 / 0.6) + math.log(1 / 0.6)) / 2,
            "KS": gap,
            "LP": math.sqrt(2 * gap * gap),
            "TVD": gap,
            "CDDL": 3 / 4,
        }
    )
    # The group has no label 1, so that Kullback and Leibler's divergence is without bound; the other way it isn't.
    other_way = clarify_data.measure(labels, [it == "1" for it in labels], [not it for it in group], [])
    assert other_way["KL"] == pytest.approx(math.log(1 / 0.2))
    assert other_way["DPL"] == pytest.approx(-gap)


def test_what_can_not_be_analysed_is_said(tmp_path: Any) -> None:
    (tmp_path / "rows.jsonl").write_text('{"a": 1, "y": 2.0}\n{"a": 2, "y": 3.0}\n')
    config = {
        "dataset_type": "application/jsonlines",
        "label": "y",
        "label_values_or_threshold": [2],
        "facet": [{"name_or_index": 0, "value_or_threshold": [1]}],
        "methods": {"pre_training_bias": {"methods": ["DPL"]}},
    }
    data = clarify_data.rows(tmp_path, config)
    facet = clarify_data.analyse(data, config)["pre_training_bias_metrics"]["facets"][0][0]
    assert [metric["value"] for metric in facet["metrics"]] == [-1.0]
    for changes, said in (
        ({"label": "z"}, "the data have no column z; they have a, y"),
        ({"facet": [{"name_or_index": "a", "value_or_threshold": [9]}]}, "all rows are of one group of a"),
    ):
        with pytest.raises(ValueError, match=said):
            clarify_data.analyse(data, {**config, **changes})
    with pytest.raises(ValueError, match="dataset_type is image/png"):
        clarify_data.rows(tmp_path, {"dataset_type": "image/png"})
