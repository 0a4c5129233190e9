"""The SageMaker pipeline: prepare, train, evaluate, then register the model if it is good enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from {{ cookiecutter.__package }} import steps
from {{ cookiecutter.__package }}.sdk import Parameters, build

if TYPE_CHECKING:
    from modelyard.components.model_service.context import PipelineContext
    from sagemaker.mlops.workflow.steps import Step


def definition(context: PipelineContext) -> str:
    """Return the pipeline's definition as JSON, the same for the same context.

    Args:
        context: the resources to run with, and defaults for the pipeline's parameters.

    Raises:
        ValueError: the context sets a parameter that the pipeline doesn't have.
    """
    return build(context, _steps)


def _steps(context: PipelineContext, parameters: Parameters) -> list[Step]:
    told, prepared = steps.prepare(context)
    train, trained = steps.train(context, prepared, parameters)
    evaluated, evaluation = steps.evaluate(context, prepared, trained)
    register = steps.register(context, prepared, trained, evaluated)
    return [told, prepared, train, evaluated, steps.check(evaluated, evaluation, parameters, [register])]
