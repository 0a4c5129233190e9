"""The only writer: views for people on a terminal or a plain stream, and one JSON document for machines."""

import json as jsonlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from modelyard.errors import ModelyardError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

_FRAMES_PER_SECOND = 8
_PLAIN_WIDTH = 160


@cache
def console(*, stderr: bool = False) -> "Console":
    """Return the console for a stream; without a terminal its lines are plain and not broken."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else _PLAIN_WIDTH
    return Console(stderr=stderr, highlight=False, soft_wrap=not stream.isatty(), width=width, emoji=False)


def can_draw() -> bool:
    """Tell whether standard output is a terminal on which lines can be drawn anew."""
    out = console()
    return out.is_terminal and not out.is_dumb_terminal and sys.stdout.isatty()


def live(drawing: "RenderableType") -> "Live":
    """Return what draws something again and again until it is stopped; other output goes above it."""
    from rich.live import Live

    return Live(
        drawing,
        console=console(),
        refresh_per_second=_FRAMES_PER_SECOND,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=sys.stderr.isatty(),
        vertical_overflow="crop",
    )


_written: list[bool] = []


def document(value: Any) -> None:
    """Write one JSON document."""
    sys.stdout.write(jsonlib.dumps(value, indent=2, default=str) + "\n")
    sys.stdout.flush()
    _written.append(True)


def raw(text: str) -> None:
    """Write a text as it is."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def line(text: str = "") -> None:
    """Write one line of marked-up text for people."""
    console().print(text)


def escaped(text: object) -> str:
    """Return a text whose brackets are no markup."""
    from rich.markup import escape

    return escape(str(text))


def note(text: str) -> None:
    """Write a remark for people beside the output."""
    console(stderr=True).print(f"[dim]{escaped(text)}[/dim]")


def warning(text: str) -> None:
    """Write a warning beside the output."""
    console(stderr=True).print(f"[yellow]warning:[/yellow] {escaped(text)}")


def error(problem: ModelyardError, *, json: bool) -> None:
    """Write what is wrong, and what to type next; with `json` as the document too, if none has been written."""
    _problem(str(problem), problem.hint, json=json)


def usage_error(problem: Exception, *, json: bool) -> None:
    """Write what is wrong with a command line, and how to see what is right; no words at all are answered by help."""
    message = getattr(problem, "format_message", lambda: str(problem))()
    context = getattr(problem, "ctx", None)
    if message.startswith("Usage:"):
        raw(message)
    else:
        _problem(message.rstrip("."), f"{context.command_path if context else 'modelyard'} --help", json=json)


def _problem(message: str, hint: str, *, json: bool) -> None:
    if json and not _written:
        document({"result": "failed", "error": message, "hint": hint})
    out = console(stderr=True)
    out.print(f"[bold red]error:[/bold red] {escaped(message)}")
    if hint:
        out.print(f"  [bold]->[/bold] {escaped(hint)}")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows under headings, each in one line however long."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for style, row in (("bold", columns), *(("", row) for row in cells)):
        text = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        console().print(text, style=style, markup=False, soft_wrap=True)


def fields(values: Mapping[str, object], title: str = "") -> None:
    """Write names and values, one a line."""
    if title:
        line(f"[bold]{escaped(title)}[/bold]")
    width = max((len(name) for name in values), default=0)
    for name, value in values.items():
        text = value if isinstance(value, str) else jsonlib.dumps(value, default=str)
        console().print(f"  {escaped(name):<{width}}  {escaped(text)}", soft_wrap=True)
