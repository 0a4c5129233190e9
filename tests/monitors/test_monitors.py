"""The monitors, run as a container runs them: a folder, files in, files out."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

import modelyard.monitors
from modelyard.monitors import bias, captured, configuration, distances, model_quality
from modelyard.monitors.attribution import ndcg
from modelyard.monitors.table import read_table

FOLDER = Path(modelyard.monitors.__file__).parent


def run(*arguments: object) -> tuple[int, str]:
    """Run the folder by itself: nothing of modelyard can be imported."""
    done = subprocess.run(
        [sys.executable, str(FOLDER / "__main__.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )
    return done.returncode, done.stdout + done.stderr


def record(identity: str, data: str, answer: str, **metadata: str) -> dict[str, Any]:
    return {
        "captureData": {
            "endpointInput": {"observedContentType": "text/csv", "mode": "INPUT", "data": data, "encoding": "CSV"},
            "endpointOutput": {
                "observedContentType": "application/json",
                "mode": "OUTPUT",
                "data": base64.b64encode(answer.encode()).decode(),
                "encoding": "BASE64",
            },
        },
        "eventMetadata": {"eventId": identity, "inferenceTime": "2026-01-01T00:00:00Z", **metadata},
        "eventVersion": "0",
    }


def lines(folder: Path, records: list[dict[str, Any]]) -> Path:
    path = folder / "2026" / "01" / "01" / "00" / "a.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(item) + "\n" for item in records))
    return folder


def written(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text())


@pytest.fixture
def baseline(tmp_path: Path) -> Path:
    """A baseline of 400 rows: age is even between 20 and 60, city one of two."""
    folder = tmp_path / "baseline"
    folder.mkdir()
    (folder / "monitor.json").write_text(json.dumps({"features": ["age", "city"]}))
    rows = [f"{20 + number / 10},{('Ulm', 'Bonn')[number % 2]}" for number in range(400)]
    data = tmp_path / "data.csv"
    data.write_text("\n".join(["age,city", *rows]))
    said = run("--kind", "data_quality", "--baseline", folder, "--output", folder, "--baseline-data", data)
    assert said == (0, f"a baseline of 400 rows is in {folder}\n")
    return folder


def test_a_baseline_says_what_should_go_on_to_hold(baseline: Path):
    constraints = written(baseline, "constraints")
    assert constraints["features"] == [
        {
            "name": "age",
            "inferred_type": "Fractional",
            "completeness": 1.0,
            "num_constraints": {"is_non_negative": True},
        },
        {
            "name": "city",
            "inferred_type": "String",
            "completeness": 1.0,
            "string_constraints": {"domains": ["Bonn", "Ulm"]},
        },
    ]
    assert constraints["monitoring_config"]["distribution_constraints"]["comparison_threshold"] == 0.1
    age, city = written(baseline, "statistics")["features"]
    assert (age["name"], age["inferred_type"]) == ("age", "Fractional")
    numbers = age["numerical_statistics"]
    assert numbers["common"] == {"num_present": 400, "num_missing": 0}
    assert (numbers["min"], numbers["max"], round(numbers["mean"], 6)) == (20.0, 59.9, 39.95)
    assert [bucket["count"] for bucket in numbers["distribution"]["kll"]["buckets"]] == [40.0] * 10
    assert city["string_statistics"]["distribution"]["categorical"]["buckets"] == [
        {"value": "Bonn", "count": 200},
        {"value": "Ulm", "count": 200},
    ]


def watch(baseline: Path, output: Path, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    folder = lines(output / "captured", records)
    code, said = run("--kind", "data_quality", "--baseline", baseline, "--captured", folder, "--output", output)
    assert code == 0, said
    found: list[dict[str, Any]] = written(output, "constraint_violations")["violations"]
    return found


def test_data_as_before_breaks_nothing(baseline: Path, tmp_path: Path):
    same = [record(str(it), f"{20 + it / 5},{('Ulm', 'Bonn')[it % 2]}", "[1]") for it in range(200)]
    assert watch(baseline, tmp_path, same) == []


def test_each_violation_is_named(baseline: Path, tmp_path: Path):
    moved = [record(str(it), f"{-1 + it / 5},{('Ulm', 'Rome')[it % 2]}", "[1]") for it in range(300)]
    moved.append(record("gap", ",Ulm,7", "[1]"))
    found = watch(baseline, tmp_path, moved)
    assert sorted((it["feature_name"], it["constraint_check_type"]) for it in found) == [
        ("_c2", "extra_column_check"),
        ("age", "baseline_drift_check"),
        ("age", "completeness_check"),
        ("age", "is_non_negative_check"),
        ("city", "baseline_drift_check"),
        ("city", "categorical_values_check"),
    ]


def test_a_missing_column_and_another_type_are_named(baseline: Path, tmp_path: Path):
    found = watch(baseline, tmp_path, [record(str(it), "old", "[1]") for it in range(10)])
    assert sorted((it["feature_name"], it["constraint_check_type"]) for it in found) == [
        ("age", "data_type_check"),
        ("city", "missing_column_check"),
    ]


def test_no_traffic_is_no_failure(baseline: Path, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    code, said = run(
        "--kind", "data_quality", "--baseline", baseline, "--captured", tmp_path / "empty", "--output", tmp_path / "out"
    )
    assert (code, said) == (0, f"nothing was captured below {tmp_path / 'empty'}\n")
    assert written(tmp_path / "out", "constraint_violations") == {"violations": []}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--kind", "data_quality"), 2, "give --captured to watch, or --baseline-data to make a baseline"),
        (("--kind", "taste", "--captured", "x"), 2, "invalid choice: 'taste'"),
        (
            ("--kind", "data_quality", "--captured", "{captured}"),
            1,
            "the baseline has no constraints.json with features; make one with --baseline-data",
        ),
        (("--kind", "bias", "--baseline-data", "{data}"), 1, "monitor.json names no facet"),
        (("--kind", "data_quality", "--baseline-data", "{captured}/.."), 1, "it has ['.csv', '.jsonl']"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, arguments, code, said):
    folder = lines(tmp_path / "captured", [record("1", "1,2", "[1]")])
    data = tmp_path / "data.csv"
    data.write_text("a,label,prediction\n1,1,1\n")
    filled = [it.format(captured=folder, data=data) for it in arguments]
    found = run(*filled, "--output", tmp_path / "out")
    assert (found[0], said in found[1]) == (code, True)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([1, 2, 3, 4], [1, 2, 3, 4], 0.0),
        ([0, 0, 1, 1], [0, 1, 1, 1], 0.25),
        ([1, 2], [3, 4], 1.0),
        ([0, 1], [0.5, 0.5], 0.5),
    ],
)
def test_the_distance_is_kolmogorovs(first, second, expected):
    found = distances.numeric(np.array(first, float), 10**12, np.repeat(np.sort(np.array(second, float)), 10**5))
    assert abs(found - expected) < 0.01


def test_small_samples_differ_by_chance():
    dice = np.random.default_rng(0)
    reference = distances.quantiles(np.sort(dice.normal(size=500)))
    found = [distances.numeric(reference, 500, np.sort(dice.normal(size=200))) for _ in range(100)]
    assert max(found) < 0.05


def test_binary_metrics_are_those_of_scikit_learn():
    dice = np.random.default_rng(1)
    truth = dice.random(500) < 0.4
    scores = np.clip(truth * 0.3 + dice.random(500).round(1) * 0.7, 0, 1)
    decided = scores >= 0.5
    found = model_quality.binary(truth, decided, scores)
    expected = {
        "accuracy": metrics.accuracy_score(truth, decided),
        "precision": metrics.precision_score(truth, decided),
        "recall": metrics.recall_score(truth, decided),
        "f0_5": metrics.fbeta_score(truth, decided, beta=0.5),
        "f1": metrics.f1_score(truth, decided),
        "f2": metrics.fbeta_score(truth, decided, beta=2),
        "auc": metrics.roc_auc_score(truth, scores),
    }
    assert {name: round(found[name], 9) for name in expected} == {
        name: round(float(value), 9) for name, value in expected.items()
    }
    truths, guesses = dice.integers(0, 4, 300).astype(str), dice.integers(0, 4, 300).astype(str)
    found = model_quality.multiclass(truths, guesses)
    assert round(found["weighted_f1"], 9) == round(float(metrics.f1_score(truths, guesses, average="weighted")), 9)
    numbers = dice.normal(size=100)
    guessed = numbers + dice.normal(size=100)
    assert round(model_quality.regression(numbers, guessed)["r2"], 9) == round(
        float(metrics.r2_score(numbers, guessed)), 9
    )


def test_ground_truth_is_joined_by_inference_id_before_event_id(tmp_path: Path):
    folder = lines(
        tmp_path / "captured",
        [
            record("e1", "1", '{"predictions": [0.9]}', inferenceId="i1"),
            record("e2", "2", '{"predictions": [0.2]}'),
            record("e3", "3", '{"predictions": [0.2]}'),
        ],
    )
    truths = lines(
        tmp_path / "truth",
        [
            {"groundTruthData": {"data": value, "encoding": "CSV"}, "eventMetadata": {"eventId": identity}}
            for identity, value in (("i1", "1"), ("e1", "0"), ("e2", "0"))
        ],
    )
    settings = configuration.Settings(features=["x"])
    table = captured.read(folder, settings, [], truths).with_label()
    assert table.column("label").filled().tolist() == [1.0, 0.0]
    assert table.column("prediction").filled().tolist() == [0.9, 0.2]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ('{"instances": [[1, "a"], [2, "b"]]}', [{"x": 1, "y": "a"}, {"x": 2, "y": "b"}]),
        ('[{"x": 1, "y": "a"}]', [{"x": 1, "y": "a"}]),
        ('{"x": 1, "y": "a"}', [{"x": 1, "y": "a"}]),
        ('{"dataframe_split": {"columns": ["y", "x"], "data": [["a", 1]]}}', [{"y": "a", "x": 1}]),
        ("[1, 2]", [{"x": 1, "y": 2}]),
    ],
)
def test_requests_of_many_shapes_are_read(tmp_path: Path, data, rows):
    line = record("1", "", "[0]")
    line["captureData"]["endpointInput"].update(data=data, encoding="JSON", observedContentType="application/json")
    table = captured.read(lines(tmp_path, [line]), configuration.Settings(features=["x", "y"]), [])
    found = [
        dict(zip(("x", "y"), values, strict=True))
        for values in zip(table.column("x").filled().tolist(), table.column("y").filled().tolist(), strict=True)
    ]
    assert found == rows


def test_what_is_older_than_the_window_is_left_out(tmp_path: Path):
    records = [record(str(hour), str(hour), "[1]", inferenceTime=f"2026-01-02T{hour:02}:00:00Z") for hour in range(5)]
    table = captured.read(lines(tmp_path, records), configuration.Settings(features=["x"], window_hours=2), [])
    assert table.column("x").filled().tolist() == [3.0, 4.0]


def test_a_baseline_is_made_of_all_files_of_a_folder(tmp_path: Path):
    for number in range(3):
        (tmp_path / f"{number}.csv").write_text(f"a\n{number}\n")
    assert read_table(tmp_path).column("a").filled().tolist() == [0.0, 1.0, 2.0]


def test_bias_is_told_from_predictions_and_labels(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    rows = [{"sex": "f", "label": 1, "prediction": int(it < 2)} for it in range(8)]
    rows += [{"sex": "m", "label": 1, "prediction": int(it < 6)} for it in range(8)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = bias.measure(read_table(path), configuration.Settings(facet="sex", facet_values=["f"]))
    assert {name: round(found[name], 9) for name in ("DPPL", "DI", "AD", "RD")} == {
        "DPPL": 0.5,
        "DI": round(1 / 3, 9),
        "AD": 0.5,
        "RD": 0.5,
    }


def test_ndcg_is_the_guides_example():
    """The numbers are of the SageMaker developer guide, "Feature attribution drift for models in production"."""
    known = {"SAT": 0.70, "GPA": 0.50, "rank": 0.05}
    assert ndcg(known, known) == 1.0
    assert round(ndcg(known, {"SAT": 0.10, "GPA": 0.20, "rank": 0.70}), 4) == round(
        (0.05 + 0.5 / np.log2(3) + 0.7 / 2) / (0.7 + 0.5 / np.log2(3) + 0.05 / 2), 4
    )


def test_attributions_follow_the_model(tmp_path: Path):
    folder = tmp_path / "baseline"
    folder.mkdir()
    dice = np.random.default_rng(2)
    a, b = dice.normal(size=(2, 500))
    data = tmp_path / "data.csv"
    data.write_text("\n".join(["a,b,prediction", *(f"{x},{y},{3 * x + 0.1 * y}" for x, y in zip(a, b, strict=True))]))
    common = ("--kind", "attribution", "--baseline", folder)
    assert run(*common, "--output", folder, "--baseline-data", data)[0] == 0
    shares = written(folder, "statistics")["explanations"]["global_shap_values"]
    assert round(shares["a"] / shares["b"]) == round(30 * np.abs(a - a.mean()).mean() / np.abs(b - b.mean()).mean())
    for weights, drifted in (((3, 0.1), 0), ((0.1, 3), 1)):
        answers = [
            record(str(number), f"{x},{y}", json.dumps([weights[0] * x + weights[1] * y]))
            for number, (x, y) in enumerate(zip(a, b, strict=True))
        ]
        seen = lines(tmp_path / f"captured-{drifted}", answers)
        output = tmp_path / f"out-{drifted}"
        assert run(*common, "--captured", seen, "--output", output)[0] == 0
        assert len(written(output, "constraint_violations")["violations"]) == drifted
