"""What a deployment looks like while it goes on, and what it came to."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from modelyard import wire
from modelyard.cli import views
from modelyard.engine.base import Change, Diagnostic, Event, Result, Severity, StepDone
from modelyard.engine.embedded.state import ROOT_TYPE
from modelyard.engine.plan import Op

if TYPE_CHECKING:
    from rich.tree import Tree

_MARKS = {
    Op.CREATE: ("+", "green", "create", "created"),
    Op.UPDATE: ("~", "yellow", "update", "updated"),
    Op.REPLACE: ("+-", "magenta", "replace", "replaced"),
    Op.DELETE: ("-", "red", "delete", "deleted"),
    Op.REFRESH: ("~", "yellow", "refresh", "refreshed"),
    Op.READ: (">", "cyan", "read", "read"),
    Op.SAME: ("", "dim", "same", "unchanged"),
}
_COUNTED = (Op.CREATE, Op.UPDATE, Op.REPLACE, Op.DELETE, Op.SAME)
_VALUE_LIMIT = 60


class DeploymentView:
    """Shows one deployment.

    Args:
        title: the stack, such as `foundation/dev`.
        verb: what is done to it.
        silent: whether only the result is wanted, as with `--json`; warnings and errors still go beside it.
    """

    def __init__(self, title: str, verb: str, *, silent: bool) -> None:
        self._title, self._verb, self._silent = title, verb, silent
        self._preview = verb == "preview"

    def start(self) -> None:
        """Write the heading."""
        if not self._silent:
            views.line(f"[bold]{self._verb} {views.escaped(self._title)}[/bold]")

    def event(self, event: Event) -> None:
        """Write a step as it ends, or what somebody has to say."""
        if isinstance(event, Diagnostic):
            self._diagnostic(event)
        elif isinstance(event, StepDone) and (event.change.error or not self._silent):
            self._step(event.change)

    def end(self, result: Result) -> None:
        """Write the tree of a plan, the summary and the outputs."""
        if self._silent:
            return
        if self._preview and result.has_changes:
            views.console().print(_tree(self._title, result.changes))
        views.line(f"  {summary(result)}")
        if result.outputs and result.outcome == "succeeded" and result.verb == "up":
            views.fields(wire.mask(dict(sorted(result.outputs.items()))), "  outputs")
        views.line()

    def _step(self, change: Change) -> None:
        if change.error:
            views.console(stderr=True).print(
                f"  [bold red]x[/bold red] {change.op} {views.escaped(change.name)} ({change.type}): "
                f"{views.escaped(change.error)}"
            )
        elif change.op.is_change and not self._preview:
            mark, style, _, past = _MARKS[change.op]
            views.line(
                f"  [{style}]{mark:<2}[/{style}] {_short_type(change.type):<46} {views.escaped(change.name):<34} "
                f"[{style}]{past}[/{style}] [dim]{change.seconds:.2f} s[/dim]"
            )
            for text in _differences(change):
                views.line(f"       {text}")

    def _diagnostic(self, event: Diagnostic) -> None:
        text = views.escaped(event.message)
        if event.severity is Severity.ERROR:
            views.console(stderr=True).print(f"  [bold red]error:[/bold red] {text}")
        elif event.severity is Severity.WARNING:
            views.warning(event.message)
        elif event.severity is Severity.INFO and not self._silent and event.message:
            views.line(f"  [dim]| {text}[/dim]")


def summary(result: Result) -> str:
    """Say in one line what a deployment did."""
    parts = []
    for op in _COUNTED:
        if number := result.count(op):
            _, style, future, past = _MARKS[op]
            word = f"to {future}" if result.verb == "preview" and op is not Op.SAME else past
            parts.append(f"[{style}]{number} {word}[/{style}]")
    failed = sum(1 for change in result.changes if change.error)
    if failed:
        parts.append(f"[bold red]{failed} failed[/bold red]")
    idle = "nothing to do" if result.outcome == "succeeded" else "nothing was done"
    outcome = "" if result.outcome == "succeeded" else f"[bold red]{result.outcome}[/bold red]: "
    return f"{outcome}{', '.join(parts) or idle} [dim]in {result.seconds:.1f} s[/dim]"


def as_json(stack: str, environment: str, result: Result) -> dict[str, Any]:
    """Return a deployment's result as a document; secrets are masked."""
    return {
        "stack": stack,
        "env": environment,
        "result": result.outcome,
        "changes": {op.value: result.count(op) for op in _COUNTED},
        "resources": [_change_json(change) for change in result.changes],
        "duration_s": round(result.seconds, 3),
        "outputs": wire.mask(dict(result.outputs)),
        "diagnostics": [{"severity": item.severity, "message": item.message} for item in result.diagnostics],
    }


