"""The service that programs and plugins report to, `pulumirpc.Engine`."""

import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from modelyard.engine.base import Severity
from modelyard.engine.embedded.providers import versions
from modelyard.engine.embedded.run import Run

_WORKERS = 4
_SEVERITIES = {
    engine_pb2.DEBUG: Severity.DEBUG,
    engine_pb2.INFO: Severity.INFO,
    engine_pb2.WARNING: Severity.WARNING,
    engine_pb2.ERROR: Severity.ERROR,
}


class EngineService(engine_pb2_grpc.EngineServicer):
    """Takes what a program or a plugin has to say.

    Args:
        run: the deployment.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def Log(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Pass on what the program says; this never raises, or the program would hang."""
        severity = _SEVERITIES.get(request.severity, Severity.INFO)
        if severity is Severity.ERROR and self._run.stopping.is_set():
            severity = Severity.DEBUG  # only a consequence of what stopped the deployment, which has been told
        self._run.say(severity, request.message.rstrip(), request.urn, fatal=False)
        return empty_pb2.Empty()

    def GetRootResource(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Return the stack's own URN."""
        return engine_pb2.GetRootResourceResponse(urn=self._run.root)

    def SetRootResource(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Take the stack's own URN."""
        self._run.root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def RequirePulumiVersion(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Check what versions the program can do with against that of Pulumi's SDK, which this engine follows."""
        ours, wanted = version("pulumi"), request.pulumi_version_range
        try:
            fits = not wanted or versions.satisfies(ours, wanted)
        except ValueError as error:
            context.abort(grpc.StatusCode.UNKNOWN, f"the version range {wanted!r} can't be read: {error}")
        if not fits:
            message = f"Pulumi version {ours} does not satisfy the version range {wanted!r}"
            context.abort(grpc.StatusCode.UNKNOWN, message)
        return engine_pb2.RequirePulumiVersionResponse()


class EngineHost:
    """Serves plugins; starts when the first of them asks for its address.

    Args:
        run: the deployment.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._lock = threading.Lock()
        self._server: grpc.Server | None = None
        self._address = ""

    def address(self) -> str:
        """Return where plugins report to."""
        with self._lock:
            if self._server is None:
                self._server = grpc.server(ThreadPoolExecutor(max_workers=_WORKERS))
                engine_pb2_grpc.add_EngineServicer_to_server(EngineService(self._run), self._server)
                self._address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
                self._server.start()
            return self._address

    def close(self) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.stop(grace=None).wait()
