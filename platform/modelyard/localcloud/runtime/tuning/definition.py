"""A tuning job's request, read and checked: what is wrong is said when it is created."""

from dataclasses import dataclass
from typing import Any

from modelyard.localcloud.runtime.tuning.search import Strategy
from modelyard.localcloud.runtime.tuning.space import Range, RangeError, grid, ranges

_PASSED = (
    "RoleArn",
    "InputDataConfig",
    "VpcConfig",
    "OutputDataConfig",
    "StoppingCondition",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "CheckpointConfig",
    "RetryStrategy",
    "Environment",
)
DEFAULT_MOST_JOBS = 100

Document = dict[str, Any]


@dataclass(frozen=True)
class Training:
    """One training job definition of a tuning job.

    Args:
        name: DefinitionName; empty if it has none.
        metric: the objective metric.
        maximize: whether more of it is better.
        ranges: what is searched.
        document: the definition itself.
    """

    name: str
    metric: str
    maximize: bool
    ranges: tuple[Range, ...]
    document: Document

    @property
    def objective(self) -> str:
        """Maximize or Minimize."""
        return "Maximize" if self.maximize else "Minimize"

    def request(self, name: str, hyperparameters: dict[str, str], tags: list[dict[str, str]]) -> Document:
        """Return the CreateTrainingJob request of one trial."""
        given = self.document
        request = {key: given[key] for key in _PASSED if given.get(key) is not None}
        resources = given.get("ResourceConfig") or _resources(given.get("HyperParameterTuningResourceConfig") or {})
        return {
            **request,
            "TrainingJobName": name,
            "ResourceConfig": resources,
            "AlgorithmSpecification": given["AlgorithmSpecification"],
            "HyperParameters": {
                **(given.get("StaticHyperParameters") or {}),
                **hyperparameters,
                "_tuning_objective_metric": self.metric,
            },
            **({"Tags": tags} if tags else {}),
        }


def trainings(job: Document) -> list[Training]:
    """Return a tuning job's training job definitions.

    Raises:
        RangeError: the request is not valid.
    """
    config = job["HyperParameterTuningJobConfig"]
    one, several = job.get("TrainingJobDefinition"), job.get("TrainingJobDefinitions")
    if bool(one) == bool(several):
        raise RangeError("Exactly one of TrainingJobDefinition and TrainingJobDefinitions must be given.")
    found = [_training(item, config) for item in several or [one]]
    if config["Strategy"] == "Grid":
        for item in found:
            grid(list(item.ranges))
    _check_hyperband(config)
    if len({item.maximize for item in found}) > 1:
        raise RangeError("All training job definitions must have objectives of one type.")
    return found


def strategy(job: Document, training: Training) -> Strategy:
    """Return how a tuning job searches."""
    config = job["HyperParameterTuningJobConfig"]
    band = (config.get("StrategyConfig") or {}).get("HyperbandStrategyConfig") or {}
    return Strategy(
        name=config["Strategy"],
        maximize=training.maximize,
        seed=config.get("RandomSeed"),
        least=int(band.get("MinResource") or 1),
        most=int(band.get("MaxResource") or 0),
        early=config.get("TrainingJobEarlyStoppingType") == "Auto",
    )


def most_jobs(job: Document) -> int:
    """Return how many training jobs a tuning job may start; a grid is tried whole unless it is limited."""
    config = job["HyperParameterTuningJobConfig"]
    limit = config["ResourceLimits"].get("MaxNumberOfTrainingJobs")
    default = 2**31 if config["Strategy"] == "Grid" else DEFAULT_MOST_JOBS
    return int(limit or default)


def _training(document: Document, config: Document) -> Training:
    objective = document.get("TuningObjective") or config.get("HyperParameterTuningJobObjective")
    if not objective:
        raise RangeError("A tuning objective must be given.")
    metric = objective["MetricName"]
    known = [item["Name"] for item in document["AlgorithmSpecification"].get("MetricDefinitions") or []]
    if metric not in known:
        raise RangeError(f"The objective metric [{metric}] is not in the algorithm's MetricDefinitions.")
    if not document.get("ResourceConfig") and not document.get("HyperParameterTuningResourceConfig"):
        raise RangeError("ResourceConfig or HyperParameterTuningResourceConfig must be given.")
    searched = ranges(document.get("HyperParameterRanges") or config.get("ParameterRanges") or {})
    both = sorted({item.name for item in searched} & (document.get("StaticHyperParameters") or {}).keys())
    if both:
        raise RangeError(f"The hyperparameter [{both[0]}] can't be both static and tuned.")
    name = document.get("DefinitionName") or ""
    return Training(name, metric, objective["Type"] == "Maximize", tuple(searched), document)


def _check_hyperband(config: Document) -> None:
    if config["Strategy"] != "Hyperband":
        return
    if config.get("TrainingJobEarlyStoppingType") == "Auto":
        raise RangeError("TrainingJobEarlyStoppingType must be Off for Hyperband, which ends jobs itself.")
    band = (config.get("StrategyConfig") or {}).get("HyperbandStrategyConfig") or {}
    least, most = int(band.get("MinResource") or 1), int(band.get("MaxResource") or 0)
    if most and most <= least:
        raise RangeError("MaxResource must be larger than MinResource.")


def _resources(config: Document) -> Document:
    """Return a ResourceConfig from a HyperParameterTuningResourceConfig: the first of its choices."""
    first = (config.get("InstanceConfigs") or [config])[0]
    return {key: first[key] for key in ("InstanceType", "InstanceCount", "VolumeSizeInGB") if first.get(key)}
