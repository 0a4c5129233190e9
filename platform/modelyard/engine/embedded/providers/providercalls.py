"""Calls of a provider: what they carry, and how their failures read."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, resource_pb2, status_pb2

from modelyard import wire
from modelyard.engine.embedded.program.callbacks import details
from modelyard.engine.embedded.state.resource import Resource
from modelyard.errors import DeploymentError

_DETAILS = "grpc-status-details-bin"


class ProviderCallError(DeploymentError):
    """A provider refused or failed a call.

    Args:
        message: why.
        id: what was made all the same, if anything.
        properties: what is known of it.
        reasons: what kept it from being whole.
        hint: what to do next.
        unimplemented: whether the provider doesn't know the call.
    """

    def __init__(
        self,
        message: str,
        id: str = "",  # noqa: A002 - the protocol's word
        properties: wire.Props | None = None,
        *,
        reasons: tuple[str, ...] = (),
        hint: str = "",
        unimplemented: bool = False,
    ) -> None:
        super().__init__(message, hint=hint)
        self.id = id
        self.properties = properties or {}
        self.reasons = reasons or (message,)
        self.unimplemented = unimplemented


class InProcess:
    """A servicer of this process, called as the stub of one in another process is.

    Args:
        servicer: a `pulumirpc.ResourceProvider` servicer.
    """

    def __init__(self, servicer: Any) -> None:
        self._servicer = servicer

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a method; a servicer's own default says that it can't do that."""
        method = getattr(self._servicer, name)
        return lambda request, timeout=None: method(request, _Context())


class _Context:
    """What a servicer answers through when it has nothing to return."""

    def set_code(self, code: grpc.StatusCode) -> None:
        """Take what went wrong; an exception follows."""

    def set_details(self, details: str) -> None:
        """Take the words for it; an exception follows."""

    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        """End the call.

        Raises:
            ProviderCallError: always.
        """
        raise ProviderCallError(details, unimplemented=code is grpc.StatusCode.UNIMPLEMENTED)


def plain(props: Mapping[str, Any]) -> struct_pb2.Struct:
    """Write properties without their secret wrappers, and references to resources as the ids of those."""
    return marked(wire.reveal(dict(props)))


def marked(props: Mapping[str, Any]) -> struct_pb2.Struct:
    """Write properties with their secret wrappers, and references to resources as the ids of those."""
    return wire.to_struct(wire.walk_signed(dict(props), _identified))


def _identified(props: wire.Props) -> Any:
    if props[wire.SIGNATURE_KEY] != wire.RESOURCE_SIGNATURE:
        return props
    return props["id"] if "id" in props else props["urn"]


def failure_text(resource: Resource, failures: Iterable[Any]) -> str:
    """Format why the check of a resource failed."""
    reasons = "; ".join(f"{it.property}: {it.reason}" if it.property else str(it.reason) for it in failures)
    return f"{resource.type} resource {resource.name!r} has a problem: {reasons}"


def timeouts(message: resource_pb2.RegisterResourceRequest.CustomTimeouts) -> dict[str, float]:
    """Read custom timeouts such as `1h30m` into seconds."""
    found = {}
    for operation in ("create", "update", "delete", "read"):
        if text := getattr(message, operation):
            found[operation] = _seconds(text)
    return found


def _seconds(text: str) -> float:
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)(h|ms|us|ns|m|s)", text))


@contextmanager
def translated() -> Iterator[None]:
    """Turn what a provider raises, in this process or in its own, into one kind of failure."""
    try:
        yield
    except ProviderCallError:
        raise
    except grpc.RpcError as error:
        raise _of_status(error) from error
    except NotImplementedError as error:
        raise ProviderCallError(str(error) or "it can't do that", unimplemented=True) from error
    except Exception as error:
        partial_id = getattr(error, "id", "")
        raise ProviderCallError(
            str(error) or type(error).__name__,
            partial_id,
            getattr(error, "properties", {}),
            reasons=tuple(getattr(error, "reasons", ())),
            hint=getattr(error, "hint", ""),
        ) from error


def _of_status(error: grpc.RpcError) -> ProviderCallError:
    """Read a failure off the wire; a resource that was made but did not start is among its details."""
    code = error.code() if hasattr(error, "code") else None
    if code is grpc.StatusCode.UNAVAILABLE:
        return ProviderCallError("its provider's process has ended in the middle of a call", hint="run up again")
    for failed in _init_failures(error):
        reasons = tuple(failed.reasons)
        properties = wire.from_struct(failed.properties)
        return ProviderCallError("; ".join(reasons) or details(error), failed.id, properties, reasons=reasons)
    return ProviderCallError(details(error), unimplemented=code is grpc.StatusCode.UNIMPLEMENTED)


def _init_failures(error: grpc.RpcError) -> Iterator[provider_pb2.ErrorResourceInitFailed]:
    trailing = error.trailing_metadata() if hasattr(error, "trailing_metadata") else None
    for key, value in trailing or ():
        if key == _DETAILS:
            for detail in status_pb2.Status.FromString(value).details:
                failed = provider_pb2.ErrorResourceInitFailed()
                if detail.Unpack(failed):
                    yield failed
