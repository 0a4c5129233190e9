"""What of one stack another stands on, read off the identifiers that a stack reference brings."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pytest

from modelyard.graph.document import document
from modelyard.graph.layout import layout
from modelyard.graph.mermaid import mermaid
from modelyard.graph.model import Edge, graph
from modelyard.graph.svg import svg
from modelyard.policies.plan import Planned
from modelyard.wire import UNKNOWN

KEY, BUCKET = "1b2c-3d4e", "acme-data"
SVG = "{http://www.w3.org/2000/svg}"


def standing(plan: list[Planned], value: Any) -> list[Planned]:
    """Give the two stacks' key and bucket identifiers, and what the reference brings a value."""
    ids = {"keys-key": KEY, "storage-a": BUCKET, "alone": "on"}
    inputs = {"cost-idle-role": {"input": value}}
    return [replace(it, id=ids.get(it.name, ""), inputs=inputs.get(it.name, {})) for it in plan]


@pytest.mark.parametrize(
    ("value", "components"),
    [
        (f"arn:aws:kms:eu-west-1:123456789012:key/{KEY}", ["keys"]),
        (f"s3://{BUCKET}/feature-store", ["storage"]),
        ([{"bucket": BUCKET}, {"key": f"key/{KEY}"}], ["keys", "storage"]),
        (json.dumps({"Resource": [f"arn:aws:s3:::{BUCKET}/*"]}), ["storage"]),
        (f"{BUCKET}-2", []),
        ("on", []),
        (UNKNOWN, []),
    ],
)
def test_identifiers_say_what_is_needed(plan, value, components):
    found = graph(standing(plan, value))
    assert found.across == tuple(Edge(("base", it), ("top", "cost")) for it in components)
    assert found.edges == graph(plan).edges


def test_what_no_reference_brings_is_none(plan):
    alone = [replace(it, needs={}) if it.name == "cost-idle-role" else it for it in standing(plan, BUCKET)]
    assert graph(alone).across == ()


def test_it_is_drawn_and_written(plan):
    found = graph(standing(plan, [BUCKET, KEY]))
    assert mermaid(found).splitlines()[-2:] == [
        "    s_base__keys -.-> s_top__cost",
        "    s_base__storage -.-> s_top__cost",
    ]
    assert document(found, "dev")["edges"][-2:] == [
        {"from": "base/keys", "to": "top/cost"},
        {"from": "base/storage", "to": "top/cost"},
    ]
    texts = [it.text for it in ET.fromstring(svg(found, "dev")).iter(f"{SVG}text")]  # noqa: S314 - our own
    assert texts[-2:] == ["← Keys", "← Artifact storage"]
    (cost, plain) = (layout(it).boxes["top", "cost"] for it in (found, graph(plan)))
    assert cost.height - plain.height == 2 * 18
