"""Settings: every shipped environment is valid, and reading them needs nothing heavy."""

import subprocess
import sys
from pathlib import Path

import pytest

from modelyard.components.network.settings import NetworkSettings
from modelyard.errors import SettingsError
from modelyard.settings import files
from modelyard.settings.environment import EnvironmentSettings

ENVIRONMENTS = Path(__file__).resolve().parents[2] / "stacks" / "environments"


@pytest.mark.parametrize("name", files.environments(ENVIRONMENTS))
def test_shipped_environments_are_valid(name):
    settings = files.load(EnvironmentSettings, ENVIRONMENTS / f"{name}.yaml")
    assert settings.protect is (name == "prod")


def test_subnets_share_the_range_without_overlap():
    assert NetworkSettings(cidr="10.0.0.0/16", zones=3).subnet_cidrs() == [
        "10.0.0.0/18",
        "10.0.64.0/18",
        "10.0.128.0/18",
    ]


def test_settings_are_read_without_pulumi_boto3_and_moto():
    code = (
        "import sys; from modelyard.settings import environment, model, files\n"
        "sys.exit(any(name in sys.modules for name in ('pulumi', 'boto3', 'moto')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_empty_file_is_all_defaults(tmp_path):
    (tmp_path / "dev.yaml").write_text("")
    assert files.load(EnvironmentSettings, tmp_path / "dev.yaml") == EnvironmentSettings()


def test_all_problems_are_told_at_once(tmp_path):
    (tmp_path / "dev.yaml").write_text(
        "cost: {monthly_limit_usd: 0}\nregion: here\n"
        "feature_store: {groups: {g: {record_identifier: a, event_time: when, features: {a: String, b: String}}}}\n"
    )
    with pytest.raises(SettingsError) as caught:
        files.load(EnvironmentSettings, tmp_path / "dev.yaml")
    for problem in (
        "region:",
        "feature_store.groups.g:",
        "'when' is not among the features",
        "cost.monthly_limit_usd:",
    ):
        assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("expiry: 2030-02-30\n", "expiry: "),
        ("name: one\nname: two\n", "line 2: the key 'name' is there twice"),
        ("network: {zones: 2}\nnetwork: {zones: 3}\n", "line 2: the key 'network' is there twice"),
        ("[]\n", "it is a list, not settings"),
        ("cost: {usage: {stored_gib: .inf}}\n", "cost.usage.stored_gib: input should be a finite number"),
    ],
)
def test_what_is_no_valid_file_is_told(tmp_path, text, message):
    (tmp_path / "dev.yaml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        files.load(EnvironmentSettings, tmp_path / "dev.yaml")
    assert message in str(caught.value)
