"""The settings' JSON Schema says of a document what modelyard says of it."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field, StringConstraints

from modelyard.settings import effective, files
from modelyard.settings.environment import EnvironmentSettings
from modelyard.settings.model import ModelSettings
from modelyard.settings.schema import DIALECT, document, rows

ENVIRONMENTS = Path(__file__).resolve().parents[2] / "stacks" / "environments"
KINDS = {"platform": EnvironmentSettings, "model": ModelSettings}


class Inner(BaseModel):
    """A part."""

    size: int = Field(1, ge=1, description="How large.")


class Sample(BaseModel):
    """All shapes that settings have."""

    name: str = Field(description="Whose.")
    mode: str | None = Field(None, description="How.")
    parts: dict[str, Inner] = Field(default_factory=dict, description="By name.")
    named: dict[Annotated[str, StringConstraints(pattern="^[a-z]+$")], Inner | int] = Field(
        default_factory=dict, description="By a name that not every text is."
    )
    day: date | None = Field(None, description="When.")
    single: Inner = Field(default_factory=Inner)
    maybe: Inner | None = Field(None, description="If any.")
    several: list[Inner] = Field(default_factory=list, description="In order.")


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_is_valid(kind):
    schema = document(KINDS[kind], kind)
    assert (schema["$schema"], schema["title"]) == (DIALECT, kind)
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", files.environments(ENVIRONMENTS))
def test_shipped_environments_fit_the_schema(name):
    given = yaml.safe_load((ENVIRONMENTS / f"{name}.yaml").read_text())
    validator = Draft202012Validator(document(EnvironmentSettings, ""))
    assert [error.message for error in validator.iter_errors(given)] == []
    assert [error.validator for error in validator.iter_errors({**given, "zonse": 2})] == ["additionalProperties"]


def test_every_setting_is_described():
    for kind in KINDS.values():
        assert [row.path for row in rows(document(kind, "")) if not row.meaning] == []


def test_rows_name_each_shape():
    found = {row.path: (row.default, row.values) for row in rows(document(Sample, ""))}
    assert found == {
        "name": ("required", "text"),
        "mode": ("", "text or nothing"),
        "parts": ("", "`name: settings`"),
        "parts.<name>.size": ("1", "whole number, at least 1"),
        "named": ("", "`name: settings or whole number`"),
        "named.<name>.size": ("1", "whole number, at least 1"),
        "day": ("", "text, a day such as `2030-12-31` or nothing"),
        "single.size": ("1", "whole number, at least 1"),
        "maybe": ("", "settings or nothing"),
        "maybe.size": ("1", "whole number, at least 1"),
        "several": ("", "list of settings"),
        "several[].size": ("1", "whole number, at least 1"),
    }


def test_effective_values_can_be_read_back_and_tell_defaults():
    given = {"name": "null", "parts": {"a": {"size": 2}, "b": {}}, "several": [{"size": 3}]}
    settings = Sample.model_validate(given)
    text = effective.as_yaml(settings)
    assert yaml.safe_load(text) == json.loads(settings.model_dump_json())
    assert [line for line in text.splitlines() if effective.MARK in line] == [
        "mode: null  # default",
        "    size: 1  # default",
        "named: {}  # default",
        "day: null  # default",
        "  size: 1  # default",
        "maybe: null  # default",
    ]
    assert effective.defaults(settings) == ["mode", "parts.b.size", "named", "day", "single.size", "maybe"]
