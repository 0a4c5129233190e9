"""The metrics of an evaluation in Prometheus' text format, for a textfile collector or a push gateway.

python -m ... evaluation.json > evaluation.prom
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from {{ cookiecutter.__package }}.scores import SECTIONS
from {{ cookiecutter.__package }}.settings import SETTINGS

PREFIX = "recommender_evaluation_"


def text(evaluation: Mapping[str, Any]) -> str:
    """Return each metric of an evaluation as a gauge."""
    registry = CollectorRegistry()
    for name, metric in evaluation[SECTIONS[SETTINGS.quality.problem]].items():
        Gauge(f"{PREFIX}{name}", f"{name} on held-out ratings", registry=registry).set(metric["value"])
    return generate_latest(registry).decode()


if __name__ == "__main__":
    sys.stdout.write(text(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
