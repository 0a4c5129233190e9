"""What the tests share: the data set's splits, and a model trained on them, as a job leaves them."""

import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from {{ cookiecutter.__package }} import prepare, train


@dataclass(frozen=True, kw_only=True)
class Trained:
    """The folders of one training run."""

    splits: Path
    model: Path
    archive: Path


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Prepare the data and train a model once."""
    folder = tmp_path_factory.mktemp("trained")
    splits, model, archive = folder / "splits", folder / "model", folder / "archive"
    prepare.main(["--output", str(splits)])
    folders = ["--train", str(splits / "train"), "--validation", str(splits / "validation")]
    train.main([*folders, "--model-dir", str(model)])
    archive.mkdir()
    with tarfile.open(archive / "model.tar.gz", "w:gz") as tar:
        tar.add(model, arcname=".")
    return Trained(splits=splits, model=model, archive=archive)
