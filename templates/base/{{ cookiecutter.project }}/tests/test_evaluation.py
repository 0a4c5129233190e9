"""An evaluation: metrics in the registry's shape, a report with plots, a model card, and the champion beside it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import needed  # noqa: F401 - skips where the model can't be trained
import numpy as np
import pytest
from conftest import Trained

from {{ cookiecutter.__package }} import assessment, evaluate, scores
from {{ cookiecutter.__package }}.settings import SETTINGS, QualitySettings
from {{ cookiecutter.__package }}.table import Table

QUALITY, SECTION = SETTINGS.quality, scores.SECTIONS[SETTINGS.quality.problem]


@pytest.fixture(scope="module")
def evaluated(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Evaluate the model, with itself as the champion."""
    folder = tmp_path_factory.mktemp("evaluated")
    splits = [word for name in ("train", "test") for word in (f"--{name}", str(trained.splits / name))]
    champion = ["--champion", str(trained.archive), "--champion-version", "7"]
    evaluate.main(["--model", str(trained.archive), *splits, *champion, "--output", str(folder)])
    return folder


@pytest.fixture
def evaluation(evaluated: Path) -> dict[str, Any]:
    return json.loads((evaluated / "evaluation.json").read_text(encoding="utf-8"))


def test_metrics_have_the_registrys_shape_and_deviations_over_the_folds(evaluation: dict[str, Any]):
    metrics = evaluation[SECTION]
    for metric in metrics.values():
        assert sorted(metric) == ["standard_deviation", "value"]
        assert 0 <= metric["standard_deviation"] < float("inf")
    limit, value = SETTINGS.parameters[SETTINGS.threshold], metrics[QUALITY.metric]["value"]
    assert value <= limit if QUALITY.less_is_better else value >= limit


def test_the_champion_is_measured_on_the_same_rows(evaluation: dict[str, Any]):
    values = {name: metric["value"] for name, metric in evaluation[SECTION].items()}
    assert {name: metric["value"] for name, metric in evaluation["champion"][SECTION].items()} == values
    assert evaluation["champion"]["version"] == 7
    assert evaluation["comparison"]["gain"] == 0
    assert evaluation["gate"] == {"metric": QUALITY.metric, "higher_is_better": not QUALITY.less_is_better}
    assert re.fullmatch(r"[0-9a-f]{16}", evaluation["dataset"]["digest"])


def test_a_champion_that_can_not_be_asked_is_not_compared(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "model.tar.gz").write_bytes(b"no archive")
    test = evaluate.read_csv(trained.splits / "test", SETTINGS.data.labels)
    assert evaluate.compared(tmp_path / "model.tar.gz", 3, test, 0.5).champion is None
    assert "the champion, version 3, can't be asked about this data" in capsys.readouterr().err
    assert evaluate.compared(tmp_path / "nothing", 0, test, 0.5).gain == 0


def test_the_report_has_every_part(evaluated: Path):
    card = (evaluated / "model_card.md").read_text(encoding="utf-8")
    titles = re.findall(r"^## (.*)$", card, re.MULTILINE)
    assert titles == ["Quality", "Against the champion", "Slices", "Fairness", "What it goes by"]
    page = (evaluated / "report.html").read_text(encoding="utf-8")
    assert re.findall(r"<h2>(.*?)</h2>", page) == titles
    assert page.count('src="data:image/png;base64,iVBOR') == 2
    for name in ("quality.png", "explanations.png"):
        assert (evaluated / name).read_bytes().startswith(b"\x89PNG")
        assert f"]({name})" in card
    for name in QUALITY.slices:
        assert f"| {name}: " in card


def people(rows: int = 400) -> Table:
    """Return rows whose label is their first feature's sign; the second one names two groups."""
    numbers = np.random.default_rng(3)
    group = np.arange(rows) % 2
    features = np.column_stack([numbers.normal(size=rows), group, numbers.normal(size=rows)])
    labels = (features[:, 0] > 0).astype(np.int64)
    return Table(label_names=("y",), names=("cause", "group", "noise"), features=features, labels=labels)


def assessed(predict: Callable[[Any], scores.Answers], **choices: Any) -> assessment.Assessment:
    quality = QualitySettings(problem="binary", metric="accuracy", sensitive="group", slices=("group",), **choices)
    return assessment.assess(quality, "shuffled", lambda _: predict, people(), people(), predict)


def fair(features: Any) -> scores.Answers:
    said = (features[:, 0] > 0).astype(np.int64)
    return scores.Answers(predictions=said, probabilities=said * 0.8 + 0.1)


def unfair(features: Any) -> scores.Answers:
    said = ((features[:, 0] > 0) & (features[:, 1] == 0)).astype(np.int64)
    return scores.Answers(predictions=said, probabilities=said * 0.8 + 0.1)


def test_a_model_that_favours_a_group_is_seen():
    assert assessed(fair).fairness["equalized_odds_difference"] == 0
    found = assessed(unfair)
    assert found.fairness["equalized_odds_difference"] == 1
    assert found.groups["0"]["recall"] == 1
    assert found.groups["1"]["recall"] == 0
    assert [count for count, _ in found.slices.values()] == [200, 200]


def test_explanations_name_what_the_model_goes_by():
    found = assessed(fair, explained_rows=20).explanations
    assert next(iter(found)) == "cause"
    assert found["group"] == found["noise"] == pytest.approx(0)
    assert assessed(fair, explained_rows=0).explanations == {}


def test_folds_are_measured_on_rows_that_were_not_trained_on():
    seen: list[int] = []
    quality = QualitySettings(problem="binary", metric="accuracy", folds=4, explained_rows=0)
    found = assessment.assess(
        quality, "shuffled", lambda part: (seen.append(len(part.labels)), fair)[1], people(), people(), fair
    )
    assert seen == [300] * 4
    assert [fold["accuracy"] for fold in found.folds] == [1.0] * 4
    assert found.deviation("accuracy") == 0
