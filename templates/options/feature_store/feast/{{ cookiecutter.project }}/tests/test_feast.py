"""Features go through Feast: what is written is read online and as of a time, in the model's order."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
OUTPUTS = {
    "artifact_bucket": "a-bucket",
    "artifact_prefix": "models/m/dev",
    "model_package_group": "m-dev-models",
    "region": "eu-central-1",
}
{%- if cookiecutter.kind == "recommender" %}
COUNTED = {"user_ratings": "user_id", "movie_ratings": "movie_id"}
{%- endif %}
READ = """
import json, sys
from datetime import datetime, timezone
import pandas as pd
from feast import FeatureStore
store, asked = FeatureStore(repo_path=sys.argv[1]), pd.DataFrame(json.loads(sys.argv[2]))
asked["event_timestamp"] = pd.to_datetime(asked["event_timestamp"])
wanted = json.loads(sys.argv[3])
store.materialize(datetime(1970, 1, 1, tzinfo=timezone.utc), datetime.now(timezone.utc))
rows = asked.drop(columns="event_timestamp").to_dict("records")
online = store.get_online_features(features=wanted, entity_rows=rows).to_df()
past = store.get_historical_features(entity_df=asked, features=wanted).to_df()
keys = list(asked.columns)
past = asked.merge(past, on=keys, how="left")
features = [name.partition(":")[2] for name in wanted]
print(json.dumps([found[features].astype(float).values.tolist() for found in (online, past)]))
"""


def tool() -> Any:
    specification = importlib.util.spec_from_file_location("feast_environment", ROOT / "tools" / "feast_environment.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_all_of_it_comes_from_the_platforms_outputs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert tool().variables(OUTPUTS) == {
        "FEAST_ROOT": "s3://a-bucket/models/m/dev/feast",
        "FEAST_TABLES": "m-dev-models",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "FEAST_USAGE": "False",
        "FEAST_S3_ENDPOINT_URL": "http://127.0.0.1:1",
    }


def test_what_is_written_is_read_online_and_as_of_a_time(tmp_path: Path):
    pytest.importorskip("feast", reason="the feature store needs pip install -r requirements/features.txt")
    from {{ cookiecutter.__package }} import feast_source

    repository = tmp_path / "feature_repo"
    shutil.copytree(ROOT / "feature_repo", repository)
    text = (repository / "feature_store.yaml").read_text(encoding="utf-8")
    # The same repository with a store of its own in place of DynamoDB, which only a cloud has.
    online = text.index("online_store:")
    local = f"online_store:\n  type: sqlite\n  path: {tmp_path}/online.db\nentity_key_serialization_version: 3\n"
    text = text[:online].replace("provider: aws", "provider: local") + local
    (repository / "feature_store.yaml").write_text(text, encoding="utf-8")
    environment = {**os.environ, "FEAST_ROOT": str(tmp_path), "PYTHONPATH": str(ROOT / "src"), "FEAST_USAGE": "False"}
    feast_source.main(str(tmp_path))

    def run(*words: str) -> str:
        return subprocess.run(words, env=environment, check=True, capture_output=True, text=True).stdout

    run(sys.executable, "-m", "feast.cli.cli", "--chdir", str(repository), "apply")
    asked, newest, past = expected()
    wanted = [f"{view}:{name}" for view in feast_source.KEYS for name in feast_source.names(view)]
    given = (str(repository), json.dumps(asked), json.dumps(wanted))
    found = json.loads(run(sys.executable, "-c", READ, *given).splitlines()[-1])
    assert found == [[pytest.approx(row) for row in newest], [pytest.approx(row) for row in past]]


{% if cookiecutter.kind == "recommender" -%}
def expected() -> tuple[list[dict[str, Any]], list[list[float]], list[list[float]]]:
    """Return the first and the last rating, what is known of both by now, and what the model learnt of them."""
    from {{ cookiecutter.__package }}.data import load
    from {{ cookiecutter.__package }}.features import engineer
    from {{ cookiecutter.__package }}.process import GENRES

    data = load()
    columns = ["user_ratings", "year", *GENRES, "movie_ratings"]
    made, places = engineer(data), [0, len(data) - 1]
    now = made.assign(**{name: data.groupby(key)[key].transform("count") for name, key in COUNTED.items()})
    asked = [
        {"user_id": int(it.user_id), "movie_id": int(it.movie_id), "event_timestamp": f"{it.rated_at.isoformat()}Z"}
        for it in data.iloc[places].itertuples()
    ]
    return asked, now.iloc[places][columns].to_numpy().tolist(), made.iloc[places][columns].to_numpy().tolist()
{%- else -%}
def expected() -> tuple[list[dict[str, Any]], list[list[float]], list[list[float]]]:
    """Return two rows to ask for now, and what is found of them: there is one time only."""
    from {{ cookiecutter.__package }} import feast_source

    now = feast_source.datetime.now(feast_source.UTC)
    asked = [{"row_id": row, "event_timestamp": now.isoformat()} for row in "13"]
    frame = feast_source.frames(now)["features"]
    rows = frame[feast_source.names("features")].iloc[[1, 3]].to_numpy().tolist()
    return asked, rows, rows
{%- endif %}
