"""Every environment that is shipped: it comes up, nothing is left to do, and it goes without a trace."""

import pytest
from story.conftest import Story

pytestmark = pytest.mark.slow

LEAST = {"dev": 60, "staging": 90, "prod": 90}


@pytest.mark.parametrize("environment", LEAST)
def test_it_comes_up_and_goes(empty: Story, environment: str):
    made = empty.json("up", "--env", environment)
    assert (made["result"], made["changes"]["create"]) == ("succeeded", len(made["resources"]) - _read(made))
    assert made["changes"]["create"] >= LEAST[environment]
    again = empty.json("preview", "--env", environment, "--expect-no-changes")
    assert again["changes"]["same"] == made["changes"]["create"]
    assert empty.json("policy", "--env", environment)["violations"] == []
    words = ["destroy", "--env", environment]
    if empty.type(*words).returncode == 2:
        words += ["--yes-really", environment]
        empty.ok(*words)
    assert empty.inventory() == []


def _read(document) -> int:
    return sum(1 for it in document["resources"] if it["op"] == "read")
