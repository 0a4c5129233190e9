"""`modelyard graph`: the architecture of an environment."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modelyard.cli.options import AsJson, Environment

if TYPE_CHECKING:
    from modelyard.graph.model import Graph


class Format(StrEnum):
    """How the architecture is written."""

    MERMAID = "mermaid"
    SVG = "svg"
    JSON = "json"


FormatOption = Annotated[
    Format | None,
    typer.Option("--format", "-f", help="How to write it; by the file's ending, or else as Mermaid."),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="A file instead of standard output.")
]


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("graph")(graph)


def graph(env: Environment = "dev", format_: FormatOption = None, output: Output = None, json: AsJson = False) -> None:
    """Draw what the programs of an environment make, grouped by component; nothing needs to be deployed."""
    from modelyard.cli import architecture, views

    wanted = _format(format_, output, json=json)
    opened = architecture.open_session(env)
    title = getattr(opened.settings, "name", opened.project.stacks[0].project)
    text = _written(title, env, architecture.planned(opened), wanted)
    if output is None:
        views.raw(text)
        return
    output.write_text(text, encoding="utf-8")
    views.note(f"wrote {output}")


def _format(asked: Format | None, output: Path | None, *, json: bool) -> Format:
    from modelyard.errors import UsageError

    if json and asked not in (None, Format.JSON):
        raise UsageError(f"--json and --format {asked} don't go together", hint="leave one of them out")
    if json or asked is not None:
        return asked or Format.JSON
    ending = output.suffix.removeprefix(".").lower() if output is not None else ""
    endings = {"": Format.MERMAID, "mmd": Format.MERMAID, "md": Format.MERMAID, "svg": Format.SVG, "json": Format.JSON}
    if ending not in endings:
        raise UsageError(
            f"{output}: a graph is not written as .{ending}",
            hint="end the file in .svg, .json or .mmd, or give --format",
        )
    return endings[ending]


def _written(title: str, env: str, found: "Graph", wanted: Format) -> str:
    import json

    from modelyard.graph.document import document
    from modelyard.graph.mermaid import mermaid
    from modelyard.graph.svg import svg

    if wanted is Format.MERMAID:
        return mermaid(found)
    if wanted is Format.SVG:
        return svg(found, f"{title}, {env}")
    return json.dumps(document(found, env), indent=2) + "\n"
