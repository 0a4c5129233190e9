"""Processing step: assesses a trained model on held-out data; writes `evaluation.json`, a report and a model card.

`evaluation.json` has the shape of SageMaker's model quality reports, so that the model registry shows it. The model is
loaded and asked as the endpoint does it.
"""

import argparse
import json
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from {{ cookiecutter.__package }} import champion, report
from {{ cookiecutter.__package }}.assessment import Assessment, Predict, assess
from {{ cookiecutter.__package }}.inference import model_fn, predict_fn
from {{ cookiecutter.__package }}.job import HYPERPARAMETERS
from {{ cookiecutter.__package }}.scores import SECTIONS, answers, measure
from {{ cookiecutter.__package }}.settings import SETTINGS
from {{ cookiecutter.__package }}.table import Table, read_csv
from {{ cookiecutter.__package }}.train import fit


def load_model(archive: Path) -> tuple[Any, dict[str, float]]:
    """Load the model in a training job's `model.tar.gz`, in the way that the endpoint loads it.

    Returns:
        the model and its hyperparameters.
    """
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        parameters = json.loads((Path(folder) / HYPERPARAMETERS).read_text(encoding="utf-8"))
        return model_fn(folder), parameters


def asked(model: Any) -> Predict:
    """Return a function that asks a model."""
    return lambda features: answers(predict_fn(features, model))


def evaluation(found: Assessment, comparison: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of `evaluation.json`: each metric with its value and its deviation over the folds."""
    deviations = {name: found.deviation(name) for name in found.metrics}
    measured = {
        name: {"value": value, "standard_deviation": "NaN" if deviations[name] is None else deviations[name]}
        for name, value in found.metrics.items()
    }
    return {SECTIONS[SETTINGS.quality.problem]: measured, "comparison": dict(comparison)}


def compared(group: str, test: Table, value: float) -> Mapping[str, Any]:
    """Measure the champion of a group on the same rows; without a champion the candidate has nothing to beat.

    A champion that this code can't load or ask, such as one with other features, is told and not compared.
    """
    quality = SETTINGS.quality
    alone = champion.alone(quality.metric, value)
    with tempfile.TemporaryDirectory() as folder:
        found = champion.fetch(group, Path(folder)) if group else None
        if found is None:
            return alone
        arn, archive = found
        try:
            given = asked(load_model(archive)[0])(test.features)
        except Exception as error:  # noqa: BLE001 - whatever an older model's file or shape makes it raise
            sys.stderr.write(f"the champion {arn} can't be asked about this data: {error}\n")
            return alone
    theirs = measure(quality.problem, test.labels, given)[quality.metric]
    return champion.compare(quality.metric, quality.less_is_better, value, theirs, arn)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write `<output>/evaluation.json` and the report beside it."""
    root = Path("/opt/ml/processing")
    parser = argparse.ArgumentParser(description=__doc__)
    for name, folder in (("model", "model"), ("train", "train"), ("test", "test"), ("output", "evaluation")):
        parser.add_argument(f"--{name}", type=Path, default=root / folder)
    parser.add_argument("--group", default="", help="the model package group with the champion")
    options = parser.parse_args(arguments)
    known, test = (read_csv(folder, SETTINGS.data.labels) for folder in (options.train, options.test))
    model, parameters = load_model(options.model / "model.tar.gz")
    predict = asked(model)
    found = assess(
        SETTINGS.quality,
        SETTINGS.data.order,
        lambda table: asked(fit(table, parameters)),
        known,
        test,
        predict,
    )
    comparison = compared(options.group, test, found.metrics[SETTINGS.quality.metric])
    report.write(options.output, SETTINGS, found, test, predict(test.features), comparison)
    text = json.dumps(evaluation(found, comparison), indent=2) + "\n"
    (options.output / "evaluation.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
