"""Whether a model's stack fits the platform that it points to: what the platform exports has a version."""

from typing import TYPE_CHECKING

from modelyard.cli.backends import backend
from modelyard.errors import ModelyardError
from modelyard.outputs import SCHEMA_KEY, PlatformOutputs, misfit
from modelyard.settings.model import ModelSettings

if TYPE_CHECKING:
    from modelyard.cli.deploy import Session


class ContractError(ModelyardError):
    """What the platform exports is not what the model's stack reads."""


def refuse_misfit(opened: "Session") -> None:
    """Refuse a model's stack that does not fit its platform, before anything of it is made; platforms always fit.

    Raises:
        StateError: the platform has not been deployed.
        ContractError: it doesn't fit; it says why and what to do.
    """
    if not isinstance(opened.settings, ModelSettings):
        return
    stack = f"platform/{opened.settings.platform}"
    problem = misfit(PlatformOutputs, backend(opened.state, opened.choices).outputs(stack), stack)
    if problem:
        raise ContractError(problem[0], hint=problem[1])


def version(opened: "Session") -> int:
    """Return the version of what the model's platform exports, as far as it says so."""
    stack = f"platform/{getattr(opened.settings, 'platform', opened.environment)}"
    return int(backend(opened.state, opened.choices).outputs(stack).get(SCHEMA_KEY, 1))
