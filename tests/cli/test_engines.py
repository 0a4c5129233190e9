"""Which engine, which cloud, which resources: the options that go together, and those that don't."""

import pytest

from modelyard.cli.options import Cloud, DestroyChoices, EngineName, PreviewChoices, UpChoices, pattern
from modelyard.engine.base import Options
from modelyard.errors import UsageError

REFUSED = {
    "up --target aws": (
        "the embedded engine works on the local cloud only",
        "modelyard up --engine pulumi --target aws",
    ),
    "destroy --target aws": (
        "the embedded engine works on the local cloud only",
        "modelyard up --engine pulumi --target aws",
    ),
    "preview --engine pulumi --target aws --target local": (
        "--target names both local and aws",
        "name one: --target local",
    ),
    "up --backend s3://states": (
        "the embedded engine keeps its state in a folder, not at s3://states",
        "add --engine pulumi, or name a folder: --backend file://...",
    ),
    "outputs --secrets-provider awskms://alias/x": (
        "the embedded engine encrypts secrets with a passphrase, not with awskms://alias/x",
        "add --engine pulumi, or leave --secrets-provider out",
    ),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_does_not_go_together_is_refused(yard, words):
    message, hint = REFUSED[words]
    assert yard.refused(2, *words.split()) == f"error: {message}\n  -> {hint}\n"
    assert not (yard.home / "cloud").exists()


def test_an_unknown_engine_is_refused(yard):
    assert "'terraform' is not one of 'embedded', 'pulumi'" in yard.refused(2, "up", "--engine", "terraform")


def test_no_cli_no_pulumi_engine(yard, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    said = yard.refused(1, "up", "--engine", "pulumi", "--target", "aws")
    assert said.startswith("error: the Pulumi CLI is not installed: there is no 'pulumi' on the PATH\n  -> ")
    assert "https://www.pulumi.com/docs/install/" in said
    assert not (yard.home / "cloud").exists()


@pytest.mark.parametrize(
    ("given", "cloud", "targets"),
    [
        (None, Cloud.LOCAL, ()),
        (["local"], Cloud.LOCAL, ()),
        (["aws"], Cloud.AWS, ()),
        (["aws", "bucket"], Cloud.AWS, ("**::bucket",)),
        (["urn:pulumi:dev::p::t::n", "**::x-*"], Cloud.LOCAL, ("urn:pulumi:dev::p::t::n", "**::x-*")),
    ],
)
def test_target_says_where_or_what(given, cloud, targets):
    choices = UpChoices(target=given, engine=EngineName.PULUMI)
    assert (choices.cloud, choices.targets) == (cloud, targets)


def test_options_are_what_the_engine_is_told():
    choices = UpChoices(
        target=["a"],
        target_dependents=True,
        replace=["b", "urn:x::y"],
        continue_on_error=True,
        refresh=True,
        parallel=2,
        message="m",
    )
    assert choices.options() == Options(
        targets=("**::a",),
        target_dependents=True,
        replace=("**::b", "urn:x::y"),
        continue_on_error=True,
        refresh=True,
        parallel=2,
        message="m",
    )
    assert PreviewChoices().options() == UpChoices().options() == DestroyChoices().options() == Options()


def test_the_clis_own_variable_names_the_backend_only_for_it(monkeypatch):
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://theirs")
    assert UpChoices().backend == ""
    assert UpChoices(engine=EngineName.PULUMI).backend == "s3://theirs"
    assert UpChoices(engine=EngineName.PULUMI, backend="file:///x").backend == "file:///x"


def test_a_name_means_every_resource_of_that_name():
    assert (pattern("net-*"), pattern("**::net")) == ("**::net-*", "**::net")


def test_two_clouds_are_one_too_many():
    with pytest.raises(UsageError, match="names both"):
        UpChoices(target=["local", "aws"], engine=EngineName.PULUMI).cloud  # noqa: B018 - it is asked for
