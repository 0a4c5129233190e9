"""The command line of the monitors.

With `--baseline-data` it writes `statistics.json` and `constraints.json` of that data, which are the baseline; with
`--captured` it holds what was captured to the baseline and writes `statistics.json`, `constraints.json`,
`constraint_violations.json` and `metrics.json`, and puts these metrics into CloudWatch. A folder without captured data
is no failure: nobody asked.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import attribution, bias, captured, configuration, data_quality, model_quality, publishing
from .table import Table, read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .results import Result

KINDS = {
    "data_quality": data_quality,
    "model_quality": model_quality,
    "bias": bias,
    "attribution": attribution,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one monitor.

    Returns:
        the exit code: 0, 1 if what it was given can't be used, 2 for wrong arguments.
    """
    options = _options(arguments)
    try:
        _run(options)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        options.output.mkdir(parents=True, exist_ok=True)
        # A processing job shows the first lines of this file as its ExitMessage.
        (options.output / "message").write_text(f"{error}\n", encoding="utf-8")
        return 1
    return 0


def _options(arguments: Sequence[str] | None) -> Any:
    parser = argparse.ArgumentParser(prog="monitors", description="Hold captured data to a baseline.")
    parser.add_argument("--kind", choices=sorted(KINDS), required=True, help="what is watched")
    parser.add_argument("--endpoint", default="", help="the endpoint's name, a dimension of the metrics")
    parser.add_argument("--schedule", default="", help="the schedule's name, a dimension of the metrics")
    parser.add_argument("--captured", type=Path, help="folder with captured JSON lines")
    parser.add_argument("--baseline", type=Path, help="folder with statistics.json, constraints.json and monitor.json")
    parser.add_argument("--output", type=Path, required=True, help="folder for what is found")
    parser.add_argument("--ground-truth", type=Path, help="folder with ground-truth JSON lines")
    parser.add_argument("--baseline-data", type=Path, help="CSV, JSON lines or Parquet file to make a baseline of")
    options = parser.parse_args(arguments)
    if not options.captured and not options.baseline_data:
        parser.error("give --captured to watch, or --baseline-data to make a baseline")
    return options


def _run(options: Any) -> None:
    monitor: Any = KINDS[options.kind]
    settings = configuration.load(options.baseline)
    baseline = configuration.Baseline.load(options.baseline)
    options.output.mkdir(parents=True, exist_ok=True)
    if options.baseline_data:
        suggested: Result = monitor.suggest(read_table(options.baseline_data), settings)
        baseline = configuration.Baseline(suggested.statistics, suggested.constraints)
        _write(options.output, suggested, violations=False)
        sys.stdout.write(f"a baseline of {suggested.rows} rows is in {options.output}\n")
    if not options.captured:
        return
    table = captured.read(options.captured, settings, baseline.features, options.ground_truth)
    if not table.rows:
        sys.stdout.write(f"nothing was captured below {options.captured}\n")
        (options.output / "constraint_violations.json").write_text('{"violations": []}\n', encoding="utf-8")
        return
    result: Result = monitor.watch(_needed(table, options), baseline, settings)
    _write(options.output, result, violations=True)
    publishing.publish(result, options.endpoint, options.schedule)
    sys.stdout.write(f"{result.rows} rows, {len(result.violations)} violations\n")
    for violation in result.violations:
        sys.stdout.write(f"{violation['description']}\n")


def _needed(table: Table, options: Any) -> Table:
    """Return the rows with a ground truth where the kind needs one."""
    if options.kind != "model_quality":
        return table
    known = table.with_label()
    if not known.rows:
        raise ValueError(
            f"none of {table.rows} captured rows has a ground truth below {options.ground_truth}; "
            "write lines with their eventId or inferenceId there"
        )
    return known


def _write(folder: Path, result: Result, *, violations: bool) -> None:
    documents = {"statistics": result.statistics, "constraints": result.constraints}
    if violations:
        documents["constraint_violations"] = {"violations": result.violations}
        documents["metrics"] = {it.name: it.value if it.statistics is None else it.statistics for it in result.metrics}
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")
