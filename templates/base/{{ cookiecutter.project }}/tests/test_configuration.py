"""Settings are typed: what doesn't fit is refused by name."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from {{ cookiecutter.__package }} import settings
from {{ cookiecutter.__package }}.configuration import SettingsError, build

TEXT = Path(settings.__file__).with_name("settings.toml").read_text(encoding="utf-8")


def changed(section: str, name: str, value: Any) -> settings.Settings:
    document = tomllib.loads(TEXT)
    document[section] = document[section] | {name: value}
    return build(settings.Settings, document, "settings.toml")


def test_the_file_is_what_the_code_reads():
    assert build(settings.Settings, tomllib.loads(TEXT), "settings.toml") == settings.SETTINGS
    assert settings.SETTINGS.threshold in settings.SETTINGS.parameters
    assert not [name for name in settings.SETTINGS.hyperparameters if name.endswith("_threshold")]


@pytest.mark.parametrize(
    ("section", "name", "value", "message"),
    [
        ("quality", "metrik", "x", "there is no setting metrik; there is problem, metric"),
        ("quality", "problem", "clustering", "'clustering', not one of: binary, multiclass, regression, forecast"),
        ("quality", "folds", "5", "quality: folds is '5', not of type int"),
        ("quality", "folds", True, "quality: folds is True, not of type int"),
        ("data", "labels", "y", "data: labels is 'y', not of type list"),
        ("data", "test_share", "0.2", "data: test_share is '0.2', not of type float"),
        ("quality", "metric", "nothing", "parameters.nothing_threshold is missing"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(section: str, name: str, value: Any, message: str):
    with pytest.raises(SettingsError, match=message):
        changed(section, name, value)


def test_what_is_missing_is_told():
    document = tomllib.loads(TEXT)
    del document["quality"]["problem"]
    with pytest.raises(SettingsError, match=r"settings.toml: quality: problem is missing"):
        build(settings.Settings, document, "settings.toml")
