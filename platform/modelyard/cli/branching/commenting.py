"""The comment for a pull request: gathered from what came of an `up`, and written where the command says."""

from pathlib import Path

from modelyard.cli import policies
from modelyard.cli.branching.creating import Made
from modelyard.cli.deploy import Session
from modelyard.cli.engines import engine_of
from modelyard.cli.marks import COUNTED
from modelyard.engine.base import Severity
from modelyard.previews.comment import Report, markdown


def write(path: Path, made: Made, opened: Session) -> None:
    """Write the comment.

    Args:
        path: the file.
        made: what came of the `up`.
        opened: the session on the stack.
    """
    if made.budget.found is None and made.succeeded:
        _estimate(made, opened)
    endpoint = str(made.results[-1].outputs.get("endpoint") or "") if made.results else ""
    report = Report(
        stack=made.stack,
        outcome="succeeded" if made.succeeded and made.problem is None else "failed",
        changes={op.value: sum(it.count(op) for it in made.results) for op in COUNTED},
        problems=[*_problems(made), *([str(made.problem)] if made.problem else [])],
        usd=made.budget.usd,
        usd_limit=made.settings.branch.monthly_limit_usd,
        dearest=made.budget.dearest,
        endpoint=endpoint,
        model=made.served.words,
        metrics=made.served.metrics,
        main_metrics=made.served.main_metrics,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(markdown(report), encoding="utf-8")


def _estimate(made: Made, opened: Session) -> None:
    """Plan once more where nothing was planned, as nothing changed."""
    target = opened.target(start=False)
    deployments = [opened.deployment(stack, target) for stack in opened.project.stacks]
    made.budget.check(policies.plan(engine_of(opened.choices), deployments, target))


def _problems(made: Made) -> list[str]:
    errors = [f"{it.name}: {it.error}" for result in made.results for it in result.changes if it.error]
    said = [it.message for result in made.results for it in result.diagnostics if it.severity is Severity.ERROR]
    return list(dict.fromkeys([*errors, *said]))
