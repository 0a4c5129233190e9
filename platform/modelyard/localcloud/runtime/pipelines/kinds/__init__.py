"""The types of steps: every module here has `STEPS`, by type."""

import importlib
import pkgutil
from functools import cache

from botocore.exceptions import BotoCoreError, ClientError

from modelyard.localcloud.runtime.pipelines.steps import Call, Kind, Result, StepError


@cache
def kinds() -> dict[str, Kind]:
    """Return what each type of step does."""
    found: dict[str, Kind] = {}
    for module in pkgutil.iter_modules(__path__):
        found |= importlib.import_module(f"{__name__}.{module.name}").STEPS
    return found


def run(kind: str, call: Call) -> Result:
    """Run one step to its end.

    Raises:
        StepError: it failed.
        StepStopped: the execution is stopped.
    """
    try:
        return kinds()[kind](call)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise StepError(f"ClientError: {error}", fault=_FAULTS.get(code, "")) from error
    except BotoCoreError as error:
        raise StepError(f"ClientError: {error}", fault="Step.SERVICE_FAULT") from error


_FAULTS = {
    "ThrottlingException": "Step.THROTTLING",
    "InternalFailure": "Step.SERVICE_FAULT",
    "ServiceUnavailable": "Step.SERVICE_FAULT",
    "ResourceLimitExceeded": "SageMaker.RESOURCE_LIMIT",
}
