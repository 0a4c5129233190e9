"""RetryPolicies of a step: which failures are tried again, how often and after how long."""

import time
from typing import Any

MOST_SECONDS = 3600.0


class Retries:
    """What is left of one step's policies.

    Args:
        policies: RetryPolicies of the definition.
    """

    def __init__(self, policies: list[dict[str, Any]] | None) -> None:
        self._policies = policies or []
        self._used: dict[int, int] = {}
        self._started = time.monotonic()

    def delay(self, fault: str) -> float | None:
        """Return the seconds to wait before the next attempt; None if there is to be none.

        Args:
            fault: what kind of failure it was, such as `SageMaker.JOB_INTERNAL_ERROR`; empty is none of them.
        """
        for place, policy in enumerate(self._policies):
            if fault and fault in policy.get("ExceptionType", []):
                return self._next(place, policy)
        return None

    def _next(self, place: int, policy: dict[str, Any]) -> float | None:
        used = self._used.get(place, 0)
        minutes = policy.get("ExpireAfterMin")
        if used >= int(policy.get("MaxAttempts") or 2**31):
            return None
        if minutes and time.monotonic() - self._started > float(minutes) * 60:
            return None
        self._used[place] = used + 1
        seconds = float(policy.get("IntervalSeconds") or 1) * float(policy.get("BackoffRate") or 2.0) ** used
        return min(seconds, MOST_SECONDS)
