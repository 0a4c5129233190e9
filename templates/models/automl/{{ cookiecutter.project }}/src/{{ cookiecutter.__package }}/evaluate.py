"""Processing step: compares the answers of challenger and champion with the held-out labels.

It writes `evaluation.json` in the shape of SageMaker's model quality reports, a report and a model card. A candidate of
AutoML is a closed box, so what it goes by is read off a model that was taught its answers (a surrogate).
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from {{ cookiecutter.__package }} import model, report
from {{ cookiecutter.__package }}.assessment import Assessment, described
from {{ cookiecutter.__package }}.champion import Comparison, digest
from {{ cookiecutter.__package }}.scores import SECTIONS, Answers, answers, measure
from {{ cookiecutter.__package }}.settings import SETTINGS
from {{ cookiecutter.__package }}.table import DataError, Table, read_csv


def read_answers(folder: Path, rows: int) -> Answers:
    """Read the labels that a batch transform wrote, one line for each row.

    Raises:
        DataError: there aren't as many as there were rows.
    """
    lines = [line for path in sorted(folder.glob("*.out")) for line in path.read_text(encoding="utf-8").split()]
    if len(lines) != rows:
        raise DataError(f"{folder} has {len(lines)} answers to {rows} questions")
    return Answers(predictions=np.array([float(line) for line in lines]).astype(np.int64))


def surrogate(test: Table, given: Answers) -> Any:
    """Return a function that answers as a model does that was taught a candidate's answers."""
    taught = model.fit(replace(test, labels=given.predictions), None, SETTINGS.hyperparameters)
    return lambda features: answers(model.answer(features, taught))


def assess(test: Table, given: Answers) -> Assessment:
    """Assess a candidate by its answers; each candidate was trained once, so there are no folds."""
    varied = len(np.unique(given.predictions)) > 1
    return described(SETTINGS.quality, test, test, given, surrogate(test, given) if varied else None)


def compared(folder: Path, version: int, test: Table, value: float) -> Comparison:
    """Measure the champion's answers to the same questions; without them the challenger has nothing to beat."""
    quality = SETTINGS.quality
    alone = Comparison(metric=quality.metric, candidate=value, less_is_better=quality.less_is_better)
    if not folder.is_dir():
        return alone
    metrics = measure(quality.problem, test.labels, read_answers(folder, len(test.labels)))
    return replace(alone, champion=metrics[quality.metric], version=version, metrics=metrics)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write `<output>/evaluation.json` and the report beside it."""
    root = Path("/opt/ml/processing")
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("answers", "champion", "test"):
        parser.add_argument(f"--{name}", type=Path, default=root / name)
    parser.add_argument("--output", type=Path, default=root / "evaluation")
    parser.add_argument("--champion-version", type=int, default=0)
    options = parser.parse_args(arguments)
    test = read_csv(options.test, SETTINGS.data.labels)
    given = read_answers(options.answers, len(test.labels))
    found = assess(test, given)
    value = found.metrics[SETTINGS.quality.metric]
    comparison = compared(options.champion, options.champion_version, test, value)
    report.write(options.output, SETTINGS, found, test, given, comparison)
    content = comparison.evaluation(SECTIONS[SETTINGS.quality.problem], found.measured(), digest(options.test))
    (options.output / "evaluation.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
