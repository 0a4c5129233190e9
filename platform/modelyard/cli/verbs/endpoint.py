"""`modelyard endpoint`: ask the deployed model."""

from pathlib import Path
from typing import Annotated

import typer

from modelyard.cli.options import Choices, takes

Data = Annotated[str, typer.Option("--data", "-d", help="The request's body; @FILE reads a file, - standard input.")]
ContentType = Annotated[str, typer.Option("--content-type", help="Its media type; guessed by default.")]
Accept = Annotated[str, typer.Option("--accept", help="The media type wanted.")]
TargetModel = Annotated[
    str, typer.Option("--target-model", help="Which of a multi-model endpoint's models, such as v3.tar.gz.")
]
_UNUSED = ("secrets_provider",)


def register(application: typer.Typer) -> None:
    """Add the verbs."""
    endpoint = typer.Typer(help="The model's endpoint.", no_args_is_help=True)
    endpoint.command("invoke")(invoke)
    endpoint.command("status")(status)
    application.add_typer(endpoint, name="endpoint")


@takes(Choices, without=_UNUSED)
def invoke(
    data: Data,
    content_type: ContentType = "",
    accept: Accept = "application/json",
    target_model: TargetModel = "",
    *,
    choices: Choices,
) -> None:
    """Send data to the endpoint and print the model's predictions."""
    from modelyard.cli import views
    from modelyard.cli.model import open_model
    from modelyard.models import endpoints

    body = _body(data)
    kind = content_type or ("application/json" if body.lstrip()[:1] in (b"{", b"[") else "text/csv")
    answer = endpoints.invoke(open_model(choices.env, choices), body, kind, accept, target_model)
    if choices.json:
        views.document({"body": _parsed(answer.body), "content_type": answer.content_type, "variant": answer.variant})
    else:
        views.raw(answer.body)


@takes(Choices, without=_UNUSED)
def status(*, choices: Choices) -> None:
    """Show the endpoint's status and address."""
    from modelyard.cli import views
    from modelyard.cli.model import open_model
    from modelyard.models import endpoints

    found = endpoints.status(open_model(choices.env, choices))
    if choices.json:
        views.document(found)
    else:
        views.fields(found)


def _body(data: str) -> bytes:
    from modelyard.errors import UsageError

    if data == "-":
        return typer.get_binary_stream("stdin").read()
    if not data.startswith("@"):
        return data.encode()
    try:
        return Path(data[1:]).read_bytes()
    except OSError as error:
        raise UsageError(f"{data[1:]} can't be read: {error.strerror}", hint="--data @FILE names a file") from error


def _parsed(body: str) -> object:
    import json

    try:
        return json.loads(body)
    except ValueError:
        return body
