"""Every setting, changed alone, plans exactly the resources that it should touch.

What it touches is in `snapshots/settings-<environment>.txt`, for a reviewer; `poe snapshots` writes them anew. Which
components it may touch at all is in `table.py`.
"""

import json
import re
from collections.abc import Iterator

import pytest
from stacks.lab import ENVIRONMENTS, Lab, touched
from stacks.table import CHANGES, UNPLANNED, changed, current, document_of, leaves
from stacks.test_trees import SNAPSHOTS, WRITES

REFUSED = re.compile(r"(?<=: )refused .*")


def test_the_table_has_every_setting():
    assert set(CHANGES) | UNPLANNED == set(leaves())


def planned(lab: Lab, environment: str) -> Iterator[tuple[str, list[str]]]:
    """Change one setting after the other; returns a line for each, and what would happen."""
    document, settings = lab.document(environment), lab.settings(environment)
    for path, change in CHANGES.items():
        before = current(settings, path)
        value = change.value(before)
        lab.write(environment, document_of(document, path, value))
        steps = touched(lab.plan(environment, pretending=True, failing=True))
        names = {line.split(" ")[2].split("-")[0] for line in steps}
        assert names <= {*change.touches, "aws"}, (path, steps)
        yield f"{path}: {json.dumps(value)}", sorted({REFUSED.sub("refused", step) for step in steps})
    lab.write(environment, document)


def assert_only_what_is_new_is_unknown(lab: Lab, environment: str) -> None:
    """The platform is planned as it is though the foundation's outputs are not all known."""
    document = lab.document(environment)
    lab.write(environment, changed(document, "image_registry.repositories", ["training", "serving", "more"]))
    added = ["foundation: create registry-more", "foundation: create registry-more-lifecycle"]
    assert touched(lab.plan(environment)) == added
    lab.write(environment, document)


@pytest.mark.slow
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_setting_touches_what_it_is_about(lab: Lab, environment: str):
    lab.up(environment)
    assert touched(lab.plan(environment)) == []
    assert_only_what_is_new_is_unknown(lab, environment)
    text = "".join(
        f"{title}\n" + "".join(f"  {step}\n" for step in steps or ["nothing"])
        for title, steps in planned(lab, environment)
    )
    path = SNAPSHOTS / f"settings-{environment}.txt"
    if WRITES:
        path.write_text(text)
    assert text == path.read_text(), "poe snapshots, and look at what git diff says"
    assert [line for line in text.splitlines() if line == "  nothing"] == []
    lab.destroy(environment)
    assert lab.inventory() == []
