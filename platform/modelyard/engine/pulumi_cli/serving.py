"""Resource providers of ours for the Pulumi CLI: served over gRPC on this machine while a command runs."""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from modelyard import wire
from modelyard.engine.base import PluginFactory

_WORKERS = 64
_MAX_MESSAGE = 400 * 1024 * 1024
_OPTIONS = [("grpc.max_receive_message_length", _MAX_MESSAGE), ("grpc.max_send_message_length", _MAX_MESSAGE)]
_METHODS = [name for name in vars(provider_pb2_grpc.ResourceProviderServicer) if name[0].isupper()]
# What a provider that we only call in process may leave out, and the CLI insists on.
_DEFAULTS: Mapping[str, Callable[[Any], Any]] = {
    "Attach": lambda _: empty_pb2.Empty(),
    "Cancel": lambda _: empty_pb2.Empty(),
    "GetPluginInfo": lambda _: plugin_pb2.PluginInfo(version="0.0.0"),
    "GetSchema": lambda _: provider_pb2.GetSchemaResponse(schema="{}"),
    "CheckConfig": lambda request: provider_pb2.CheckResponse(inputs=request.news),
}


class Router(provider_pb2_grpc.ResourceProviderServicer):
    """One port for all provider resources of a package.

    The CLI opens a connection of its own for each provider resource and configures what answers there, so each
    connection is given a servicer of its own.

    Args:
        factory: makes a servicer.
    """

    def __init__(self, factory: PluginFactory) -> None:
        self._factory = factory
        self._servicers: dict[str, Any] = {}
        self._lock = threading.Lock()

    def answer(self, method: str, request: Any, context: Any) -> Any:
        """Pass a call to the servicer of its connection; what that raises becomes a status that the CLI shows."""
        servicer = self._of(context.peer())
        if method in _DEFAULTS and not _overrides(servicer, method):
            return _DEFAULTS[method](request)
        try:
            return getattr(servicer, method)(request, context)
        except Exception as error:
            if context.code() is None:
                context.abort_with_status(_Status(error))
            raise

    def _of(self, peer: str) -> Any:
        with self._lock:
            if peer not in self._servicers:
                self._servicers[peer] = self._factory()
            return self._servicers[peer]


def _method(name: str) -> Callable[[Router, Any, Any], Any]:
    def call(self: Router, request: Any, context: Any) -> Any:
        return self.answer(name, request, context)

    return call


for _name in _METHODS:
    setattr(Router, _name, _method(_name))


@contextmanager
def served(plugins: Mapping[str, PluginFactory]) -> Iterator[dict[str, str]]:
    """Serve providers as long as the context lasts.

    Args:
        plugins: makers of servicers, by package.

    Yields:
        The environment in which the CLI finds them; empty where there are none.
    """
    if not plugins:
        yield {}
        return
    servers, ports = [], []
    try:
        for package, factory in plugins.items():
            server = grpc.server(ThreadPoolExecutor(_WORKERS), options=_OPTIONS)
            provider_pb2_grpc.add_ResourceProviderServicer_to_server(Router(factory), server)
            ports.append(f"{package}:{server.add_insecure_port('127.0.0.1:0')}")
            server.start()
            servers.append(server)
        yield {
            "PULUMI_DEBUG_PROVIDERS": ",".join(ports),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",  # each pulumi_* package here would be asked for
        }
    finally:
        for server in servers:
            server.stop(grace=1).wait()


def _overrides(servicer: Any, method: str) -> bool:
    return getattr(type(servicer), method, None) is not getattr(provider_pb2_grpc.ResourceProviderServicer, method)


class _Status(grpc.Status):  # type: ignore[misc]
    """A gRPC status for what a servicer raised; what it made all the same goes along, so that the state keeps it."""

    def __init__(self, error: Exception) -> None:
        self.code = grpc.StatusCode.UNKNOWN
        self.details = str(error) or type(error).__name__
        self.trailing_metadata: tuple[tuple[str, bytes], ...] = ()
        if made := getattr(error, "id", ""):
            failed = provider_pb2.ErrorResourceInitFailed(
                id=made, properties=wire.to_struct(getattr(error, "properties", {})), reasons=[self.details]
            )
            detail = any_pb2.Any()
            detail.Pack(failed)
            status = status_pb2.Status(code=self.code.value[0], message=self.details, details=[detail])
            self.trailing_metadata = (("grpc-status-details-bin", status.SerializeToString()),)
