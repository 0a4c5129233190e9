"""The features of {{ cookiecutter.project }}, as Feast knows them: one view of all that the model takes."""

import os
import sys
from datetime import timedelta
from pathlib import Path

# Feast runs this file where the package need not be installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from feast import Entity, FeatureView, Field, FileSource
from feast.types import Float64
from feast.value_type import ValueType

from {{ cookiecutter.__package }}.feast_source import ENTITY, PARQUET, TIME, names

row = Entity(name=ENTITY, join_keys=[ENTITY], value_type=ValueType.STRING)

source = FileSource(
    path=f"{os.environ['FEAST_ROOT']}/{PARQUET}",
    timestamp_field=TIME,
    s3_endpoint_override=os.environ.get("AWS_ENDPOINT_URL", ""),
)

features = FeatureView(
    name="features",
    entities=[row],
    ttl=timedelta(days=365),
    schema=[Field(name=name, dtype=Float64) for name in names()],
    source=source,
)
