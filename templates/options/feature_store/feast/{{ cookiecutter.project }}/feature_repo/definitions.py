{%- if cookiecutter.kind == "recommender" -%}
"""The features of {{ cookiecutter.project }}, as Feast knows them: what is known of a user, and of a movie."""
{%- else -%}
"""The features of {{ cookiecutter.project }}, as Feast knows them: one view of all that the model takes."""
{%- endif %}

import os
import sys
from datetime import timedelta
from pathlib import Path

# Feast runs this file where the package need not be installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from feast import Entity, FeatureView, Field, FileSource
from feast.types import Float64
from feast.value_type import ValueType

from {{ cookiecutter.__package }}.feast_source import KEYS, TIME, names


def view(name: str, entity: Entity) -> FeatureView:
    """Return the view of a Parquet file; its features are true until there are others."""
    source = FileSource(
        path=f"{os.environ['FEAST_ROOT']}/{name}.parquet",
        timestamp_field=TIME,
        s3_endpoint_override=os.environ.get("AWS_ENDPOINT_URL", ""),
    )
    schema = [Field(name=it, dtype=Float64) for it in names(name)]
    return FeatureView(name=name, entities=[entity], ttl=timedelta(0), schema=schema, source=source)


{% if cookiecutter.kind == "recommender" -%}
user = Entity(name="user", join_keys=[KEYS["users"]], value_type=ValueType.INT64)
movie = Entity(name="movie", join_keys=[KEYS["movies"]], value_type=ValueType.INT64)
users, movies = view("users", user), view("movies", movie)
{%- else -%}
row = Entity(name="row", join_keys=[KEYS["features"]], value_type=ValueType.STRING)
features = view("features", row)
{%- endif %}
