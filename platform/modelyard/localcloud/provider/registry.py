"""Resource types and functions, found by their token: a file's place is its registration."""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.schema import snake_case

_PACKAGE = __name__.rpartition(".")[0]


@lru_cache(maxsize=256)
def resource_type(token: str) -> ResourceType:
    """Return the type of a token such as `aws:s3/bucketVersioning:BucketVersioning`.

    Raises:
        ProviderError: the local cloud has no such type yet.
    """
    module = _load(token, "")
    if module is None:
        raise ProviderError(f"the local cloud has no resource type {token}", hint=f"add {_path(token, '')}")
    resource = module.RESOURCE
    assert isinstance(resource, ResourceType)  # noqa: S101 - narrows the type
    return resource


@lru_cache(maxsize=64)
def function(token: str) -> ModuleType:
    """Return the module of a function such as `aws:iam/getPolicyDocument:getPolicyDocument`; it has a `call`.

    Raises:
        ProviderError: the local cloud has no such function yet.
    """
    module = _load(token, "functions")
    if module is None:
        raise ProviderError(f"the local cloud has no function {token}", hint=f"add {_path(token, 'functions')}")
    return module


def resource_types() -> Iterator[ResourceType]:
    """Return all types there are, service by service."""
    root = Path(__file__).parent
    for service in sorted(folder.name for folder in root.iterdir() if (folder / "__init__.py").is_file()):
        if service == "functions":
            continue
        for found in sorted(pkgutil.iter_modules([str(root / service)]), key=lambda module: module.name):
            module = importlib.import_module(f"{_PACKAGE}.{service}.{found.name}")
            if hasattr(module, "RESOURCE"):
                yield module.RESOURCE


def _parts(token: str, folder: str) -> list[str]:
    pieces = token.split(":")
    if len(pieces) != 3 or "/" not in pieces[1]:
        raise ProviderError(f"{token} is not a token of the aws provider", hint="check the resource's type")
    service, _, path = pieces[1].partition("/")
    return [part for part in (folder, service, snake_case(path)) if part]


def _path(token: str, folder: str) -> str:
    return f"platform/modelyard/localcloud/provider/{'/'.join(_parts(token, folder))}.py"


def _load(token: str, folder: str) -> ModuleType | None:
    *packages, name = _parts(token, folder)
    parent = ".".join([_PACKAGE, *packages])
    if not (Path(__file__).parent.joinpath(*packages, f"{name}.py")).is_file() or find_spec(parent) is None:
        return None
    return importlib.import_module(f"{parent}.{name}")
