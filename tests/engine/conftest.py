"""A stack on the embedded engine, with a provider whose cloud is a dict."""

from pathlib import Path

import pytest
from engine.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
