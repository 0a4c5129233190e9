"""Errors of the provider, and the one place that reads botocore's."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

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


def is_refusal(error: Exception) -> bool:
    """Tell whether an error is AWS's answer to a call; botocore is not imported to find out."""
    known = sys.modules.get("botocore.exceptions")
    return known is not None and isinstance(error, known.ClientError)


def is_aws(error: Exception) -> bool:
    """Tell whether an error is botocore's: a refusal, or a call that never arrived."""
    known = sys.modules.get("botocore.exceptions")
    return known is not None and isinstance(error, known.ClientError | known.BotoCoreError)


def answered(error: Exception) -> dict[str, Any]:
    """Return the code and the message of AWS's refusal; nothing for any other error."""
    return dict(getattr(error, "response", {}).get("Error", {})) if is_refusal(error) else {}


def is_gone(error: Exception) -> bool:
    """Tell whether AWS answered that the thing does not exist, in whichever of its services' words."""
    answer = answered(error)
    code, message = str(answer.get("Code", "")), str(answer.get("Message", ""))
    return bool(_GONE_CODE.search(code)) or (code.startswith("Validation") and bool(_GONE_MESSAGE.search(message)))


def found(call: Callable[..., Any], **parameters: Any) -> Any:
    """Return the answer of a describing call, or None when the thing does not exist."""
    try:
        return call(**parameters)
    except Exception as error:
        if is_gone(error):
            return None
        raise


def one_line(error: Exception) -> str:
    """Word an error of botocore, or our own, in one line."""
    if is_refusal(error):
        answer = answered(error)
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
    except Exception as error:
        if not is_aws(error):
            raise
        raise ProviderError(f"{action}: {one_line(error)}") from error
