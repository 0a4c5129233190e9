"""`modelyard settings`: the schema, and what counts in an environment."""

import json

import pytest
import yaml

from modelyard.settings.environment import EnvironmentSettings


def test_the_schema_is_that_of_the_platform_or_of_a_model(yard):
    platform, model = (json.loads(yard.ok("settings", "schema", *words)) for words in ([], ["--model"]))
    assert platform["title"] == "modelyard: an environment of the platform"
    assert set(platform["properties"]) == set(EnvironmentSettings.model_fields)
    assert {"platform", "service"} <= set(model["properties"])


def test_what_counts_in_prod(yard):
    text = yard.ok("settings", "show", "--env", "prod")
    assert "protect: true\n" in text
    assert "  rotation_period_days: 365  # default\n" in text
    document = json.loads(yard.ok("settings", "show", "--env", "prod", "--json"))
    assert document["env"] == "prod"
    assert document["settings"] == yaml.safe_load(text)
    assert "keys.rotation_period_days" in document["defaults"]
    assert "protect" not in document["defaults"]


@pytest.mark.parametrize("words", [["settings"], ["settings", "show"], ["settings", "schema"]])
def test_help(yard, words):
    assert yard.ok(*words, "--help").startswith("Usage: modelyard settings")


def test_an_unknown_environment(yard):
    said = yard.refused(2, "settings", "show", "--env", "porduction")
    assert "there is no environment 'porduction'" in said


@pytest.mark.parametrize("name", ["", "../prod", "PROD"])
def test_a_name_that_no_environment_can_have(yard, name):
    assert "is no name of an environment" in yard.refused(2, "settings", "show", "--env", name)
