"""The report of `modelyard demo drift`."""

import re

import pytest

from modelyard.cli.drift_plots import Phase, distributions
from modelyard.cli.drift_report import Seen, html, summary

SEEN = Seen(
    phases=[Phase("before <the change>", 90, 10, 0), Phase("after", 30, 50, 20)],
    drift_before={"age": 0.0, "size": 0.02},
    drift_after={"age": 0.4, "size": 0.05},
    values_before={"age": [0.0, 10.0], "size": [1.0, 1.0]},
    values_after={"age": [10.0, 20.0], "size": [1.0, 1.0]},
    metrics_before={"accuracy": 0.5, "auc": 0.6},
    metrics_after={"accuracy": 0.9},
    timeline=[("2026-01-01T10:00:00.123000+00:00", "the alarm & its rule")],
)


def test_it_is_one_file_that_says_what_happened():
    page = html(SEEN)
    assert re.findall(r"(?:src|href)=", page) == []
    assert "<td>2026-01-01 10:00:00</td><td>the alarm &amp; its rule</td>" in page
    assert "before &lt;the change&gt;" in page
    assert [float(it) for it in re.findall(r'width="([\d.]+)" height="26"', page)] == [
        495.0,
        55.0,
        0.0,
        165.0,
        275.0,
        110.0,
    ]
    assert re.findall(r">(\d\.\d\d)</text>", page) == ["0.40", "0.05"]


def test_the_summary_has_the_numbers():
    assert summary(SEEN) == "1 of 2 features drifted. before <the change>: 90.0 % right; after: 30.0 % right."


def test_metrics_are_those_that_both_models_have():
    cells = re.findall(r"<tr><td>(.*?)</td><td>([\d.]+)</td><td>([\d.]+)</td></tr>", html(SEEN))
    assert cells == [("accuracy", "0.5000", "0.9000")]


@pytest.mark.parametrize(("name", "heights"), [("age", [120.0] * 4), ("size", [120.0] * 2)])
def test_histograms_have_the_shares_of_both_times(name, heights):
    picture = distributions({name: SEEN.values_before[name]}, {name: SEEN.values_after[name]}, {name: 1.0})
    drawn = [float(it) for it in re.findall(r'height="([\d.]+)"', picture)]
    assert [it for it in drawn if it] == heights
    assert len(drawn) == 48


def test_what_drifted_most_comes_first_and_what_is_unknown_is_left_out():
    names = re.findall(
        r'<text x="[\d.]+" y="14.0">(.*?)</text>',
        distributions({"a": [1.0], "b": [2.0]}, {"a": [1.0], "b": [2.0]}, {"a": 0.1, "b": 0.2, "c": 0.3}),
    )
    assert names == ["b", "a"]
