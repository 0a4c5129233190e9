"""An architecture, read from plans and drawn."""

import json
import xml.etree.ElementTree as ET

import pytest

from modelyard.graph.document import document
from modelyard.graph.layout import layout
from modelyard.graph.mermaid import mermaid
from modelyard.graph.model import Component, Edge, Graph, Node, graph, without_shortcuts
from modelyard.graph.svg import svg

SVG = "{http://www.w3.org/2000/svg}"


def test_resources_belong_to_their_outermost_component(plan):
    found = graph(plan)
    assert [(node.stack, node.component, node.name) for node in found.nodes] == [
        ("base", "keys", "keys-key"),
        ("base", "storage", "storage-a"),
        ("base", "storage", "storage-b"),
        ("base", "resources", "alone"),
        ("top", "cost", "cost-idle-role"),
    ]
    assert found.components == (
        Component("base", "keys", "Keys", (("Key", 1),)),
        Component("base", "resources", "Resources", (("Topic", 1),)),
        Component("base", "storage", "Artifact storage", (("Bucket", 2),)),
        Component("top", "cost", "Cost", (("Role", 1),)),
    )


def test_edges_join_components_and_stacks(plan):
    assert graph(plan).edges == (
        Edge(("base", ""), ("top", "")),
        Edge(("base", "keys"), ("base", "storage")),
    )


def test_a_stack_that_is_not_drawn_has_no_edge(plan):
    assert graph([it for it in plan if it.stack == "top/dev"]).edges == ()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "VPC endpoint"),
        ("aws:iam/role:Role", "Role"),
        ("aws:s3/bucketObjectv2:BucketObjectv2", "Bucket object"),
        ("aws:ec2/eip:Eip", "Elastic IP"),
        ("aws:sagemaker/mlflowApp:MlflowApp", "MLflow app"),
    ],
)
def test_kinds_are_words(kind, expected):
    assert Node("u", kind, "n", "s", "c").kind == expected


def test_a_shortcut_is_not_drawn():
    a, b, c = (("s", it) for it in "abc")
    assert without_shortcuts([Edge(a, b), Edge(b, c), Edge(a, c)]) == [Edge(a, b), Edge(b, c)]
    assert without_shortcuts([Edge(a, b), Edge(b, a)]) == [Edge(a, b), Edge(b, a)]


def test_as_mermaid(plan):
    assert mermaid(graph(plan)).splitlines() == [
        "flowchart LR",
        '    subgraph s_base["base"]',
        '        s_base__keys["<b>Keys</b><br/>Key"]',
        '        s_base__resources["<b>Resources</b><br/>Topic"]',
        '        s_base__storage["<b>Artifact storage</b><br/>2 x Bucket"]',
        "    end",
        '    subgraph s_top["top"]',
        '        s_top__cost["<b>Cost</b><br/>Role"]',
        "    end",
        "    s_base -- stack reference --> s_top",
        "    s_base__keys --> s_base__storage",
    ]


def test_a_long_list_is_cut_in_mermaid():
    many = Component("s", "a", "All", tuple((f"Kind {it}", 1) for it in range(12)))
    (label,) = (line for line in mermaid(Graph(("s",), (), (many,), ())).splitlines() if "Kind" in line)
    assert label.endswith('<br/>Kind 6<br/>and 5 more kinds"]')


def test_two_of_one_title_are_told_apart():
    twins = (Component("s", "a", "Bucket store"), Component("s", "b", "Bucket store"), Component("s", "c", "Keys"))
    found = Graph(("s",), (), twins, ())
    assert [found.title(it) for it in twins] == ["Bucket store: a", "Bucket store: b", "Keys"]


def test_as_json(plan):
    made = json.loads(json.dumps(document(graph(plan), "dev")))
    assert (made["env"], made["edges"]) == (
        "dev",
        [{"from": "base", "to": "top"}, {"from": "base/keys", "to": "base/storage"}],
    )
    storage = made["stacks"][0]["components"][2]
    assert (storage["title"], [it["name"] for it in storage["resources"]]) == (
        "Artifact storage",
        ["storage-a", "storage-b"],
    )
    assert storage["resources"][0]["needs"] == ["base::aws:kms/key:Key::keys-key"]


def wide(count: int) -> Graph:
    """Return a graph with chains and a star, and many kinds each."""
    kinds = tuple((f"Kind {index}", index) for index in range(1, 6))
    components = tuple(Component("s", f"c{index}", f"C{index}", kinds) for index in range(count))
    chain = [Edge(("s", f"c{it}"), ("s", f"c{it + 1}")) for it in range(count // 2)]
    star = [Edge(("s", "c0"), ("s", f"c{it}")) for it in range(count // 2, count - 1)]
    return Graph(("s",), (), components, tuple(chain + star))


@pytest.mark.parametrize("count", [1, 2, 5, 12, 30])
def test_no_box_lies_on_another_or_outside_its_panel(count):
    placed = layout(wide(count))
    boxes, panel = list(placed.boxes.values()), placed.panels["s"]
    assert len(boxes) == count
    for index, box in enumerate(boxes):
        assert panel.x < box.x and box.right < panel.right and panel.y < box.y and box.bottom < panel.bottom
        for other in boxes[:index]:
            assert box.right <= other.x or other.right <= box.x or box.bottom <= other.y or other.bottom <= box.y
    assert (panel.right < placed.width, panel.bottom < placed.height) == (True, True)


def test_as_svg(plan):
    root = ET.fromstring(svg(graph(plan), 'a & "b" <c>, dev'))  # noqa: S314 - our own
    assert root.tag == f"{SVG}svg"
    texts = [it.text for it in root.iter(f"{SVG}text")]
    assert texts[0] == 'a & "b" <c>, dev'
    assert {"base", "top", "Artifact storage", "Bucket", "× 2", "4 resources"} <= set(texts)  # noqa: RUF001
    assert len(list(root.iter(f"{SVG}path"))) == 5 + 2


def test_an_empty_graph_can_be_drawn():
    empty = Graph((), (), (), ())
    assert mermaid(empty) == "flowchart LR\n"
    assert ET.fromstring(svg(empty, "nothing")).tag == f"{SVG}svg"  # noqa: S314 - our own
