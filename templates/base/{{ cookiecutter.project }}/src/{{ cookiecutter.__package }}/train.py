"""Training step: fits the model and saves it with the code that serves it."""

import os
from collections.abc import Sequence
from typing import Any

from {{ cookiecutter.__package }} import job, model, tracking
from {{ cookiecutter.__package }}.scores import answers, measure
from {{ cookiecutter.__package }}.settings import SETTINGS, SPLITS
from {{ cookiecutter.__package }}.table import Table


def metrics(made: Any, train: Table, validation: Table) -> dict[str, float]:
    """Return the metrics that SageMaker reads from the log, by name, such as `validation:accuracy`."""
    problem, tables = SETTINGS.quality.problem, dict(zip(SPLITS, (train, validation), strict=False))
    found = {
        f"{name}:{metric}": value
        for name, table in tables.items()
        for metric, value in measure(problem, table.labels, answers(model.answer(table.features, made))).items()
    }
    return {name: found[name] for name in SETTINGS.logged}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, report and save."""
    options = job.parse(arguments, os.environ)
    train, validation = job.tables(options)
    parameters = job.hyperparameters(options)
    made = model.fit(train, validation, parameters)
    found = metrics(made, train, validation)
    job.tell(found)
    options.model_dir.mkdir(parents=True, exist_ok=True)
    model.save(made, options.model_dir)
    job.finish(options.model_dir, parameters)
    tracking.record(parameters, found, options.output_dir)


if __name__ == "__main__":
    main()
