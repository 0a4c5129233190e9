"""Requests that are answered again after a kill make the same identifiers."""

from collections.abc import Iterator

import pytest
from moto.core.base_backend import AccountSpecificBackend
from moto.iam.models import iam_backends
from moto.moto_api._internal import mock_random

from modelyard.localcloud.state import requests


@pytest.fixture(autouse=True)
def seeded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Moto as the cloud has it, and as it was."""
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    kind, finds = mock_random.__class__, AccountSpecificBackend.__getitem__
    requests.install()
    yield
    mock_random.__class__ = kind
    AccountSpecificBackend.__getitem__ = finds


def test_what_moto_makes_on_the_way_takes_no_number_of_the_request() -> None:
    # In the killed process another request had made this backend; in the one that replays, this one does.
    kept = requests.keep({}, b"")
    before = mock_random.uuid4()
    again = []

    def answer(*_: object) -> None:
        assert len(iam_backends["111122223333"]["aws"].aws_managed_policies) > 0
        again.append(mock_random.uuid4())

    assert requests.replay(iter([kept]), answer) == 1
    assert again == [before]
