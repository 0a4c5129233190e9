"""`modelyard settings`: what there is to choose, and what an environment has chosen."""

from typing import Annotated

import typer

from modelyard.cli.options import AsJson, Environment

OfModel = Annotated[bool, typer.Option("--model", help="A model's settings; the platform's by default.")]


def register(application: typer.Typer) -> None:
    """Add the verbs."""
    settings = typer.Typer(help="The settings of environments.", no_args_is_help=True)
    settings.command("schema")(schema)
    settings.command("show")(show)
    application.add_typer(settings, name="settings")


def schema(model: OfModel = False, json: AsJson = False) -> None:
    """Print the JSON Schema of an environment's file, for editors and other tools."""
    del json  # it is JSON anyway
    from modelyard.cli import views
    from modelyard.settings.environment import EnvironmentSettings
    from modelyard.settings.model import ModelSettings
    from modelyard.settings.schema import document

    kind, title = (ModelSettings, "modelyard: a model's environment") if model else (EnvironmentSettings, "")
    views.document(document(kind, title or "modelyard: an environment of the platform"))


def show(env: Environment = "dev", json: AsJson = False) -> None:
    """Print the values that count in an environment, and which of them are defaults."""
    from modelyard.cli import architecture, views
    from modelyard.settings import effective

    found = architecture.open_session(env).settings
    if json:
        views.document({"env": env, "settings": effective.values(found), "defaults": effective.defaults(found)})
        return
    views.raw(f"# The settings of {env}; what its file does not give ends in '{effective.MARK}'.")
    views.raw(effective.as_yaml(found))
