"""Random sequences, part 2 of 2: parts are files, so that they run side by side."""

import pytest
from engine.fuzz.sequences import run, share


@pytest.mark.slow
@pytest.mark.fuzz
def test_invariants_hold():
    run(share(), shard=1)
