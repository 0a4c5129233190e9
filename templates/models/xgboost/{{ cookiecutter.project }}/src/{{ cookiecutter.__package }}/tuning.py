"""The tuning step: trains with several hyperparameters and keeps the best model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from {{ cookiecutter.__package }} import steps
from {{ cookiecutter.__package }}.configuration import load
from {{ cookiecutter.__package }}.sdk import Parameters, Request, step
from {{ cookiecutter.__package }}.settings import SETTINGS
from {{ cookiecutter.__package }}.steps import Trained

if TYPE_CHECKING:
    from modelyard.components.model_service.context import PipelineContext
    from sagemaker.mlops.workflow.steps import Step


@dataclass(frozen=True, kw_only=True)
class TuningSettings:
    """How the hyperparameters are searched.

    Attributes:
        objective: the metric of the training log that is made as small as possible.
        strategy: SageMaker's way to choose the next values.
        jobs: trainings in all.
        parallel: trainings at a time.
        seed: where chance begins.
        ranges: lowest and highest value of each hyperparameter.
        whole_ranges: the same for those that are whole numbers.
    """

    objective: str
    strategy: Literal["Bayesian", "Random", "Grid", "Hyperband"]
    jobs: int
    parallel: int
    seed: int
    ranges: Mapping[str, tuple[float, ...]]
    whole_ranges: Mapping[str, tuple[int, ...]]

    @property
    def tuned(self) -> frozenset[str]:
        """The hyperparameters that are searched."""
        return frozenset({*self.ranges, *self.whole_ranges})


TUNING = load(Path(__file__).with_name("tuning.toml"), TuningSettings)


def tune(context: PipelineContext, prepared: Step, parameters: Parameters) -> tuple[Step, Trained]:
    """Return the step that searches, and what its best training leaves."""
    from sagemaker.core.workflow.functions import Join

    made = step("Tune", "TUNING", _request(context, prepared, parameters))
    best = made.properties.BestTrainingJob
    where = f"s3://{context.bucket}/{context.prefix}/training"
    archive = Join(on="/", values=[where, best.TrainingJobName, "output/model.tar.gz"])
    metrics = {TUNING.objective: best.FinalHyperParameterTuningJobObjectiveMetric.Value}
    return made, Trained(archive=archive, arn=best.TrainingJobArn, metrics=metrics)


def _request(context: PipelineContext, prepared: Step, parameters: Parameters) -> Request:
    job = steps.training(context, prepared)
    fixed = {name: parameters[name].to_string() for name in SETTINGS.hyperparameters if name not in TUNING.tuned}
    definition = {name: value for name, value in job.items() if name != "HyperParameters"}
    return {
        "HyperParameterTuningJobConfig": {
            "Strategy": TUNING.strategy,
            "RandomSeed": TUNING.seed,
            "ResourceLimits": {
                "MaxNumberOfTrainingJobs": TUNING.jobs,
                "MaxParallelTrainingJobs": TUNING.parallel,
            },
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": TUNING.objective},
            "ParameterRanges": {
                "ContinuousParameterRanges": [_range(name, it) for name, it in TUNING.ranges.items()],
                "IntegerParameterRanges": [_range(name, it) for name, it in TUNING.whole_ranges.items()],
            },
        },
        "TrainingJobDefinition": {"StaticHyperParameters": fixed | job["HyperParameters"], **definition},
    }


def _range(name: str, ends: tuple[float, ...]) -> dict[str, str]:
    low, high = ends
    return {"Name": name, "MinValue": str(low), "MaxValue": str(high)}
