"""Running a program in a child process, served by a monitor."""

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import IO

import grpc
from pulumi.runtime.proto import engine_pb2_grpc, resource_pb2_grpc

from modelyard.engine.base import Severity
from modelyard.engine.embedded.program import children
from modelyard.engine.embedded.program.callbacks import CHANNEL_OPTIONS
from modelyard.engine.embedded.program.configuration import StackConfig
from modelyard.engine.embedded.requests.monitor import Monitor
from modelyard.engine.embedded.run import Run

_WORKERS = 128
_GRACE_SECONDS = 5.0


def run_program(run: Run, monitor: Monitor, config: StackConfig) -> None:
    """Run the deployment's program to its end; a failure is noted in the run.

    Args:
        run: the deployment.
        monitor: what the program talks to.
        config: the stack's configuration.
    """
    children.prepare()  # before there are threads
    workers = ThreadPoolExecutor(max_workers=_WORKERS)
    server = grpc.server(workers, options=CHANNEL_OPTIONS)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(monitor, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monitor.address = f"127.0.0.1:{port}"
    try:
        child = children.start(_arguments(run, monitor.address, config), _environment(run, config), config.python)
        code = _wait(run, child)
    finally:
        server.stop(grace=_GRACE_SECONDS).wait()
        workers.shutdown()  # steps under way end and are saved, though the program that asked for them has gone
    if code == 0:
        monitor.finish()
    elif not run.cancelled:
        if not run.failed and not any(it.severity is Severity.ERROR for it in run.diagnostics):
            run.say(Severity.ERROR, f"the program ended with exit code {code} before it had registered everything")
        run.failed = True


def _arguments(run: Run, address: str, config: StackConfig) -> list[str]:
    deployment = run.deployment
    options = {
        "project": deployment.project,
        "root_directory": str(deployment.program),
        "stack": deployment.stack,
        "parallel": str(deployment.options.parallel),
        "dry_run": "true" if run.preview else "false",
        "pwd": str(deployment.program),
        "monitor": address,
        "engine": address,
        "organization": "organization",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [*words, str(deployment.program / config.main)]


def _environment(run: Run, config: StackConfig) -> dict[str, str]:
    return {
        **os.environ,
        **run.deployment.environment,
        "PULUMI_CONFIG": json.dumps(config.values),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(sorted(config.secret_keys)),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
    }


def _wait(run: Run, child: children.Child) -> int:
    reader = threading.Thread(target=_stream, args=(run, child.output), daemon=True)
    reader.start()
    code = None
    try:
        while code is None and not run.cancelled:
            code = child.wait(timeout=0.2)
        if code is None:  # stopped: what the program waits for is not going to come
            code = child.wait(timeout=_GRACE_SECONDS)
        return -1 if code is None else code
    finally:
        if code is None:
            child.kill()
        reader.join(timeout=1)
        child.close()


def _stream(run: Run, output: IO[str]) -> None:
    with suppress(ValueError):  # closed under us once the program has gone
        for line in output:
            run.say(Severity.INFO, line.rstrip("\n"))
