"""The shipped stacks on a cloud of their own."""

from collections.abc import Iterator

import pytest
from stacks.lab import Lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    made = Lab(tmp_path_factory.mktemp("lab"))
    yield made
    made.close()
