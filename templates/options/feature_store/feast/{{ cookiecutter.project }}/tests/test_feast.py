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
READ = """
import json, sys
from datetime import datetime, timezone
import pandas as pd
from feast import FeatureStore
from {package}.feast_source import names
store = FeatureStore(repo_path=sys.argv[1])
store.materialize_incremental(end_date=datetime.now(timezone.utc))
wanted = ["features:" + name for name in names()]
online = store.get_online_features(features=wanted, entity_rows=[dict(row_id="1")]).to_dict()
asked = pd.DataFrame(dict(row_id=["1"], event_timestamp=[datetime.now(timezone.utc)]))
past = store.get_historical_features(entity_df=asked, features=wanted).to_df()
print(json.dumps([[online[name][0] for name in names()], past[names()].iloc[0].tolist()]))
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
    package = feast_source.__name__.partition(".")[0]
    environment = {**os.environ, "FEAST_ROOT": str(tmp_path), "PYTHONPATH": str(ROOT / "src"), "FEAST_USAGE": "False"}
    feast_source.main(str(tmp_path / feast_source.PARQUET))

    def run(*words: str) -> str:
        return subprocess.run(words, env=environment, check=True, capture_output=True, text=True).stdout

    run(sys.executable, "-m", "feast.cli.cli", "--chdir", str(repository), "apply")
    found = json.loads(run(sys.executable, "-c", READ.format(package=package), str(repository)).splitlines()[-1])
    row = feast_source.frame(feast_source.datetime.now())[feast_source.names()].iloc[1].tolist()
    assert found == [pytest.approx(row), pytest.approx(row)]
