"""The SageMaker pipeline: prepare, search, let challenger and champion answer, compare, register the better one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from {{ cookiecutter.__package }} import search, steps
from {{ cookiecutter.__package }}.sdk import Parameters, Request, build, step

if TYPE_CHECKING:
    from modelyard.components.model_service.context import PipelineContext
    from sagemaker.mlops.workflow.steps import Step

# The baseline has a hyperparameter; the search finds its own.
_BASELINE = ("inverse_regularization",)
_ROOT = "/opt/ml/processing"


def definition(context: PipelineContext) -> str:
    """Return the pipeline's definition as JSON, the same for the same context.

    Args:
        context: the resources to run with, and defaults for the pipeline's parameters.

    Raises:
        ValueError: the context sets a parameter that the pipeline doesn't have.
    """
    return build(context, _steps, without=_BASELINE)


def _steps(context: PipelineContext, parameters: Parameters) -> list[Step]:
    told, prepared = steps.prepare(context)
    searched, trained = search.search(context, prepared)
    answered = _answers(context, prepared, "Challenger", search.container(searched))
    others = _answers(context, prepared, "Champion", search.champion(context)) if context.champion_version else []
    evaluated, evaluation = _evaluate(context, prepared, answered[-1], others[-1] if others else None)
    register = steps.register(context, prepared, trained, evaluated, search.container(searched))
    check = steps.check(evaluated, evaluation, parameters, [register])
    return [told, prepared, searched, *answered, *others, evaluated, check]


def _answers(context: PipelineContext, prepared: Step, who: str, container: Request) -> list[Step]:
    """Return the steps that make a model and ask it about the held-out rows."""
    made = steps.create_model(context, container, name=f"Create{who}")
    return [made, steps.transform(context, made, steps.output(prepared, "questions"), name=f"Ask{who}")]


def _evaluate(context: PipelineContext, prepared: Step, answered: Step, others: Step | None) -> tuple[Step, Any]:
    from sagemaker.core.workflow.properties import PropertyFile

    evaluation = PropertyFile(name="Evaluation", output_name="evaluation", path="evaluation.json")
    inputs = {"answers": answered.properties.TransformOutput.S3OutputPath, "test": steps.output(prepared, "test")}
    words = ["--champion-version", str(context.champion_version)]
    if others is not None:
        inputs["champion"] = others.properties.TransformOutput.S3OutputPath
    folders = [word for name in inputs for word in (f"--{name}", f"{_ROOT}/{name}")]
    words += [*folders, "--output", f"{_ROOT}/evaluation"]
    request = steps.processing(context, "evaluate", words, inputs, {"evaluation": f"{_ROOT}/evaluation"})
    return step("Evaluate", "PROCESSING", request, [evaluation]), evaluation
