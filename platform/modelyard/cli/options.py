"""Options that several verbs share."""

from typing import Annotated

import typer

Environment = Annotated[str, typer.Option("--env", "-e", help="The environment, or a branch stack's name.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Stacks = Annotated[list[str] | None, typer.Argument(metavar="[STACK]...", help="Stacks; all of them by default.")]
