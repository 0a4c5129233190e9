"""Generated pages: as they have to be, and with everything that there is."""

import pytest

from modelyard.components.network.settings import NetworkSettings
from modelyard.reference import components, settings_table
from modelyard.reference.__main__ import ROOT, pages


@pytest.mark.parametrize("page", ["README.md", "platform/REFERENCE.md"])
def test_a_generated_page_is_not_stale(page):
    assert (ROOT / page).read_text() == pages()[ROOT / page], "type: poe reference"


def test_every_component_is_in_the_reference():
    package = ROOT / "platform/modelyard"
    found = [*package.glob("components/*/component.py"), *package.glob("*/component.py")]
    folders = {path.parent.name for path in found}
    assert "private_bucket" in folders
    titles = {line[3:] for line in components.page().splitlines() if line.startswith("## ")}
    assert titles == {name.replace("_", " ").capitalize() for name in folders}


def test_what_components_share_is_told_of_each():
    makes = {part.splitlines()[0]: part for part in components.page().split("\n## ")[1:]}
    for title in ("Artifact storage", "Audit", "Private bucket"):
        assert "`aws.s3.BucketPolicy`" in makes[title].split("Makes: ")[1].split("\n")[0]
    assert [title for title, part in makes.items() if "Makes: .\n" in part] == []


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
