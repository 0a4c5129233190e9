"""Training step: fits the model and saves it with the code that serves it."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from skops import io

from {{ cookiecutter.__package }} import job, tracking
from {{ cookiecutter.__package }}.features import transformer
from {{ cookiecutter.__package }}.inference import predict_fn
from {{ cookiecutter.__package }}.scores import answers, measure
from {{ cookiecutter.__package }}.settings import SETTINGS
from {{ cookiecutter.__package }}.table import Table


def fit(table: Table, parameters: Mapping[str, float]) -> Pipeline:
    """Fit the model: standardised features, then logistic regression."""
    regularization = parameters["inverse_regularization"]
    classifier = LogisticRegression(C=regularization, max_iter=1000, random_state=SETTINGS.data.seed)
    return make_pipeline(transformer(), classifier).fit(table.features, table.labels)


def metrics(model: Pipeline, train: Table, validation: Table) -> dict[str, float]:
    """Return the metrics that SageMaker reads from the log, by name."""
    of = {
        name: measure("binary", table.labels, answers(predict_fn(table.features, model)))
        for name, table in (("train", train), ("validation", validation))
    }
    return {name: of[name.split(":")[0]][name.split(":")[1]] for name in SETTINGS.logged}


def save(model: Pipeline, folder: Path) -> None:
    """Write the model in skops' format: it holds no code, as a pickle would."""
    folder.mkdir(parents=True, exist_ok=True)
    io.dump(model, folder / "model.skops")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, report and save."""
    options = job.parse(arguments, os.environ)
    train, validation = job.tables(options)
    parameters = job.hyperparameters(options)
    model = fit(train, parameters)
    found = metrics(model, train, validation)
    job.tell(found)
    save(model, options.model_dir)
    job.finish(options.model_dir, parameters)
    tracking.record(parameters, found, options.output_dir)


if __name__ == "__main__":
    main()
