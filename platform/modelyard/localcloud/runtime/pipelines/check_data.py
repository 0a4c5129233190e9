"""What a QualityCheck step's job runs: a baseline of the data, held to an earlier one if there is one.

It travels to the job in one zip with the monitors, as its `__main__.py`, and imports nothing else of this package.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any


def main() -> int:
    """Write `statistics.json`, `constraints.json` and, with an earlier baseline, `constraint_violations.json`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--statistics", type=Path, help="the folder of the earlier baseline's statistics")
    parser.add_argument("--constraints", type=Path, help="the folder of the earlier baseline's constraints")
    parser.add_argument("--settings", default="{}", help="JSON of monitor.json")
    options = parser.parse_args()
    configuration: Any = importlib.import_module("monitors.configuration")
    monitor: Any = importlib.import_module(f"monitors.{options.kind}")
    table = importlib.import_module("monitors.table").read_table(options.data)
    settings = configuration.Settings(**json.loads(options.settings))
    found = monitor.suggest(table, settings)
    documents = {"statistics": found.statistics, "constraints": found.constraints}
    if options.constraints:
        before = configuration.Baseline(_only(options.statistics), _only(options.constraints))
        documents["constraint_violations"] = {"violations": monitor.watch(table, before, settings).violations}
    options.output.mkdir(parents=True, exist_ok=True)
    for name, document in documents.items():
        (options.output / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0


def _only(folder: Path | None) -> dict[str, Any]:
    """Return the one JSON document of a folder; none without a folder."""
    files = sorted(folder.glob("*.json")) if folder else []
    document: dict[str, Any] = json.loads(files[0].read_text(encoding="utf-8")) if files else {}
    return document


if __name__ == "__main__":
    sys.exit(main())
