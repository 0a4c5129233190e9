"""Requests that may change something in moto: kept before they are answered, and answered again after a crash.

The random numbers of a request come from a seed of its own, so that answering it again makes the same identifiers.
"""

import io
import logging
import random
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from wsgiref.types import WSGIEnvironment

import moto.kms.models
from moto.core.base_backend import AccountSpecificBackend
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.moto_random import MotoRandom

_SEED_BITS = 64
_KEY_BITS = 256
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """One request.

    Args:
        seed: of its random numbers.
        environ: the texts of its WSGI environment.
        body: its body.
    """

    seed: int
    environ: dict[str, str]
    body: bytes


class SeededRandom(MotoRandom):
    """moto's source of random numbers, with a state for each thread, so that requests side by side don't mix."""

    def random(self) -> float:
        """Return a number in [0, 1)."""
        return _source().random()

    def getrandbits(self, k: int, /) -> int:
        """Return a number of `k` bits."""
        return _source().getrandbits(k)


_here = threading.local()


def _source() -> random.Random:
    if not hasattr(_here, "source"):
        _here.source = random.Random()
    source: random.Random = _here.source
    return source


def install() -> None:
    """Give moto random numbers that can be seeded for each thread, for keys too."""
    source: Any = mock_random
    source.__class__ = SeededRandom
    models: Any = moto.kms.models
    # A key made again must still read what it has encrypted.
    models.generate_master_key = lambda: mock_random.getrandbits(_KEY_BITS).to_bytes(_KEY_BITS // 8, "little")
    table: Any = AccountSpecificBackend
    if table.__getitem__ is not _found:
        table.__getitem__ = _found


_moto_finds: Callable[[Any, str], Any] = AccountSpecificBackend.__getitem__


def _found(table: Any, region: str) -> Any:
    """Return a backend of moto's; one that is made now takes no random number of the request that happens to need it.

    Which request that is depends on what ran before in this process, and so would all identifiers that it makes.
    """
    if dict.__contains__(table, "aws" if region == "global" else region):
        return _moto_finds(table, region)
    before = _source()
    _here.source = random.Random(f"{table.service_name} {table.account_id} {region}")
    try:
        return _moto_finds(table, region)
    finally:
        _here.source = before


def keep(environ: WSGIEnvironment, body: bytes) -> Kept:
    """Return what is kept of a request, and seed this thread with it."""
    texts = {name: value for name, value in environ.items() if isinstance(value, str)}
    kept = Kept(secrets.randbits(_SEED_BITS), texts, body)
    _source().seed(kept.seed)
    return kept


def replay(requests: Iterator[Kept], answer: Callable[[WSGIEnvironment, bytes], Any]) -> int:
    """Answer requests again, each with its own random numbers.

    Args:
        requests: in their order.
        answer: what answered them.

    Returns:
        how many there were.
    """
    count = 0
    for kept in requests:
        count += 1
        environ: WSGIEnvironment = {
            **kept.environ,
            "wsgi.version": (1, 0),
            "wsgi.input": io.BytesIO(kept.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        _source().seed(kept.seed)
        try:
            answer(environ, kept.body)
        except Exception:  # noqa: BLE001  # what failed then fails again, and one request must not cost the others
            _log.exception("%s %s can't be answered again", environ.get("REQUEST_METHOD"), environ.get("PATH_INFO"))
    return count
