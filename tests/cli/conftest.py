"""A command line with a home of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typist import Typist


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Typist]:
    made = Typist(tmp_path / "home")
    yield made
    made.type("cloud", "stop")
