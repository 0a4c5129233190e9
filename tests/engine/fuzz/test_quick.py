"""Some random sequences, with every change of the code; `test_sequences_*.py` run the many."""

from engine.fuzz.sequences import run


def test_invariants_hold():
    run(60, steps=6)
