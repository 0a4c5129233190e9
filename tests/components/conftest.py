"""What all tests of components stand on."""

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def loop() -> Iterator[None]:
    """Give this thread the event loop that outputs need; other tests may have taken it away."""
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield
    asyncio.set_event_loop(asyncio.new_event_loop())
    made.close()
