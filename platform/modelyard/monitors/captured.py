"""Captured requests and answers as a table, joined with their ground truth.

Source: the SageMaker developer guide, "Capture data" and "Ingest Ground Truth labels and merge them with predictions".
"""

from __future__ import annotations

import base64
import calendar
import csv
import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .table import Table, from_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .configuration import Settings

PROBABILITY = "probability"
_INPUTS = ("instances", "features", "inputs", "data", "rows")
_ANSWERS = ("predictions", "predicted_label", "prediction", "labels", "values", "outputs", "scores", "score")
_SCORES = ("probability", "probabilities", "score", "scores")

Row = dict[str, Any]


def read(folder: Path, settings: Settings, known: Sequence[str], truths: Path | None = None) -> Table:
    """Read all lines below a folder.

    Args:
        folder: with `*.jsonl` in any depth.
        settings: names of columns.
        known: the features' names in the baseline, in order.
        truths: a folder with ground truth, if there is one.

    Raises:
        ValueError: a line isn't as data capture writes it.
    """
    labels = _truths(truths) if truths else {}
    names = settings.features or [name for name in known if name not in (settings.label, settings.prediction)]
    rows: list[Row] = []
    for record in _recent(list(_lines(folder)), settings.window_hours):
        rows += _rows(record, names, settings, labels)
    return from_rows(rows, names, settings.label)


def _recent(records: list[Row], hours: float) -> list[Row]:
    """Return the records of the last hours before the newest; one without a time is always among them."""
    moments = [_moment(record) for record in records]
    newest = max((moment for moment in moments if moment is not None), default=0.0)
    return [
        record
        for record, moment in zip(records, moments)  # noqa: B905 - strict= needs Python 3.10
        if moment is None or moment > newest - hours * 3600
    ]


def _moment(record: Row) -> float | None:
    """Return the seconds since the epoch at which a record was captured."""
    text = str((record.get("eventMetadata") or {}).get("inferenceTime", ""))
    try:
        return float(calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")))
    except ValueError:
        return None


def _rows(record: Row, names: Sequence[str], settings: Settings, labels: dict[str, Any]) -> list[Row]:
    sides = record.get("captureData") or {}
    given = _inputs(_content(sides.get("endpointInput")), names)
    answers = _answers(_content(sides.get("endpointOutput")), settings, len(given))
    truth = _truth_of(record.get("eventMetadata") or {}, labels)
    rows = []
    for number in range(max(len(given), len(answers))):
        row = dict(given[number]) if number < len(given) else {}
        if number < len(answers):
            row.update(answers[number])
        if truth is not None:
            row[settings.label] = truth[number] if isinstance(truth, list) and number < len(truth) else truth
        rows.append(row)
    return rows


def _lines(folder: Path) -> Iterator[Row]:
    for path in sorted(folder.rglob("*.jsonl")):
        with path.open(encoding="utf-8") as file:
            for number, text in enumerate(file, 1):
                if not text.strip():
                    continue
                try:
                    record = json.loads(text)
                except ValueError as error:
                    raise ValueError(f"{path}, line {number}, is no JSON: {error}") from error
                if not isinstance(record, dict):
                    raise ValueError(f"{path}, line {number}, is no JSON object")
                yield record


def _content(side: Row | None) -> Any:
    """Return what one side of a record holds: parsed JSON, or the rows of a CSV as lists of texts."""
    if not side:
        return None
    data, encoding = side.get("data", ""), side.get("encoding", "CSV")
    kind = str(side.get("observedContentType", "")).split(";")[0]
    if encoding == "BASE64":
        data = base64.b64decode(data).decode("utf-8", errors="replace")
        encoding = "JSON" if kind.endswith("json") else "CSV"
    if encoding == "JSON":
        try:
            return json.loads(data)
        except ValueError:
            lines = [text for text in data.splitlines() if text.strip()]
            return [json.loads(text) for text in lines]  # JSON lines
    return [row for row in csv.reader(data.splitlines()) if row]


def _inputs(content: Any, names: Sequence[str]) -> list[Row]:
    """Return the features of each row of a request."""
    if isinstance(content, dict):
        if "columns" in content and "data" in content:  # pandas' split orientation
            return [_named(row, content["columns"]) for row in content["data"]]
        if isinstance(content.get("dataframe_split"), dict):
            return _inputs(content["dataframe_split"], names)
        for key in _INPUTS:
            if isinstance(content.get(key), (list, dict)):
                return _inputs(content[key], names)
        return [content]
    if isinstance(content, list):
        if content and not isinstance(content[0], (list, dict)):
            return [_named(content, names)]
        return [row for item in content for row in _inputs(item, names)]
    return []


def _named(values: Sequence[Any], names: Sequence[str]) -> Row:
    return {(str(names[place]) if place < len(names) else f"_c{place}"): value for place, value in enumerate(values)}


def _answers(content: Any, settings: Settings, count: int) -> list[Row]:
    """Return the prediction of each row of an answer."""
    for key in settings.prediction_path:
        content = content[key] if isinstance(content, dict) and key in content else content
    if isinstance(content, dict):
        scores = next((content[key] for key in _SCORES if isinstance(content.get(key), list)), None)
        found = next((content[key] for key in (settings.prediction, *_ANSWERS) if key in content), None)
        rows = _answers(found, settings, count)
        if scores is not None and len(scores) == len(rows):
            rows = [{PROBABILITY: _positive(score), **row} for row, score in zip(rows, scores)]  # noqa: B905
        return rows
    if not isinstance(content, list):
        return [] if content is None else [_answer(content, settings)]
    if len(content) == 1 and isinstance(content[0], list) and count > 1 and len(content[0]) == count:
        content = content[0]  # all predictions in one line of CSV
    return [_answer(item, settings) for item in content]


def _answer(item: Any, settings: Settings) -> Row:
    if isinstance(item, dict):
        label = next((item[key] for key in (settings.prediction, *_ANSWERS) if key in item), None)
        score = next((item[key] for key in _SCORES if key in item), None)
        row = {settings.prediction: label if label is not None else score}
        return {**row, PROBABILITY: _positive(score)} if score is not None else row
    if isinstance(item, list):  # several values: the class and its probability, or the class alone
        row = {settings.prediction: item[0] if item else None}
        return {**row, PROBABILITY: item[1]} if len(item) > 1 else row
    return {settings.prediction: item}


def _positive(score: Any) -> Any:
    """Return the probability of the positive class, which is the last of all classes'."""
    return score[-1] if isinstance(score, list) and score else score


def _truths(folder: Path) -> dict[str, Any]:
    """Return labels by eventId or inferenceId; the newest line of an id holds."""
    found = {}
    for record in _lines(folder):
        data = record.get("groundTruthData") or {}
        identity = (record.get("eventMetadata") or {}).get("eventId")
        if identity is None:
            continue
        value = data.get("data")
        if data.get("encoding") == "JSON" and isinstance(value, str):
            value = json.loads(value)
        elif isinstance(value, str) and "," in value:
            value = next(csv.reader([value]))
        found[str(identity)] = value
    return found


def _truth_of(metadata: Row, labels: dict[str, Any]) -> Any:
    """Return a record's label; what the caller named it by wins over AWS's own id."""
    for key in ("inferenceId", "eventId"):
        if metadata.get(key) is not None and str(metadata[key]) in labels:
            return labels[str(metadata[key])]
    return None
