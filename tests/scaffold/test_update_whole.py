"""With the real templates: an untouched repository whose answers change becomes what a new one is."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelyard.scaffold import bake, kinds, providers
from modelyard.scaffold.updating import update

pytestmark = pytest.mark.slow

OPTIONS = [
    {"data_versioning": "dvc", "tracking": "mlflow", "feature_store": "feast", "serving": "batch"},
    {"tracking": "wandb", "feature_store": "sagemaker", "serving": "serverless", "python_version": "3.13"},
    {"tracking": "comet", "rollout": "canary", "owner": "somebody else", "region": "eu-central-1"},
]


@pytest.mark.parametrize("number", range(6))
def test_it_becomes_what_a_new_one_is(tmp_path: Path, listing: Callable[[Path], Any], number: int):
    kind, ci = kinds()[number % len(kinds())], providers()[number % len(providers())]
    answers = {"ci": ci, "description": "One model", **OPTIONS[number % len(OPTIONS)]}
    folder = bake("sklearn", "churn", tmp_path / "old", {"description": "One model"})
    for words in (["init", "-q"], ["add", "--all"], ["commit", "-q", "-m", "first"]):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
        subprocess.run(["git", *identity, *words], cwd=folder, check=True)
    with update(folder, {**answers, "kind": kind}) as found:
        assert found.merge.conflicts == ()
        found.apply()
    (folder / ".git").rename(tmp_path / "history")
    assert listing(folder) == listing(bake(kind, "churn", tmp_path / "new", answers))
