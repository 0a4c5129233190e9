"""Selective execution: some steps of a pipeline, with what the others gave in an execution before.

The developer guide, "Run selected steps with selective execution".
"""

from dataclasses import replace
from typing import Any

from modelyard.localcloud.runtime.pipelines.definition import Definition, DefinitionError, Step, gets

_REFERENCE = "Steps."


def chosen(steps: dict[str, Step], config: dict[str, Any] | None) -> dict[str, Step]:
    """Return the steps that an execution runs: all, or those selected, which wait for no others.

    Args:
        steps: of the definition.
        config: SelectiveExecutionConfig.
    """
    if not config:
        return dict(steps)
    names = _selected(config)
    return {
        name: replace(
            step,
            needs={need: trigger for need, trigger in step.needs.items() if need in names},
            parent=step.parent if step.parent and step.parent[0] in names else None,
        )
        for name, step in steps.items()
        if name in names
    }


def taken_over(definition: Definition, config: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
    """Return the steps of an earlier execution that the selected ones refer to.

    Args:
        definition: of the pipeline.
        config: SelectiveExecutionConfig.
        source: the earlier execution's document.

    Raises:
        DefinitionError: a selected step isn't there, or what it refers to did not succeed then.
    """
    names = _selected(config)
    unknown = sorted(names - definition.steps.keys())
    if unknown:
        raise DefinitionError(f"The selected step [{unknown[0]}] is not in the pipeline")
    result = {"SourcePipelineExecutionArn": source.get("PipelineExecutionArn", "")}
    found: dict[str, Any] = {}
    for step in (definition.steps[name] for name in names):
        for needed in _referred(step) - names:
            before = source.get("Steps", {}).get(needed)
            if before is None or before["StepStatus"] != "Succeeded":
                raise DefinitionError(
                    f"Step [{step.name}] refers to [{needed}], which did not succeed in the source execution "
                    f"[{result['SourcePipelineExecutionArn']}]; select it too"
                )
            found[needed] = {**before, "SelectiveExecutionResult": result}
    return found


def _selected(config: dict[str, Any]) -> set[str]:
    return {item["StepName"] for item in config["SelectedSteps"]}


def _referred(step: Step) -> set[str]:
    """Return the steps whose properties or files a step refers to; waiting for one is not enough."""
    fields = {key: value for key, value in step.fields.items() if key != "DependsOn"}
    inner = {part.name for part in step.body}
    references = gets([step.arguments, fields, [[part.arguments, part.fields] for part in step.body]])
    names = {text.removeprefix(_REFERENCE) for text in references if text.startswith(_REFERENCE)}
    return {name.split(".", 1)[0].split("[", 1)[0] for name in names} - inner
