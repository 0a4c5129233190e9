"""Writes moto's objects to bytes and back: dill, and what dill can't do by itself."""

import io
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import dill
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from moto.backends import get_backend
from moto.core.base_backend import BackendDict
from moto.iam.models import AWSManagedPolicy, iam_backends

BackendKey = tuple[str, str, str]
_LOCKS = (type(threading.Lock()), type(threading.RLock()))


def load_private_key(pem: bytes) -> Any:
    """Return the key that a PEM without a password holds."""
    return load_pem_private_key(pem, password=None)


def load_certificate(pem: bytes) -> x509.Certificate:
    """Return the certificate that a PEM holds."""
    return x509.load_pem_x509_certificate(pem)


def weak_values(items: dict[Any, Any]) -> "weakref.WeakValueDictionary[Any, Any]":
    """Return a dictionary that does not keep its values."""
    return weakref.WeakValueDictionary(items)


def blank_default_dict(kind: type[defaultdict[Any, Any]], factory: Callable[[], Any] | None) -> Any:
    """Return an empty one without calling its own constructor, which takes what only moto knows."""
    made = kind.__new__(kind)
    made.default_factory = factory
    return made


def service_backends(service: str) -> BackendDict[Any]:
    """Return moto's table of the backends of one service."""
    find: Any = get_backend
    table: BackendDict[Any] = find(service)
    return table


def used_services() -> list[BackendDict[Any]]:
    """Return moto's tables of all services that were asked for anything."""
    kind: Any = BackendDict
    return list(kind._instances)


def _private_key(key: Any) -> Any:
    return load_private_key, (key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),)


def _default_dict(value: defaultdict[Any, Any]) -> Any:
    if type(value) is defaultdict:
        return NotImplemented
    return blank_default_dict, (type(value), value.default_factory), vars(value), None, iter(value.items())


_REDUCERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    ((RSAPrivateKey, EllipticCurvePrivateKey), _private_key),
    (x509.Certificate, lambda value: (load_certificate, (value.public_bytes(Encoding.PEM),))),
    (weakref.WeakValueDictionary, lambda value: (weak_values, (dict(value),))),
    (BackendDict, lambda value: (service_backends, (value.service_name,))),
    (threading.Event, lambda _: (threading.Event, ())),
    (_LOCKS[0], lambda _: (threading.Lock, ())),
    (_LOCKS[1], lambda _: (threading.RLock, ())),
    (defaultdict, _default_dict),
)


class Pickler(dill.Pickler):  # type: ignore[misc]  # dill carries no types
    """dill, which also takes keys and locks, names other backends, and leaves out what AWS itself defines.

    Args:
        file: where to write.
        backends: the key of every backend, by its `id()`.
    """

    def __init__(self, file: io.BytesIO, backends: Mapping[int, BackendKey]) -> None:
        super().__init__(file)
        self._backends = backends

    def reducer_override(self, value: Any) -> Any:
        """Say how a value that dill can't write is made again."""
        for kinds, reduce in _REDUCERS:
            if isinstance(value, kinds):
                return reduce(value)
        return NotImplemented

    def persistent_id(self, value: Any) -> Any:
        """Name a backend, or one of AWS's managed policies, instead of writing it."""
        if type(value) is AWSManagedPolicy:
            return "policy", value.account_id, value.arn, value.attachment_count
        if id(value) in self._backends:
            return "backend", *self._backends[id(value)]
        return None


class Unpickler(dill.Unpickler):  # type: ignore[misc]  # dill carries no types
    """The other way round."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self._policies: dict[str, dict[str, Any]] = {}

    def persistent_load(self, pid: Any) -> Any:
        """Return the backend, or the managed policy with its number of attachments."""
        if pid[0] == "backend":
            return service_backends(pid[1])[pid[2]][pid[3]]
        _, account, arn, attachments = pid
        if account not in self._policies:
            self._policies[account] = {p.arn: p for p in iam_backends[account]["aws"].aws_managed_policies}
        policy = self._policies[account][arn]
        policy.attachment_count = attachments
        return policy


def dumps(value: Any, backends: Mapping[int, BackendKey]) -> bytes:
    """Write a value; `backends` gives the key of every backend, by its `id()`."""
    file = io.BytesIO()
    Pickler(file, backends).dump(value)
    return file.getvalue()


def loads(content: bytes) -> Any:
    """Read a value that `dumps` wrote."""
    return Unpickler(io.BytesIO(content)).load()
