"""Some random sequences, with every change of the code; `test_sequences_*.py` run the many."""

from engine.fuzz.sequences import run
from hypothesis import Phase


def test_invariants_hold():
    run(60, steps=6, phases=[Phase.reuse, Phase.generate])  # a failure is shrunk by `make fuzz`, which has the time
