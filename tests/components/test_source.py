"""A source archive's bytes depend on the code alone."""

import io
import os
import tarfile

import pytest

from modelyard.components.model_service.source import pack


def test_the_same_code_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        folder = tmp_path / name / "churn"
        (folder / "__pycache__").mkdir(parents=True)
        (folder / "train.py").write_text("print(1)\n")
        (folder / "__pycache__" / "train.cpython-311.pyc").write_text(name)
    os.utime(tmp_path / "two" / "churn" / "train.py", (1, 1))
    (tmp_path / "two" / "churn" / "train.py").chmod(0o755)
    one, two = pack(tmp_path / "one"), pack(tmp_path / "two")
    assert one == two
    with tarfile.open(fileobj=io.BytesIO(one.content)) as archive:
        assert archive.getnames() == ["churn/train.py"]
    (tmp_path / "two" / "churn" / "train.py").write_text("print(2)\n")
    assert pack(tmp_path / "two").digest != one.digest


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        pack(tmp_path / "nowhere")
