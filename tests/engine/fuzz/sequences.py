"""Running many random sequences, so that each run is another one and any of them can be run again."""

import os
import random
from typing import Any

from engine.fuzz.machine import StackMachine
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

DEFAULT = 2000  # MODELYARD_FUZZ=10000 make fuzz runs more
SHARDS = 2


def run(count: int, *, shard: int = 0, steps: int = 8, machine: type[StackMachine] = StackMachine, **more: Any) -> None:
    """Run sequences of operations; what fails says how to run it again.

    Args:
        count: how many.
        shard: which part of a run this is; each has a seed of its own.
        steps: the longest sequence.
        machine: what runs them.
        more: further settings of hypothesis.
    """
    first = int(os.environ.get("MODELYARD_FUZZ_SEED") or _first())

    @seed(first + shard)
    class Seeded(machine):  # type: ignore[valid-type,misc]
        """The machine, with a seed."""

    asked = {"deadline": None, "print_blob": True, "suppress_health_check": list(HealthCheck), **more}
    try:
        run_state_machine_as_test(Seeded, settings=settings(max_examples=count, stateful_step_count=steps, **asked))
    except BaseException as error:
        error.add_note(f"run it again: MODELYARD_FUZZ_SEED={first} MODELYARD_FUZZ={count * SHARDS} make fuzz")
        raise


def _first() -> int:
    """Return a seed: the same for the tests that every change runs, another each time for `make fuzz`."""
    return random.SystemRandom().randrange(10**9) if "MODELYARD_FUZZ" in os.environ else 1


def share() -> int:
    """Return how many sequences one shard runs: `MODELYARD_FUZZ` says how many all of them do."""
    return max(int(os.environ.get("MODELYARD_FUZZ") or DEFAULT) // SHARDS, 1)


QUICKLY = {"phases": [Phase.generate], "database": None}
