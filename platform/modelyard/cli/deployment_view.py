"""What a deployment looks like while it goes on, and what it came to."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from modelyard import wire
from modelyard.cli import views
from modelyard.cli.diffs import Line, lines
from modelyard.cli.marks import COUNTED, MARKS, SHOWN_SECONDS, short_type
from modelyard.engine.base import Change, Diagnostic, Event, Result, Severity, StepDone
from modelyard.engine.embedded.state.resource import ROOT_TYPE, urn_name, urn_type
from modelyard.engine.plan import Op

if TYPE_CHECKING:
    from rich.live import Live
    from rich.tree import Tree

    from modelyard.cli.live_tree import LiveTree

_ALWAYS = {Op.CREATE, Op.UPDATE, Op.REPLACE, Op.DELETE, Op.SAME}


class DeploymentView:
    """Shows one deployment: a live tree on a terminal, else a line for each step.

    Args:
        title: the stack, such as `foundation/dev`.
        verb: what is done to it.
        silent: whether only the result is wanted, as with `--json`; warnings and errors still go beside it.
        full: whether all properties are shown whole, as with `--diff`.
    """

    def __init__(self, title: str, verb: str, *, silent: bool, full: bool = False) -> None:
        self._title, self._verb, self._silent, self._full = title, verb, silent, full
        self._preview = verb == "preview"
        self._tree: LiveTree | None = None
        self._live: Live | None = None

    def start(self) -> None:
        """Write the heading, or begin to draw."""
        if self._silent:
            return
        if not views.can_draw():
            views.line(f"[bold]{self._verb} {views.escaped(self._title)}[/bold]")
            return
        from modelyard.cli.live_tree import LiveTree

        self._tree = LiveTree(f"{self._verb} {self._title}")
        self._live = views.live(self._tree)
        self._live.start()

    def event(self, event: Event) -> None:
        """Take a step that begins or ends, or what somebody has to say."""
        if isinstance(event, Diagnostic):
            self._diagnostic(event)
        elif self._tree is not None:
            self._tree.take(event)
        elif isinstance(event, StepDone) and (event.change.error or not self._silent):
            self._step(event.change)

    def close(self) -> None:
        """Stop drawing, whatever happened."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def end(self, result: Result) -> None:
        """Write the tree of what was done or planned, the summary and the outputs."""
        drawn = self._live is not None
        self.close()
        if self._silent:
            return
        if drawn:
            views.line(f"[bold]{self._verb} {views.escaped(self._title)}[/bold]")
        if (self._preview or drawn) and any(_shown(change) for change in result.changes):
            tree = _tree(self._title, result.changes, done=not self._preview, full=self._full)
            views.console().print(tree, soft_wrap=not drawn)
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
            mark, style, _, past = MARKS[change.op]
            views.line(
                f"  [{style}]{mark:<2}[/{style}] {short_type(change.type):<46} {views.escaped(change.name):<34} "
                f"[{style}]{past}[/{style}] [dim]{change.seconds:.2f} s[/dim]"
            )
            for line in lines(change, full=self._full):
                views.line(f"       {_markup(line)}")

    def _diagnostic(self, event: Diagnostic) -> None:
        message = _about(event)
        text = views.escaped(message)
        if event.severity is Severity.ERROR:
            views.console(stderr=True).print(f"  [bold red]error:[/bold red] {text}")
        elif event.severity is Severity.WARNING:
            views.warning(message)
        elif event.severity is Severity.INFO and not self._silent and event.message:
            views.line(f"  [dim]| {text}[/dim]")


def _about(event: Diagnostic) -> str:
    """Say which resource a message is about, unless it does."""
    if not event.urn or urn_name(event.urn) in event.message:
        return event.message
    return f"{urn_name(event.urn)} ({urn_type(event.urn)}): {event.message}"


def summary(result: Result) -> str:
    """Say in one line what a deployment did."""
    parts = []
    for op in COUNTED:
        if number := result.count(op):
            _, style, future, past = MARKS[op]
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
        "changes": {op.value: result.count(op) for op in COUNTED if op in _ALWAYS or result.count(op)},
        "resources": [_change_json(change) for change in result.changes],
        "duration_s": round(result.seconds, 3),
        "outputs": wire.mask(dict(result.outputs)),
        "diagnostics": [
            {"severity": item.severity, "message": item.message, "urn": item.urn} for item in result.diagnostics
        ],
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
        "changes": _summed(documents),
        "resources": [resource for item in documents for resource in item["resources"]],
        "duration_s": round(sum(item["duration_s"] for item in documents), 3),
        "outputs": {item["stack"]: item["outputs"] for item in documents},
        "stacks": documents,
    }


def _summed(documents: list[dict[str, Any]]) -> dict[str, int]:
    counts = Counter[str]()
    for item in documents:
        counts.update(item["changes"])
    return {op.value: counts[op.value] for op in COUNTED if op.value in counts}


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


def _shown(change: Change) -> bool:
    return change.op.is_change or bool(change.error)


def _tree(title: str, changes: Iterable[Change], *, done: bool, full: bool) -> "Tree":
    from rich.tree import Tree

    listed = list(changes)
    by_urn = {change.urn: change for change in listed}
    wanted: set[str] = set()
    for change in listed:
        step: Change | None = change if _shown(change) else None
        while step is not None and step.urn not in wanted:
            wanted.add(step.urn)
            step = by_urn.get(step.parent)
    root = Tree(f"[bold]{views.escaped(title)}[/bold]", guide_style="dim")
    branches: dict[str, Tree] = {change.urn: root for change in listed if change.type == ROOT_TYPE}
    for change in _parents_first(listed, by_urn):
        if change.urn in wanted and (change.type != ROOT_TYPE or change.error):
            branch = branches.get(change.parent, root).add(_label(change, done=done))
            branches[change.urn] = branch
            for line in lines(change, full=full):
                branch.add(_markup(line))
    return root


def _parents_first(changes: Iterable[Change], by_urn: Mapping[str, Change]) -> Iterator[Change]:
    """Put each step after that of its parent: deletions come the other way round."""
    told: set[str] = set()
    for change in changes:
        above: list[Change] = []
        at: Change | None = change
        while at is not None and at.urn not in told and at not in above:
            above.append(at)
            at = by_urn.get(at.parent)
        for step in reversed(above):
            told.add(step.urn)
            yield step


def _label(change: Change, *, done: bool) -> str:
    mark, style, word, past = MARKS[change.op]
    name = f"{views.escaped(change.name)} [dim]{short_type(change.type)}[/dim]"
    if change.error:
        return f"[bold red]x[/bold red] {name} [red]{word}: {views.escaped(change.error)}[/red]"
    head = f"[{style}]{mark} [/{style}]" if mark else ""
    tail = f" [{style}]{past if done else word}[/{style}]" if change.op.is_change else ""
    took = f" [dim]{change.seconds:.1f} s[/dim]" if done and change.seconds >= SHOWN_SECONDS else ""
    return f"{head}{name}{tail}{took}"


def _markup(line: Line) -> str:
    path = f"[dim]{views.escaped(line.path)}:[/dim]"
    forces = " [magenta](forces the replacement)[/magenta]" if line.forces else ""
    old, new = f"[red]{views.escaped(line.old)}[/red]", f"[green]{views.escaped(line.new)}[/green]"
    if line.mark == "+":
        return f"[green]+[/green] {path} {new}{forces}"
    if line.mark == "-":
        return f"[red]-[/red] {path} {old}{forces}"
    return f"{path} {old} -> {new}{forces}" if line.old or line.new else f"{path}{forces}"
