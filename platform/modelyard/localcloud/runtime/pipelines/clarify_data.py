"""What a ClarifyCheck step's job runs: the bias that is in data before any model has learnt from them.

It travels to the job as one file and needs Python alone. Sources: the SageMaker developer guide, "Pre-training Bias
Metrics" (the formulas), "Analysis Configuration Files" (what is read) and "Get Started with a Clarify Processing Job"
(the shape of `analysis.json`).
"""

import argparse
import csv
import json
import math
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

_MOST_VALUES = 20
THRESHOLD = 0.1

Row = dict[str, Any]
Document = dict[str, Any]


def main() -> int:
    """Write `analysis.json` and, with an earlier one, `constraint_violations.json`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True, help="analysis_config.json")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--constraints", type=Path, help="the folder of an earlier analysis.json")
    options = parser.parse_args()
    config = json.loads(options.config.read_text(encoding="utf-8"))
    found = analyse(rows(options.data, config), config)
    documents = {"analysis": found}
    if options.constraints:
        before = json.loads(next(iter(sorted(options.constraints.glob("*.json")))).read_text(encoding="utf-8"))
        documents["constraint_violations"] = {"violations": violations(before, found)}
    options.output.mkdir(parents=True, exist_ok=True)
    for name, document in documents.items():
        (options.output / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0


def rows(path: Path, config: Document) -> list[Row]:
    """Read all rows of a file or of the files below a folder.

    Raises:
        ValueError: they are of a kind that this doesn't read, or there are none.
    """
    kind, headers = config.get("dataset_type", "text/csv"), config.get("headers") or []
    files = sorted(item for item in path.rglob("*") if item.is_file()) if path.is_dir() else [path]
    if kind not in _READERS:
        raise ValueError(f"dataset_type is {kind}; it must be one of {', '.join(_READERS)}")
    found = [row for file in files for row in _READERS[kind](file, headers)]
    if not found:
        raise ValueError(f"there are no rows in {path}")
    return found


def _csv(file: Path, headers: list[str]) -> list[Row]:
    with file.open(newline="", encoding="utf-8") as opened:
        lines = [line for line in csv.reader(opened) if line]
    names = headers or lines[0]
    return [dict(zip(names, line, strict=True)) for line in (lines[1:] if lines[:1] == [names] else lines)]


def _json_lines(file: Path, headers: list[str]) -> list[Row]:
    found = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [dict(zip(headers, row, strict=True)) if isinstance(row, list) else row for row in found]


_READERS: dict[str, Callable[[Path, list[str]], list[Row]]] = {
    "text/csv": _csv,
    "application/jsonlines": _json_lines,
}


def analyse(data: list[Row], config: Document) -> Document:
    """Return the content of `analysis.json`.

    Raises:
        ValueError: a column that the configuration names isn't there, or a group is empty.
    """
    label, wanted = config["label"], config["label_values_or_threshold"]
    labels = _column(data, label)
    positive = _member(labels, wanted)
    strata = _column(data, config["group_variable"]) if config.get("group_variable") else []
    methods = config["methods"]["pre_training_bias"]["methods"]
    facets: Document = {}
    for facet in config["facet"]:
        name = facet["name_or_index"]
        values = _column(data, name)
        for chosen in [facet["value_or_threshold"]] if facet.get("value_or_threshold") else _each(values, name):
            group = _member(values, chosen)
            if not any(group) or all(group):
                raise ValueError(f"all rows are of one group of {name} by {chosen}")
            measured = measure(labels, positive, group, strata)
            kept = [
                {"name": short, "description": _NAMES[short], "value": value}
                for short, value in measured.items()
                if methods == "all" or short in methods
            ]
            shown = ", ".join(map(str, chosen))
            facets.setdefault(name, []).append({"value_or_threshold": shown, "metrics": kept})
    part = {"label": label, "facets": facets, "label_value_or_threshold": ", ".join(map(str, wanted))}
    return {"version": "1.0", "pre_training_bias_metrics": part}


def measure(labels: list[str], positive: list[bool], group: list[bool], strata: list[str]) -> dict[str, float]:
    """Return the metrics of one group (d) beside all others (a).

    Args:
        labels: of each row.
        positive: whether it is the outcome that is wished for.
        group: whether the row is of the group that could be treated worse.
        strata: of each row, what disparity is to be seen apart by; empty leaves CDDL out.
    """
    size, most = len(labels), sum(group)
    one, other = _shares(labels, group, of_group=False), _shares(labels, group, of_group=True)
    middle = {label: (one.get(label, 0.0) + other.get(label, 0.0)) / 2 for label in {*one, *other}}
    gaps = [abs(one.get(label, 0.0) - other.get(label, 0.0)) for label in middle]
    accepted = [sum(yes for yes, mine in zip(positive, group, strict=True) if mine is which) for which in (False, True)]
    found = {
        "CI": (size - 2 * most) / size,
        "DPL": accepted[0] / (size - most) - accepted[1] / most,
        "JS": (_divergence(one, middle) + _divergence(other, middle)) / 2,
        "KS": max(gaps),
        "LP": math.sqrt(sum(gap * gap for gap in gaps)),
        "TVD": sum(gaps) / 2,
    }
    # Where a label is of one group only, the divergence is without bound and says nothing.
    if set(one) <= set(other):
        found["KL"] = _divergence(one, other)
    if strata:
        found["CDDL"] = _disparity(positive, group, strata)
    return found


def violations(before: Document, found: Document) -> list[Document]:
    """Return the metrics that are further from 0, which is fair, than they were, by more than a threshold."""
    known = _flat(before)
    return [
        {
            "facet": place[0],
            "facet_value": place[1],
            "metric_name": place[2],
            "constraint_check_type": "bias_drift_check",
            "description": f"Bias metric {place[2]} of {place[0]} {place[1]} is {now:.4f}; it was {known[place]:.4f}",
        }
        for place, now in _flat(found).items()
        if place in known and abs(now) > abs(known[place]) + THRESHOLD
    ]


def _flat(document: Document) -> dict[tuple[str, str, str], float]:
    facets = document["pre_training_bias_metrics"]["facets"]
    return {
        (facet, one["value_or_threshold"], metric["name"]): float(metric["value"])
        for facet, groups in facets.items()
        for one in groups
        for metric in one["metrics"]
    }


def _column(data: list[Row], name: str | int) -> list[str]:
    key = list(data[0])[name] if isinstance(name, int) else name
    if key not in data[0]:
        raise ValueError(f"the data have no column {key}; they have {', '.join(data[0])}")
    return [_text(row[key]) for row in data]


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _member(values: list[str], chosen: list[Any]) -> list[bool]:
    """Tell which values are among the chosen ones or, where the chosen one is a number that none has, are above it."""
    if len(chosen) == 1 and _text(chosen[0]) not in values:
        try:
            return [float(value) > float(chosen[0]) for value in values]
        except ValueError:
            return [False] * len(values)
    wanted = {_text(value) for value in chosen}
    return [value in wanted for value in values]


def _each(values: list[str], name: str) -> list[list[str]]:
    distinct = sorted(set(values))
    if len(distinct) > _MOST_VALUES:
        raise ValueError(f"{name} has {len(distinct)} values; say by value_or_threshold which to compare")
    return [[value] for value in distinct]


def _shares(labels: list[str], group: list[bool], *, of_group: bool) -> dict[str, float]:
    counts = Counter(label for label, mine in zip(labels, group, strict=True) if mine is of_group)
    return {label: count / counts.total() for label, count in counts.items()}


def _divergence(one: dict[str, float], other: dict[str, float]) -> float:
    return sum(share * math.log(share / other[label]) for label, share in one.items())


def _disparity(positive: list[bool], group: list[bool], strata: list[str]) -> float:
    total = 0.0
    for stratum in sorted(set(strata)):
        inside = [(yes, mine) for yes, mine, place in zip(positive, group, strata, strict=True) if place == stratum]
        parts = [[mine for yes, mine in inside if yes is outcome] for outcome in (False, True)]
        rejected, accepted = (sum(part) / len(part) if part else 0.0 for part in parts)
        total += len(inside) * (rejected - accepted)
    return total / len(strata)


_NAMES = {
    "CI": "Class Imbalance (CI)",
    "DPL": "Difference in Positive Proportions in Labels (DPL)",
    "JS": "Jensen-Shannon Divergence (JS)",
    "KL": "Kullback-Leibler Divergence (KL)",
    "KS": "Kolmogorov-Smirnov Distance (KS)",
    "LP": "L-p Norm (LP)",
    "TVD": "Total Variation Distance (TVD)",
    "CDDL": "Conditional Demographic Disparity in Labels (CDDL)",
}


if __name__ == "__main__":
    sys.exit(main())
