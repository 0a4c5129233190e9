"""The report of `modelyard demo drift`."""

import re

from modelyard.cli.drift_report import Phase, Seen, html, summary

SEEN = Seen(
    phases=[Phase("before <the change>", 90, 10, 0), Phase("after", 30, 50, 20)],
    drift_before={"age": 0.0, "size": 0.02},
    drift_after={"age": 0.4, "size": 0.05},
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
