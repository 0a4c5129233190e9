"""Golden resource trees: what an environment consists of, as a text to review; `poe snapshots` writes them anew."""

import os
from pathlib import Path

import pytest
from stacks.lab import ENVIRONMENTS, Lab
from stacks.trees import tree

SNAPSHOTS = Path(__file__).parent / "snapshots"
WRITES = "MODELYARD_SNAPSHOTS" in os.environ


@pytest.mark.slow
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_tree_is_the_one_that_was_reviewed(lab: Lab, environment: str):
    for stack, result in lab.plan(environment, pretending=True).items():
        path = SNAPSHOTS / f"{environment}-{stack}.txt"
        if WRITES:
            path.parent.mkdir(exist_ok=True)
            path.write_text(tree(result.changes))
        assert tree(result.changes) == path.read_text(), "poe snapshots, and look at what git diff says"


def test_every_environment_has_its_trees():
    stacks = ("foundation", "platform")
    expected = {f"{environment}-{stack}.txt" for environment in ENVIRONMENTS for stack in stacks}
    assert {it.name for it in SNAPSHOTS.glob("*.txt") if not it.name.startswith("settings-")} == expected
