"""Physical names: within limits, stable, and no two texts have one."""

import re
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from modelyard.naming import Scope, digest, label, physical_name, tag_value


def test_names_have_no_clock_and_no_dice():
    assert physical_name("modelyard", "dev", "data", limit=63) == "modelyard-dev-data"
    assert physical_name("a" * 70, "b", limit=32) == f"{'a' * 23}-{digest('a' * 70 + '-b')}"
    assert Scope(owner="churn", environment="dev", region="cn-north-1").partition == "aws-cn"


@given(st.lists(st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=40), min_size=1, max_size=5))
def test_a_physical_name_keeps_its_limit_and_its_head(parts):
    name = physical_name(*parts, limit=32)
    assert len(name) <= 32
    assert name[:20] == "-".join(parts)[:20] or name[:20].rstrip("-") == "-".join(parts)[:20].rstrip("-")


@settings(max_examples=500)
@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=200))
def test_two_texts_have_two_labels(one, other):
    assert (label(one) == label(other)) == (one == other)
    assert re.fullmatch(r"[a-z][a-z0-9-]*-[0-9a-f]{8}", label(one))


def test_tag_values_are_what_aws_takes():
    assert tag_value("feature/x y:1=+-@._") == "feature/x y:1=+-@._"
    assert tag_value("x$(id)`🚀" + "a" * 300) == "x__id___" + "a" * 248
    assert tag_value("e\u0301\u0085\u3000²日本") == "e__\u3000²日本"
