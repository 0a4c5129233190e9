"""Running programs for the Pulumi CLI where the virtual environment that Pulumi.yaml names isn't there.

The CLI's own language host would make one, without what the program needs. Instead the program runs in the Python that
modelyard runs in, as with the embedded engine, and the CLI is told to ask us: by `--client`, which Pulumi's Automation
API has for programs that are functions.
"""

import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, language_pb2, language_pb2_grpc, plugin_pb2

from modelyard.engine.base import Deployment
from modelyard.engine.embedded.program.children import Child, start
from modelyard.engine.embedded.program.configuration import virtual_environment

_REPORTED = 32  # the exit code after an error that the user has been shown
_POLL_SECONDS = 0.2
_GRACE_SECONDS = 5.0


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs a deployment's program in a child process when the CLI asks for it.

    Args:
        deployment: the deployment.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name, as below
        """Say nothing of a version: there is none but modelyard's."""
        return plugin_pb2.PluginInfo()

    def GetRequiredPlugins(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Require nothing beforehand; what the program uses is found when it does."""
        return language_pb2.GetRequiredPluginsResponse()

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Require nothing beforehand."""
        return language_pb2.GetRequiredPackagesResponse()

    def Run(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Run the program to its end, or until the CLI has stopped waiting for it."""
        child = start(_arguments(request), self._environment(request))
        with grpc.insecure_channel(request.args[0]) as channel:
            reader = threading.Thread(
                target=_stream, args=(child.output, engine_pb2_grpc.EngineStub(channel)), daemon=True
            )
            reader.start()
            code = _wait(child, context)
            reader.join(timeout=1)
        child.close()
        if code in (0, _REPORTED):
            return language_pb2.RunResponse(bail=code == _REPORTED)
        return language_pb2.RunResponse(error=f"program exited with non-zero exit code: {code}")

    def _environment(self, request: Any) -> dict[str, str]:
        return {
            **os.environ,
            **self._deployment.environment,
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(sorted(request.configSecretKeys)),
            "PYTHONUNBUFFERED": "1",
        }


@contextmanager
def hosted(deployment: Deployment) -> Iterator[list[str]]:
    """Serve a language host as long as the context lasts, if the program needs ours.

    Yields:
        The words that make the CLI use it; none where it uses its own.
    """
    if not _needs_ours(deployment.program):
        yield []
        return
    server = grpc.server(ThreadPoolExecutor(4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(deployment), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield [f"--client=127.0.0.1:{port}"]
    finally:
        server.stop(grace=1).wait()


def _needs_ours(program: Path) -> bool:
    python = virtual_environment(program) if (program / "Pulumi.yaml").is_file() else None
    return python is not None and not python.exists()


def _arguments(request: Any) -> list[str]:
    program = Path(request.info.program_directory or request.pwd) / (request.info.entry_point or request.program)
    options = {
        "project": request.project,
        "root_directory": request.info.root_directory or request.pwd,
        "stack": request.stack,
        "parallel": str(request.parallel),
        "dry_run": "true" if request.dryRun else "false",
        "pwd": request.pwd,
        "monitor": request.monitor_address,
        "engine": request.args[0],
        "organization": request.organization or "organization",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [*words, str(program / "__main__.py" if program.is_dir() else program)]


def _wait(child: Child, context: Any) -> int:
    code = None
    while code is None and context.is_active():
        code = child.wait(timeout=_POLL_SECONDS)
    if code is None:
        code = child.wait(timeout=_GRACE_SECONDS)
    if code is None:
        child.kill()
    return -1 if code is None else code


def _stream(output: IO[str], engine: Any) -> None:
    with suppress(ValueError, grpc.RpcError):  # closed under us, or the engine has gone
        for line in output:
            engine.Log(engine_pb2.LogRequest(severity=engine_pb2.INFO, message=line))
