"""`modelyard comment`: show a pull request what its branch's stack is."""

import os
from pathlib import Path
from typing import Annotated

import typer

from modelyard.cli.options import AsJson

TOKEN_VARIABLE = "COMMENT_TOKEN"  # noqa: S105 - the variable's name

File = Annotated[Path, typer.Argument(metavar="FILE", help="The comment, in Markdown: what --comment-file wrote.")]
Url = Annotated[str, typer.Option("--pull-request-url", metavar="URL", help="The pull request's address.")]


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("comment")(comment)


def comment(file: File, pull_request_url: Url, json: AsJson = False) -> None:
    """Write a comment to a pull request on GitHub or GitLab, or write it anew; COMMENT_TOKEN has to allow it."""
    from modelyard.cli import views
    from modelyard.errors import UsageError
    from modelyard.previews import pull_requests

    request = pull_requests.PullRequest.at(pull_request_url)
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        hint = "modelyard branch up --comment-file comment.md"
        raise UsageError(f"{file}: {error.strerror}", hint=hint) from error
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if not token:
        views.warning(f"there is no {TOKEN_VARIABLE}, so the comment stays here")
        views.raw(text)
        return
    again = pull_requests.publish(request, text, token)
    if json:
        views.document({"pull_request": pull_request_url, "again": again})
    else:
        views.line("wrote the comment anew" if again else "wrote the comment")
