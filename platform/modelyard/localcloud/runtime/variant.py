"""One variant of an endpoint: its share of the traffic and its servers, of which there may be none for a while.

Sources: the SageMaker developer guide on serverless endpoints (scale to zero, MaxConcurrency) and multi-model endpoints
(a model is loaded when it is first asked for, and unloaded when there is no room).
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from modelyard.localcloud.runtime.launching import Artifact, FleetError, Launcher, Server

IDLE_SECONDS = 300.0
MOST_PROCESSES = 4
MOST_MODELS = 4
# What AWS gives a container between SIGTERM and SIGKILL.
_DRAIN_SECONDS = 30.0


class ThrottledError(Exception):
    """A serverless variant answers as many invocations as it may already."""


class LeftError(Exception):
    """The variant has made way for another since it was chosen."""


class Variant:
    """One production or shadow variant.

    Args:
        spec: its member of the endpoint configuration.
        launcher: starts its servers.
        clock: returns the cloud's time in seconds.
    """

    def __init__(self, spec: dict[str, Any], launcher: Launcher, clock: Callable[[], float]) -> None:
        self.name: str = spec["VariantName"]
        self.weight = float(spec.get("InitialVariantWeight", 1.0))
        self.instances = int(spec.get("InitialInstanceCount") or 1)
        self.serverless: dict[str, Any] = spec.get("ServerlessConfig") or {}
        self.servers: list[Server] = []
        self._artifact: Artifact = launcher.artifact(spec.get("ModelName", ""))
        self._launcher = launcher
        self._clock = clock
        self._used = clock()
        self._number = 0
        self._models: OrderedDict[str, Server] = OrderedDict()
        self._lock = threading.RLock()
        self._left = False
        self._slots = threading.BoundedSemaphore(int(self.serverless.get("MaxConcurrency") or 1_000_000))

    @property
    def multi(self) -> bool:
        """Whether it serves many models."""
        return self._artifact.multi

    @property
    def containers(self) -> list[str]:
        """The hostnames that may be asked directly; none where containers are asked one after the other."""
        return [it.hostname for it in (self._artifact, *self._artifact.following)] if self._artifact.direct else []

    @property
    def all_servers(self) -> list[Server]:
        """All servers that run."""
        with self._lock:
            return [*self.servers, *self._models.values()]

    def start(self) -> None:
        """Start its servers, all at once.

        Raises:
            FleetError: one can't be started.
            ObjectError: its model can't be fetched.
        """
        if not self.multi:
            self._launch(1 if self.serverless else min(self.instances, MOST_PROCESSES))

    def await_ping(self) -> None:
        """Wait until all servers answer.

        Raises:
            FleetError: one does not.
        """
        for server in self.servers:
            server.await_ping()

    def scale(self, instances: int) -> None:
        """Have as many servers as instances, but no more than this machine should run.

        Raises:
            FleetError: one can't be started; those that run go on.
        """
        self.instances = instances
        wanted = min(instances, MOST_PROCESSES)
        if self.multi or self.serverless:
            return
        with self._lock:
            before = len(self.servers)
            leaving = self.servers[wanted:]
        if wanted > before:
            fresh = [self._launcher.launch(self.name, self._next(), self._artifact) for _ in range(wanted - before)]
            for server in fresh:
                server.await_ping()
            with self._lock:
                self.servers, leaving = (self.servers, fresh) if self._left else ([*self.servers, *fresh], [])
            for server in leaving:
                server.stop()
            return
        with self._lock:
            self.servers = self.servers[:wanted]
        for server in leaving:
            _drain(server)

    @contextmanager
    def serving(self, target_model: str = "") -> Iterator[tuple[Server, float]]:
        """Give a server for one invocation, and the seconds it took to start it, if it had to be started.

        Raises:
            ThrottledError: it is serverless and busy.
            LeftError: it has been stopped.
            ObjectError: it has no such model.
            FleetError: the server does not start.
        """
        if not self._slots.acquire(blocking=False):
            raise ThrottledError
        try:
            self._used = self._clock()
            with self._lock:
                if self._left:
                    raise LeftError
                server, setup = self._model(target_model) if self.multi else self._any()
                server.in_flight += 1
            try:
                yield server, setup
            finally:
                with self._lock:
                    server.in_flight -= 1
        finally:
            self._used = self._clock()
            self._slots.release()

    def reap(self) -> None:
        """Stop what a serverless variant has not needed for a while."""
        if not self.serverless or self.serverless.get("ProvisionedConcurrency"):
            return
        with self._lock:
            idle = self._clock() - self._used >= IDLE_SECONDS and not any(it.in_flight for it in self.servers)
            leaving, self.servers = (self.servers, []) if idle else ([], self.servers)
        for server in leaving:
            server.stop()

    def stop(self, drain: bool = False) -> None:
        """End all servers.

        Args:
            drain: let them answer first what they were asked.
        """
        with self._lock:
            self._left = True
            leaving = self.all_servers
            self.servers = []
            self._models.clear()
        for server in leaving:
            if drain:
                _drain(server)
            else:
                server.stop()

    def _launch(self, count: int) -> None:
        for _ in range(count):
            self.servers.append(self._launcher.launch(self.name, self._next(), self._artifact))

    def _next(self) -> int:
        self._number += 1
        return self._number - 1

    def _any(self) -> tuple[Server, float]:
        """Return the server with the least to do; one that crashed is started anew, as SageMaker does."""
        started = time.monotonic()
        cold = not self.servers or not all(server.alive for server in self.servers)
        if cold:
            missing = max(1 if self.serverless else min(self.instances, MOST_PROCESSES), 1)
            for server in self.servers:
                if not server.alive:
                    server.stop()
            self.servers = [server for server in self.servers if server.alive]
            self._launch(missing - len(self.servers))
            for server in self.servers:
                server.await_ping()
        chosen = min(self.servers, key=lambda server: server.in_flight)
        return chosen, time.monotonic() - started if cold else 0.0

    def _model(self, name: str) -> tuple[Server, float]:
        started = time.monotonic()
        if name in self._models and self._models[name].alive:
            self._models.move_to_end(name)
            return self._models[name], 0.0
        uri = f"{self._artifact.data_url.rstrip('/')}/{name.lstrip('/')}"
        server = self._launcher.launch(self.name, self._next(), Artifact(uri, self._artifact.environment))
        try:
            server.await_ping()
        except FleetError:
            server.stop()
            raise
        self._models[name] = server
        if len(self._models) > MOST_MODELS:
            leaving = self._models.pop(next(iter(self._models)))
            threading.Thread(target=_drain, args=(leaving,), daemon=True).start()
        return server, time.monotonic() - started


def _drain(server: Server) -> None:
    """Stop a server once it has answered what it was asked."""
    deadline = time.monotonic() + _DRAIN_SECONDS
    while server.in_flight and time.monotonic() < deadline:
        time.sleep(0.01)
    server.stop()
