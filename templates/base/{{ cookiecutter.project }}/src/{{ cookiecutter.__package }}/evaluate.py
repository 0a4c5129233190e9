"""Processing step: assesses a trained model on held-out data; writes `evaluation.json`, a report and a model card.

`evaluation.json` has the shape of SageMaker's model quality reports, so that the model registry shows it. The model is
loaded and asked as the endpoint does it.
"""

import argparse
import json
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from {{ cookiecutter.__package }} import report
from {{ cookiecutter.__package }}.assessment import Predict, assess
from {{ cookiecutter.__package }}.champion import Comparison, digest
from {{ cookiecutter.__package }}.inference import model_fn, predict_fn
from {{ cookiecutter.__package }}.job import HYPERPARAMETERS
from {{ cookiecutter.__package }}.model import fit
from {{ cookiecutter.__package }}.scores import SECTIONS, answers, measure
from {{ cookiecutter.__package }}.settings import SETTINGS
from {{ cookiecutter.__package }}.table import Table, read_csv

ARCHIVE = "model.tar.gz"


def load_model(archive: Path) -> tuple[Any, dict[str, float]]:
    """Load the model in a training job's `model.tar.gz`, in the way that the endpoint loads it.

    Returns:
        the model and its hyperparameters.
    """
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", None)  # none before Python 3.11.4
            tar.extractall(folder)  # noqa: S202 - the archive of our own training job
        parameters = json.loads((Path(folder) / HYPERPARAMETERS).read_text(encoding="utf-8"))
        return model_fn(folder), parameters


def asked(model: Any) -> Predict:
    """Return a function that asks a model."""
    return lambda features: answers(predict_fn(features, model))


def compared(archive: Path, version: int, test: Table, value: float) -> Comparison:
    """Measure the champion on the same rows; without one the candidate has nothing to beat.

    A champion that this code can't load or ask, such as one with other features, is told and not compared.

    Args:
        archive: the champion's `model.tar.gz`; it need not be there.
        version: the champion's version.
        test: held-out rows.
        value: the candidate's metric.
    """
    quality = SETTINGS.quality
    alone = Comparison(metric=quality.metric, candidate=value, less_is_better=quality.less_is_better)
    if not archive.is_file():
        return alone
    try:
        given = asked(load_model(archive)[0])(test.features)
        metrics = measure(quality.problem, test.labels, given)
    except Exception as error:
        sys.stderr.write(f"the champion, version {version}, can't be asked about this data: {error}\n")
        return alone
    return replace(alone, champion=metrics[quality.metric], version=version, metrics=metrics)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the folders."""
    root = Path("/opt/ml/processing")
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("model", "train", "test", "champion"):
        parser.add_argument(f"--{name}", type=Path, default=root / name)
    parser.add_argument("--output", type=Path, default=root / "evaluation")
    parser.add_argument("--champion-version", type=int, default=0)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write `<output>/evaluation.json` and the report beside it."""
    options = parse(arguments)
    known, test = (read_csv(folder, SETTINGS.data.labels) for folder in (options.train, options.test))
    model, parameters = load_model(options.model / ARCHIVE)
    predict = asked(model)
    found = assess(
        SETTINGS.quality, SETTINGS.data.order, lambda table: asked(fit(table, None, parameters)), known, test, predict
    )
    value = found.metrics[SETTINGS.quality.metric]
    comparison = compared(options.champion / ARCHIVE, options.champion_version, test, value)
    report.write(options.output, SETTINGS, found, test, predict(test.features), comparison)
    content = comparison.evaluation(SECTIONS[SETTINGS.quality.problem], found.measured(), digest(options.test))
    (options.output / "evaluation.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
