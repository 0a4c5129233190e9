"""The command line: verbs are found by being there, and every error ends with what to type next."""

import importlib
import pkgutil

import typer
from typer.exceptions import Abort, Exit, TyperException

import modelyard.cli.verbs
from modelyard.errors import ModelyardError, UsageError

_INTERRUPTED = 130
_USAGE = 2


def run(arguments: list[str]) -> int:
    """Run a command line.

    Args:
        arguments: the words after `modelyard`.

    Returns:
        The exit code: 0 for success, 1 for failure or after Ctrl-C, 2 for wrong usage.
    """
    from modelyard.cli import views

    json = "--json" in arguments
    try:
        result = _application(arguments)(arguments, prog_name="modelyard", standalone_mode=False)
    except Exit as request:
        return _stopped() if request.exit_code == _INTERRUPTED else request.exit_code
    except TyperException as error:
        views.usage_error(error, json=json)
        return getattr(error, "exit_code", _USAGE)
    except ModelyardError as error:
        views.error(error, json=json)
        return error.exit_code
    except OSError as error:
        told = _of_the_system(error)
        views.error(told, json=json and error.filename is not None)
        return told.exit_code
    except (KeyboardInterrupt, Abort):
        return _stopped()
    return result if isinstance(result, int) else 0


def _stopped() -> int:
    from modelyard.cli import views

    views.error(ModelyardError("interrupted", hint="type the same again to go on"), json=False)
    return 1


def _of_the_system(error: OSError) -> ModelyardError:
    """Say what the operating system refused, and where."""
    if isinstance(error, FileNotFoundError) and error.filename is None:
        return UsageError("the folder that you are in has been deleted", hint="cd to a folder that is there")
    where = f"{error.filename}: " if error.filename is not None else ""
    return ModelyardError(
        f"{where}{error.strerror or error}", hint="see whether the folder exists, is yours and has room, then try again"
    )


def _application(arguments: list[str]) -> typer.Typer:
    """Make the command line: of the verb that is named first, or of all where none is, such as for help."""
    application = typer.Typer(
        name="modelyard",
        help="An MLOps platform as Pulumi programs, on AWS or wholly on this machine.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    application.callback()(_root)
    verbs = [module.name for module in pkgutil.iter_modules(modelyard.cli.verbs.__path__)]
    named = [word for word in arguments[:1] if word in verbs]
    for verb in named or verbs:  # a file is called as its verb
        importlib.import_module(f"{modelyard.cli.verbs.__name__}.{verb}").register(application)
    return application


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"modelyard {modelyard.__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(
        False, "--version", help="Print the version and exit.", callback=_version, is_eager=True
    ),
) -> None:
    """An MLOps platform as Pulumi programs, on AWS or wholly on this machine."""
