"""Errors that a user can mend: each says what is wrong and ends with the next thing to type."""


class ModelyardError(Exception):
    """Something went wrong that the user can do something about.

    Args:
        message: what is wrong, and where.
        hint: what to do or type next.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(ModelyardError):
    """The command, its arguments or a file the user wrote is not valid."""

    exit_code = 2


class SettingsError(UsageError):
    """A settings file is missing or not valid."""


class StateError(ModelyardError):
    """A stack's state can't be read, written or locked."""


class DeploymentError(ModelyardError):
    """A program or a step of a deployment failed; what succeeded is in the state."""


class CloudError(ModelyardError):
    """The local cloud isn't there, or refused something."""


class TemplateError(UsageError):
    """A template or an answer to it is not valid."""
