"""The first job of an AutoML job: look at the data, split it, and say what the problem is."""

import argparse
import json
import sys
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

from .data import REGRESSION, problem_type, read

_FEWEST_ROWS = 20


def main() -> int:
    """Write train and validation tables and a summary; what is wrong with the data becomes the job's message."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--input", type=Path, required=True)
    parser.add_argument("--validation", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--message", type=Path, required=True)
    parser.add_argument("--settings", required=True, help="JSON: target, problem_type, fraction, features, weight")
    options = parser.parse_args()
    settings = json.loads(options.settings)
    try:
        prepare(options, settings)
    except (ValueError, KeyError, pd.errors.ParserError) as error:
        options.message.parent.mkdir(parents=True, exist_ok=True)
        options.message.write_text(str(error))
        return 1
    return 0


def prepare(options: argparse.Namespace, settings: dict[str, object]) -> None:
    """Write what the candidates train on.

    Raises:
        ValueError: the data isn't fit for training.
    """
    target = str(settings["target"])
    table = _chosen(read(options.input), settings)
    kind = str(settings["problem_type"] or problem_type(table[target]))
    if options.validation:
        train, validation = table, _chosen(read(options.validation), settings)
    else:
        counts = table[target].value_counts()
        alike = table[target] if kind != REGRESSION and counts.min() > 1 else None
        train, validation = train_test_split(
            table, test_size=float(str(settings["fraction"])), random_state=0, stratify=alike
        )
    for name, part in (("train", train), ("validation", validation)):
        folder = options.output / name
        folder.mkdir(parents=True, exist_ok=True)
        part.to_csv(folder / "data.csv", index=False)
    folder = options.output / "summary"
    folder.mkdir(parents=True, exist_ok=True)
    summary = {"problem_type": kind, "rows": len(table), "columns": list(table.columns)}
    (folder / "summary.json").write_text(json.dumps(summary))


def _chosen(table: pd.DataFrame, settings: dict[str, object]) -> pd.DataFrame:
    target, weight = str(settings["target"]), settings["weight"]
    features = settings["features"]
    if target not in table.columns:
        raise ValueError(f"the data has no column {target}; it has {', '.join(map(str, table.columns))}")
    if isinstance(features, list):
        kept = [*features, target, *([str(weight)] if weight else [])]
        missing = sorted(set(kept) - set(table.columns))
        if missing:
            raise ValueError(f"the data has no column {missing[0]}")
        table = table[kept]
    table = table.dropna(subset=[target])
    if len(table) < _FEWEST_ROWS:
        raise ValueError(f"{len(table)} rows with a target are too few; {_FEWEST_ROWS} are the least")
    if table[target].nunique() < 2:
        raise ValueError(f"the target {target} has one value only")
    return table


if __name__ == "__main__":
    sys.exit(main())
