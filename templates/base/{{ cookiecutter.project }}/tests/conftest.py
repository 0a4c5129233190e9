"""What the tests share: the data set's splits, and a model trained on them, as a job leaves them."""

import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from {{ cookiecutter.__package }} import prepare


@dataclass(frozen=True, kw_only=True)
class Trained:
    """The folders of one training run."""

    splits: Path
    model: Path
    archive: Path


@pytest.fixture(scope="session")
def splits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepare the data once."""
    folder = tmp_path_factory.mktemp("splits")
    prepare.main(["--output", str(folder)])
    return folder


@pytest.fixture(scope="session")
def trained(splits: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Train a model once."""
    from {{ cookiecutter.__package }} import train

    folder = tmp_path_factory.mktemp("trained")
    model, archive = folder / "model", folder / "archive"
    folders = ["--train", str(splits / "train"), "--validation", str(splits / "validation")]
    train.main([*folders, "--model-dir", str(model), "--output-dir", str(folder / "output")])
    archive.mkdir()
    with tarfile.open(archive / "model.tar.gz", "w:gz") as tar:
        tar.add(model, arcname=".")
    return Trained(splits=splits, model=model, archive=archive)
