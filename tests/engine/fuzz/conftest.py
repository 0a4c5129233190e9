"""Settings of the property tests of the engine; see `machine.py` for what they do.

`MODELYARD_FUZZ=10000 make fuzz` runs that many sequences, each another one; a failure prints a seed and a blob.
`MODELYARD_FUZZ_SEED=<seed> make fuzz` runs the same sequences again.
"""

import os

import pytest


@pytest.fixture(autouse=True, scope="session")
def passphrase():
    """Encrypt with a passphrase, so that one salt serves all stacks."""
    before = os.environ.get("PULUMI_CONFIG_PASSPHRASE")
    os.environ["PULUMI_CONFIG_PASSPHRASE"] = "a passphrase of tests"
    yield
    os.environ.pop("PULUMI_CONFIG_PASSPHRASE")
    if before is not None:
        os.environ["PULUMI_CONFIG_PASSPHRASE"] = before
