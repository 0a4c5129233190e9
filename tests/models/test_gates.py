"""The gate between a candidate and the champion."""

from typing import Any

import pytest

from modelyard.models.gates import Verdict, compare


def measured(value: float, name: str = "accuracy", **more: Any) -> dict[str, Any]:
    return {"binary_classification_metrics": {name: {"value": value, "standard_deviation": "NaN"}}, **more}


SAME = {"dataset": {"digest": "0f"}}
OTHER = {"dataset": {"digest": "1f"}}
NOT_COMPARED = Verdict(
    passed=False,
    reason="it was not compared with version 3 on the same held-out data",
    hint="modelyard up, then modelyard pipeline run: its evaluation measures both",
)
WORSE = "train a better one, or --force with --note"
CASES = {
    "better on the same data": (
        measured(0.98, **SAME),
        measured(0.97, **SAME),
        Verdict(passed=True, reason="accuracy 0.98 against 0.97 of version 3 on the same held-out data"),
    ),
    "as good": (
        measured(0.97, **SAME),
        measured(0.97, **SAME),
        Verdict(passed=True, reason="accuracy 0.97 against 0.97 of version 3 on the same held-out data"),
    ),
    "worse": (
        measured(0.9, **SAME),
        measured(0.97, **SAME),
        Verdict(
            passed=False,
            reason="accuracy 0.9 against 0.97 of version 3 on the same held-out data - higher is better",
            hint=WORSE,
        ),
    ),
    "other data, and the champion not measured": (measured(0.98, **OTHER), measured(0.5, **SAME), NOT_COMPARED),
    "no data named": (measured(0.98), measured(0.5), NOT_COMPARED),
    "other data, and the champion measured on it": (
        measured(0.9, **OTHER, champion={"version": 3, **measured(0.95)}),
        measured(0.5, **SAME),
        Verdict(
            passed=False,
            reason="accuracy 0.9 against 0.95 of version 3 on the same held-out data - higher is better",
            hint=WORSE,
        ),
    ),
    "another champion measured": (
        measured(0.98, **OTHER, champion={"version": 2, **measured(0.95)}),
        measured(0.5, **SAME),
        NOT_COMPARED,
    ),
    "less is better": (
        measured(4.0, "rmse", **SAME),
        measured(3.5, "rmse", **SAME),
        Verdict(
            passed=False,
            reason="rmse 4 against 3.5 of version 3 on the same held-out data - lower is better",
            hint=WORSE,
        ),
    ),
    "the repository says what decides": (
        {
            "regression_metrics": {"rmse": {"value": 1}, "latency": {"value": 9}},
            "gate": {"metric": "latency", "higher_is_better": False},
            **SAME,
        },
        {"regression_metrics": {"rmse": {"value": 2}, "latency": {"value": 8}}, **SAME},
        Verdict(
            passed=False,
            reason="latency 9 against 8 of version 3 on the same held-out data - lower is better",
            hint=WORSE,
        ),
    ),
    "what decides was not measured": (
        measured(0.98, **SAME, gate={"metric": "recall"}),
        measured(0.97, **SAME),
        Verdict(
            passed=False, reason="its evaluation holds no metric that decides", hint="write `gate` to evaluation.json"
        ),
    ),
    "nothing measured": (
        {},
        measured(0.97, **SAME),
        Verdict(
            passed=False, reason="its evaluation holds no metric that decides", hint="write `gate` to evaluation.json"
        ),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_candidate_is_held_against_the_champion(case):
    candidate, champion, verdict = CASES[case]
    assert compare(candidate, champion, version=3) == verdict
