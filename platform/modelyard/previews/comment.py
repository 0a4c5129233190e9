"""What a pull request is told of its branch's stack, in Markdown."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from modelyard.previews.branches import shown
from modelyard.previews.records import BranchStack

MARK = "<!-- modelyard branch stack -->"
"""The first line: by it the comment is found again and changed in place of another one."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What there is to tell.

    Args:
        stack: the stack.
        outcome: what came of the deployment.
        changes: how many resources each operation touched, by its word.
        problems: what went wrong, one line each.
        usd: what a month costs; None where nobody knows.
        usd_limit: what it may cost.
        dearest: the dearest parts of it, with US dollars a month.
        endpoint: the endpoint's name; empty without one.
        model: whose model it serves, in words.
        metrics: the branch's model's, by name.
        main_metrics: the main branch's model's.
    """

    stack: BranchStack
    outcome: str
    changes: Mapping[str, int] = field(default_factory=dict)
    problems: Sequence[str] = ()
    usd: float | None = None
    usd_limit: float = 0.0
    dearest: Sequence[tuple[str, float]] = ()
    endpoint: str = ""
    model: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    main_metrics: Mapping[str, float] = field(default_factory=dict)


def markdown(report: Report) -> str:
    """Write the comment. What people chose, such as a branch's name, is shown and never read as Markdown or HTML."""
    mark = {"succeeded": "is up"}.get(report.outcome, f"**{_text(report.outcome)}**")
    lines = [MARK, f"### Stack of {_code(shown(report.stack.branch))} {mark}", "", *_facts(report)]
    if report.problems:
        lines += ["", "**What went wrong**", "", *(f"- {_code(problem)}" for problem in report.problems)]
    lines += ["", *_plan(report), *_cost(report), *_metrics(report)]
    return "\n".join(lines).rstrip() + "\n"


def _facts(report: Report) -> list[str]:
    stack = report.stack
    rows = {
        "Stack": _code(stack.stack),
        "Platform": _code(stack.platform),
        "Commit": _code(stack.commit[:12]) if stack.commit else "not known",
        "Owner": _code(stack.owner),
        "Endpoint": _code(report.endpoint) if report.endpoint else "none: no model has been approved",
        "Serves": _text(report.model) if report.model else "nothing yet",
        "Lives until": f"{_text(stack.expires)}; longer: {_code(f'modelyard branch extend {_quoted(stack.branch)}')}",
    }
    return ["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows.items())]


def _plan(report: Report) -> list[str]:
    parts = [f"{count} {word}" for word, count in report.changes.items() if count]
    return [f"**Resources**: {_text(', '.join(parts) or 'no changes')}", ""]


def _cost(report: Report) -> list[str]:
    if report.usd is None:
        return ["**Cost**: not estimated", ""]
    limit = f" of at most {report.usd_limit:g}" if report.usd_limit else ""
    lines = [f"**Cost**: {report.usd:.2f} US dollars a month{limit}, by list prices", ""]
    if report.dearest:
        lines += ["| Part | US dollars a month |", "| --- | ---: |"]
        lines += [f"| {_text(name)} | {usd:.2f} |" for name, usd in report.dearest] + [""]
    return lines


def _metrics(report: Report) -> list[str]:
    names = sorted(report.metrics.keys() | report.main_metrics.keys())
    if not names:
        return ["**Metrics**: no model has been evaluated yet", ""]
    lines = ["**Metrics**", "", "| Metric | This branch | Main | Difference |", "| --- | ---: | ---: | ---: |"]
    for name in names:
        mine, main = report.metrics.get(name), report.main_metrics.get(name)
        difference = f"{mine - main:+.4f}" if mine is not None and main is not None else ""
        lines.append(f"| {_text(name)} | {_number(mine)} | {_number(main)} | {difference} |")
    return lines


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _text(text: str) -> str:
    """Write a text so that neither Markdown nor HTML reads anything into it."""
    escaped = html.escape(shown(" ".join(text.split())))
    return "".join(f"&#{ord(it)};" if it in "|`*_[]()~!#@$\\" else it for it in escaped)


def _code(text: str) -> str:
    """Write a text as code; HTML's own tag, as a name may have backticks of any number."""
    return f"<code>{_text(text)}</code>"


def _quoted(branch: str) -> str:
    """Write a name as a shell takes it for one word."""
    import shlex

    return shlex.quote(branch)
