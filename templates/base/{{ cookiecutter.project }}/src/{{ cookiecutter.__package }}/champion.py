"""The model in use, beside a candidate: both measured on the same held-out data."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How a candidate does beside the champion.

    Attributes:
        metric: what is compared.
        candidate: the candidate's value.
        champion: the champion's value on the same data; nothing while there is no champion to compare with.
        version: the champion's version; 0 without one.
        less_is_better: does the metric measure an error?
        metrics: all of the champion's metrics.
    """

    metric: str
    candidate: float
    champion: float | None = None
    version: int = 0
    less_is_better: bool = False
    metrics: dict[str, float] | None = None

    @property
    def gain(self) -> float:
        """Above 0 where the candidate is better; 0 without a champion."""
        if self.champion is None:
            return 0.0
        return self.champion - self.candidate if self.less_is_better else self.candidate - self.champion

    def evaluation(self, section: str, measured: Mapping[str, Any], data: str) -> dict[str, Any]:
        """Return the content of `evaluation.json`; modelyard's gate before an approval reads it.

        Args:
            section: the name of the metrics' section.
            measured: the candidate's metrics, each with its value and its deviation.
            data: the digest of the held-out data.
        """
        comparison: dict[str, Any] = {"candidate": self.candidate, "gain": self.gain}
        shown: dict[str, Any] = {
            section: dict(measured),
            "gate": {"metric": self.metric, "higher_is_better": not self.less_is_better},
            "dataset": {"digest": data},
            "comparison": comparison,
        }
        if self.champion is not None and self.metrics is not None:
            comparison["champion"] = self.champion
            theirs = {name: {"value": value} for name, value in self.metrics.items()}
            shown["champion"] = {"version": self.version, section: theirs}
        return shown


def digest(folder: Path) -> str:
    """Return what tells a folder's CSV files from any others: their content."""
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.csv")):
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]
