"""The command line on a bad day: each call of the provider that changes or reads something may fail, before or after.

Run as a script: `faulty.py SEED PROBABILITY WORD...`.
"""

import random
import sys
from collections.abc import Callable
from typing import Any

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.servicer import AwsProvider

_CALLS = ("Create", "Update", "Delete", "Read")


def spoil(seed: str, probability: float) -> None:
    """Let calls fail with a probability: half of the failures before the call has an effect, half after it."""
    dice = random.Random(seed)
    for name in _CALLS:
        setattr(AwsProvider, name, _spoiled(getattr(AwsProvider, name), dice, probability))


def _spoiled(call: Callable[..., Any], dice: random.Random, probability: float) -> Callable[..., Any]:
    def spoiled(self: AwsProvider, request: Any, context: Any) -> Any:
        if getattr(request, "preview", False):
            return call(self, request, context)
        drawn = dice.random()
        if drawn < probability / 2:
            raise ProviderError(f"{call.__name__} failed before it did anything")
        answer = call(self, request, context)
        if drawn < probability:
            raise ProviderError(f"{call.__name__} failed though it was done")
        return answer

    return spoiled


if __name__ == "__main__":
    from modelyard.cli import main

    spoil(sys.argv[1], float(sys.argv[2]))
    sys.argv = ["modelyard", *sys.argv[3:]]
    main()
