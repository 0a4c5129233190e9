"""What endpoints report every minute: CPU and memory of their servers, instances, and what waits to be answered."""

import contextlib
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import psutil

from modelyard.localcloud.runtime.asynchronous import AsyncInvocations
from modelyard.localcloud.runtime.endpoints import Endpoints
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.launching import Server
from modelyard.localcloud.runtime.logs import put_metrics

NAMESPACE = "/aws/sagemaker/Endpoints"
_MEASURE_SECONDS = 2.0


@dataclass(frozen=True)
class _Look:
    moment: float
    cpu_seconds: float
    shown: tuple[float, float]


class Vitals:
    """Measures the servers of endpoints.

    Args:
        host: the local cloud.
        endpoints: who has the servers.
        waiting: what waits.
    """

    def __init__(self, host: Host, endpoints: Endpoints, waiting: AsyncInvocations) -> None:
        self._host = host
        self._endpoints = endpoints
        self._waiting = waiting
        self._seen: dict[int, _Look] = {}

    def report(self) -> None:
        """Put the metrics of this minute."""
        backlog = self._waiting.backlog()
        measured: dict[str, list[dict[str, Any]]] = defaultdict(list)
        counted: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for region, endpoint, fleet in self._endpoints.serving():
            for variant in fleet.all:
                variant.reap()
                for server in variant.all_servers:
                    cpu, memory = self._measure(server)
                    measured[region] += [
                        self._datum("CPUUtilization", cpu, endpoint, variant.name),
                        self._datum("MemoryUtilization", memory, endpoint, variant.name),
                    ]
            if fleet.config.get("AsyncInferenceConfig"):
                counted[region] += self._backlog(endpoint, backlog.get((region, endpoint), 0), fleet.instances)
        for namespace, data in ((NAMESPACE, measured), ("AWS/SageMaker", counted)):
            for region, items in data.items():
                put_metrics(self._host.client("cloudwatch", region), namespace, items)

    def _backlog(self, endpoint: str, waiting: int, instances: int) -> list[dict[str, Any]]:
        values = {
            "ApproximateBacklogSize": float(waiting),
            "ApproximateBacklogSizePerInstance": waiting / max(instances, 1),
            "HasBacklogWithoutCapacity": float(waiting > 0 and instances == 0),
        }
        return [self._datum(name, value, endpoint, "", "Count") for name, value in values.items()]

    def _datum(self, name: str, value: float, endpoint: str, variant: str, unit: str = "Percent") -> dict[str, Any]:
        dimensions = [{"Name": "EndpointName", "Value": endpoint}]
        if variant:
            dimensions.append({"Name": "VariantName", "Value": variant})
        moment = self._host.clock.now()
        return {"MetricName": name, "Value": value, "Unit": unit, "Timestamp": moment, "Dimensions": dimensions}

    def _measure(self, server: Server) -> tuple[float, float]:
        """Return a server's CPU since the last look and its memory, both in percent.

        A clock that is stepped asks for minute after minute within the same moment: it gets what was measured in it.
        """
        moment = time.monotonic()
        before = self._seen.get(server.process.pid)
        if before and moment - before.moment < _MEASURE_SECONDS:
            return before.shown
        cpu_seconds = memory = 0.0
        with contextlib.suppress(psutil.Error):
            leashes = [psutil.Process(one.process.pid) for one in server.all]
            for process in [it for leash in leashes for it in (leash, *leash.children(recursive=True))]:
                times = process.cpu_times()
                cpu_seconds += times.user + times.system
                memory += process.memory_percent()
        used = 100.0 * (cpu_seconds - before.cpu_seconds) / (moment - before.moment) if before else 0.0
        self._seen[server.process.pid] = _Look(moment, cpu_seconds, (used, memory))
        return used, memory
