"""Errors of the provider, and the one place that reads botocore's."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from modelyard.errors import DeploymentError
from modelyard.wire import Props

_GONE_CODE = re.compile(r"NotFound|NoSuch|NonExistent|DoesNotExist|\b404\b")
_GONE_MESSAGE = re.compile(r"could not find|cannot find|does not exist|not found", re.IGNORECASE)


class ProviderError(DeploymentError):
    """A resource can't be checked, made, read, changed or deleted."""


class PartialCreate(ProviderError):  # noqa: N818 - the outcome's name in the protocol and the engine
    """A resource exists, but is not what was asked for; the state has to keep it.

    Args:
        resource_id: the identifier of what exists.
        properties: its outputs as far as they are known.
        reasons: what failed, one line each.
    """

    def __init__(self, resource_id: str, properties: Props, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.id = resource_id
        self.properties = properties
        self.reasons = reasons


class NotReadyError(ProviderError):
    """A resource was made, but ended in a failed status; it stays, so that its state can be kept."""


def is_gone(error: ClientError) -> bool:
    """Tell whether AWS answered that the thing does not exist, in whichever of its services' words."""
    answer = error.response.get("Error", {})
    code, message = str(answer.get("Code", "")), str(answer.get("Message", ""))
    return bool(_GONE_CODE.search(code)) or (code.startswith("Validation") and bool(_GONE_MESSAGE.search(message)))


def found(call: Callable[..., Any], **parameters: Any) -> Any:
    """Return the answer of a describing call, or None when the thing does not exist."""
    try:
        return call(**parameters)
    except ClientError as error:
        if is_gone(error):
            return None
        raise


def one_line(error: Exception) -> str:
    """Word an error of botocore, or our own, in one line."""
    if isinstance(error, ClientError):
        answer = error.response.get("Error", {})
        return f"{answer.get('Code', 'Unknown')}: {' '.join(str(answer.get('Message', '')).split())}"
    return " ".join(str(error).split())


@contextmanager
def translated(action: str) -> Iterator[None]:
    """Turn errors of botocore into one-line provider errors that begin with what was being done.

    Raises:
        ProviderError: AWS refused, or could not be reached.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise ProviderError(f"{action}: {one_line(error)}") from error