def combined(documents: list[dict[str, Any]], environment: str) -> dict[str, Any]:
    """Return several stacks' documents as one of the same shape; one alone stays as it is."""
    if len(documents) == 1:
        return documents[0]
    worst = next((item["result"] for item in documents if item["result"] != "succeeded"), "succeeded")
    return {
        "stack": ", ".join(item["stack"] for item in documents),
        "env": environment,
        "result": worst,
        "changes": {op.value: sum(item["changes"][op.value] for item in documents) for op in _COUNTED},
        "resources": [resource for item in documents for resource in item["resources"]],
        "duration_s": round(sum(item["duration_s"] for item in documents), 3),
        "outputs": {item["stack"]: item["outputs"] for item in documents},
        "stacks": documents,
    }


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "urn": change.urn,
        "type": change.type,
        "name": change.name,
        "id": change.id,
        "op": change.op.value,
        "diff": {path: {"old": old, "new": new} for path, (old, new) in change.changes.items()},
        "replaced_by": list(change.replaced_by),
        "duration_s": round(change.seconds, 3),
        **({"error": change.error} if change.error else {}),
    }


def _tree(title: str, changes: Iterable[Change]) -> "Tree":
    from rich.tree import Tree

    listed = list(changes)
    by_urn = {change.urn: change for change in listed}
    wanted: set[str] = set()
    for change in listed:
        if change.op.is_change:
            step: Change | None = change
            while step is not None and step.urn not in wanted:
                wanted.add(step.urn)
                step = by_urn.get(step.parent)
    root = Tree(f"[bold]{views.escaped(title)}[/bold]", guide_style="dim")
    branches: dict[str, Tree] = {change.urn: root for change in listed if change.type == ROOT_TYPE}
    for change in listed:
        if change.urn in wanted and change.type != ROOT_TYPE:
            branch = branches.get(change.parent, root).add(_label(change))
            branches[change.urn] = branch
            for text in _differences(change):
                branch.add(text)
    return root


def _label(change: Change) -> str:
    mark, style, word, _ = _MARKS[change.op]
    head = f"[{style}]{mark} [/{style}]" if mark else ""
    tail = f" [{style}]{word}[/{style}]" if change.op.is_change else ""
    return f"{head}{views.escaped(change.name)} [dim]{_short_type(change.type)}[/dim]{tail}"


def _short_type(token: str) -> str:
    """Leave out what a type's token says twice, as Pulumi does: `aws:s3:Bucket` for `aws:s3/bucket:Bucket`."""
    package, module, name = token.split(":")
    return f"{package}:{module.split('/')[0]}:{name}"


def _differences(change: Change) -> list[str]:
    if change.op not in (Op.UPDATE, Op.REPLACE, Op.REFRESH):
        return []
    return [
        f"[dim]{views.escaped(path)}:[/dim] [red]{_short(old)}[/red] -> [green]{_short(new)}[/green]"
        + (" [magenta](forces the replacement)[/magenta]" if _forces(path, change.replaced_by) else "")
        for path, (old, new) in change.changes.items()
    ]


def _forces(path: str, reasons: Iterable[str]) -> bool:
    return any(path == reason or path.startswith((f"{reason}.", f"{reason}[")) for reason in reasons)


def _short(value: Any) -> str:
    text = "none" if value is None else value if isinstance(value, str) else repr(value)
    return views.escaped(text if len(text) <= _VALUE_LIMIT else f"{text[: _VALUE_LIMIT - 1]}…")
