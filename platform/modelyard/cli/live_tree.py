"""The tree of a deployment's steps while it goes on, never higher than the screen.

What runs and what failed is always there, with what it belongs to; what has ended is there as long as there is room,
the newest first; what did not change is only counted.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modelyard.cli.marks import MARKS, SHOWN_SECONDS, short_type
from modelyard.engine.base import Change, StepDone, StepStarted
from modelyard.engine.plan import Op

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text
    from rich.tree import Tree

_SPINNER, _PLAIN_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\"
_FRAMES_PER_SECOND = 10
_MARGIN = 3  # the heading, the count, and the line that the cursor stands in
_ROOT = "pulumi:pulumi:Stack"


@dataclass
class Step:
    """One step: when it began, and what it came to."""

    change: Change
    began: float
    done: bool = False


@dataclass
class LiveTree:
    """The steps of one deployment, as rich shows them.

    Args:
        title: the heading.
        clock: tells the time, in seconds.
    """

    title: str
    clock: Callable[[], float] = time.monotonic
    steps: dict[str, Step] = field(default_factory=dict)
    unchanged: int = 0
    _parents: dict[str, Change] = field(default_factory=dict)
    _began: float = 0.0

    def __post_init__(self) -> None:
        """Note when it began."""
        self._began = self.clock()

    def take(self, event: StepStarted | StepDone) -> None:
        """Take a step that begins or ends."""
        change = event.change
        self._parents[change.urn] = change
        if isinstance(event, StepDone) and not (change.op.is_change or change.error):
            self.unchanged += 1
            self.steps.pop(change.urn, None)
            return
        known = self.steps.get(change.urn)
        began = self.clock() if known is None or known.done else known.began
        self.steps[change.urn] = Step(change, began, done=isinstance(event, StepDone))

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """Draw it for a screen of this size."""
        yield self.tree(console.size.height, ascii_only=options.ascii_only)

    def tree(self, height: int, *, ascii_only: bool = False) -> "Tree":
        """Return the tree, in so many lines at most.

        Args:
            height: the screen's, in lines.
            ascii_only: whether the terminal can't show more than ASCII.
        """
        from rich.tree import Tree

        steps = dict(self.steps)
        room = max(height - _MARGIN, 1)
        chosen = self._chosen(steps, room)
        shown = [urn for urn in _with_parents(chosen, self._parents) if urn in steps or urn in self._parents]
        root = Tree(self._heading(steps, hidden=len(steps.keys() - set(chosen))), guide_style="dim", highlight=False)
        branches: dict[str, Tree] = {}
        for urn in self._in_order(shown):
            above = branches.get(self._parents[urn].parent, root)
            label = self._label(urn, steps.get(urn), ascii_only=ascii_only)
            branches[urn] = (
                root if self._parents[urn].type == _ROOT and not _matters(steps.get(urn)) else above.add(label)
            )
        return root

    def _chosen(self, steps: dict[str, Step], room: int) -> list[str]:
        """Choose the steps to show, the most pressing first, as many as find room with what they belong to."""
        failed = [urn for urn, step in steps.items() if step.change.error]
        running = [urn for urn, step in steps.items() if not step.done]
        ended = [urn for urn, step in reversed(steps.items()) if step.done and not step.change.error]
        chosen: list[str] = []
        lines: set[str] = set()
        for urn in dict.fromkeys([*failed, *running, *ended]):
            wanted = {it for it in _with_parents([urn], self._parents) if self._parents[it].type != _ROOT}
            if len(lines | wanted) <= room:
                chosen.append(urn)
                lines |= wanted
        return chosen

    def _in_order(self, urns: Iterable[str]) -> Iterator[str]:
        """Put parents before their children, and otherwise what came first before what came later."""
        wanted, done = dict.fromkeys(urn for urn in self._parents if urn in set(urns)), set[str]()

        def with_parents(urn: str) -> Iterator[str]:
            if urn in done:
                return
            done.add(urn)
            parent = self._parents[urn].parent
            if parent in wanted:
                yield from with_parents(parent)
            yield urn

        for urn in wanted:
            yield from with_parents(urn)

    def _heading(self, steps: dict[str, Step], *, hidden: int) -> "Text":
        from rich.text import Text

        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(self.title, style="bold")
        running = sum(not step.done for step in steps.values())
        failed = sum(bool(step.change.error) for step in steps.values())
        ended = len(steps) - running - failed
        parts = [
            f"{ended} done",
            *([f"{running} running"] if running else []),
            *([f"{failed} failed"] if failed else []),
        ]
        parts += [f"{self.unchanged} unchanged"] if self.unchanged else []
        parts += [f"{hidden} not shown"] if hidden else []
        text.append(f"  {', '.join(parts)}", style="dim")
        text.append(f"  {self.clock() - self._began:.1f} s", style="dim")
        return text

    def _label(self, urn: str, step: Step | None, *, ascii_only: bool) -> "Text":
        from rich.text import Text

        change = self._parents[urn]
        text = Text(no_wrap=True, overflow="ellipsis")
        if step is None:
            return text.append(change.name).append(f" {short_type(change.type)}", style="dim")
        mark, style, word, past = MARKS[change.op]
        now = self.clock()
        if not step.done:
            frames = _PLAIN_SPINNER if ascii_only else _SPINNER
            text.append(f"{frames[int(now * _FRAMES_PER_SECOND) % len(frames)]} ", style=style)
        else:
            text.append(f"{'x' if change.error else mark} ", style="bold red" if change.error else style)
        text.append(change.name)
        if change.error:
            return text.append(f" {change.error}", style="red")
        seconds = change.seconds if step.done else now - step.began
        text.append(f" {past if step.done else word}", style=style)
        text.append(f" {seconds:.1f} s" if seconds >= SHOWN_SECONDS else "", style="dim")
        return text.append(f" {short_type(change.type)}", style="dim")  # last: what a narrow screen cuts off


def _matters(step: Step | None) -> bool:
    return step is not None and bool(step.change.error)


def _with_parents(urns: Iterable[str], changes: dict[str, Change]) -> list[str]:
    """List URNs with those of all that they belong to; parents that no event has named are made up from their URNs."""
    found: dict[str, None] = {}
    for urn in urns:
        at = urn
        while at and at not in found:
            found[at] = None
            if at not in changes:
                changes[at] = _made_up(at)
            at = changes[at].parent
    return list(found)


def _made_up(urn: str) -> Change:
    kind, name = urn.split("::", 3)[2:4]
    return Change(op=Op.SAME, urn=urn, type=kind.rsplit("$", 1)[-1], name=name)
