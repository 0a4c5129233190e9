"""The dashboard is code, and asks for metrics that there are."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("grafana_foundation_sdk", reason="the dashboard needs pip install -r requirements/kind.txt")

ROOT = Path(__file__).resolve().parents[1]


def test_each_panel_asks_for_a_metric_that_is_written():
    command = [sys.executable, "-m", "dashboards.quality"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    made = json.loads(done.stdout)
    queries = {panel["title"]: panel["targets"][0]["expr"] for panel in made["panels"]}
    assert len(queries) == 4
    asked = {name for query in queries.values() for name in re.findall(r"recommender_\w+", query)}
    source = ROOT / "src" / "{{ cookiecutter.__package }}"
    written = (source / "model.py").read_text(encoding="utf-8") + (source / "exposition.py").read_text(encoding="utf-8")
    for name in asked:
        base = re.sub(r"_(total|sum|count|bucket)$", "", name)
        assert base in written or base.startswith("recommender_evaluation_")
