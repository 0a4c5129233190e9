"""Generated pages: as they have to be, and with everything that there is."""

import pytest

from modelyard.components.network.settings import NetworkSettings
from modelyard.reference import components, settings_table
from modelyard.reference.__main__ import ROOT, pages


@pytest.mark.parametrize("page", ["README.md", "platform/REFERENCE.md"])
def test_a_generated_page_is_not_stale(page):
    assert (ROOT / page).read_text() == pages()[ROOT / page], "type: poe reference"


def test_every_component_is_in_the_reference():
    folders = {path.parent.name for path in (ROOT / "platform/modelyard/components").glob("*/component.py")}
    titles = {line[3:] for line in components.page().splitlines() if line.startswith("## ")}
    assert titles == {name.replace("_", " ").capitalize() for name in folders}


def test_the_table_has_defaults_and_ranges():
    assert settings_table.table(NetworkSettings).splitlines()[2:4] == [
        "| `cidr` | `10.20.0.0/16` | text | The VPC's IPv4 range, between /16 and /24. |",
        "| `zones` | `2` | `2`, `3` | Availability zones, each with one private subnet. |",
    ]


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="there is no <!-- settings"):
        settings_table.placed("# A page", "text")


def test_what_is_around_the_marks_stays():
    page = f"before\n{settings_table.BEGIN}\nold\n{settings_table.END}\nafter\n"
    assert settings_table.placed(page, "new\n") == page.replace("old", "new")
