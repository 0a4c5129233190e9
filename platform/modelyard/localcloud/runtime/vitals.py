"""What endpoints report every minute: CPU and memory of their servers, instances, and what waits to be answered."""

import contextlib
import time
from typing import Any

import psutil

from modelyard.localcloud.runtime.asynchronous import AsyncInvocations
from modelyard.localcloud.runtime.endpoints import Endpoints
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.launching import Server
from modelyard.localcloud.runtime.logs import put_metrics

NAMESPACE = "/aws/sagemaker/Endpoints"


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
        self._seen: dict[int, tuple[float, float]] = {}

    def report(self) -> None:
        """Put the metrics of this minute."""
        backlog = self._waiting.backlog()
        for region, endpoint, fleet in self._endpoints.serving():
            data: list[dict[str, Any]] = []
            for variant in fleet.all:
                variant.reap()
                for server in variant.all_servers:
                    cpu, memory = self._measure(server)
                    data += [
                        self._datum("CPUUtilization", cpu, endpoint, variant.name),
                        self._datum("MemoryUtilization", memory, endpoint, variant.name),
                    ]
            if data:
                put_metrics(self._host.client("cloudwatch", region), NAMESPACE, data)
            if fleet.config.get("AsyncInferenceConfig"):
                self._report_backlog(region, endpoint, backlog.get((region, endpoint), 0), fleet.instances)

    def _report_backlog(self, region: str, endpoint: str, waiting: int, instances: int) -> None:
        values = {
            "ApproximateBacklogSize": float(waiting),
            "ApproximateBacklogSizePerInstance": waiting / max(instances, 1),
            "HasBacklogWithoutCapacity": float(waiting > 0 and instances == 0),
        }
        data = [self._datum(name, value, endpoint, "", "Count") for name, value in values.items()]
        put_metrics(self._host.client("cloudwatch", region), "AWS/SageMaker", data)

    def _datum(self, name: str, value: float, endpoint: str, variant: str, unit: str = "Percent") -> dict[str, Any]:
        dimensions = [{"Name": "EndpointName", "Value": endpoint}]
        if variant:
            dimensions.append({"Name": "VariantName", "Value": variant})
        moment = self._host.clock.now()
        return {"MetricName": name, "Value": value, "Unit": unit, "Timestamp": moment, "Dimensions": dimensions}

    def _measure(self, server: Server) -> tuple[float, float]:
        """Return a server's CPU since the last look and its memory, both in percent."""
        cpu_seconds = memory = 0.0
        moment = time.monotonic()
        with contextlib.suppress(psutil.Error):
            leashes = [psutil.Process(one.process.pid) for one in server.all]
            for process in [it for leash in leashes for it in (leash, *leash.children(recursive=True))]:
                times = process.cpu_times()
                cpu_seconds += times.user + times.system
                memory += process.memory_percent()
        before, since = self._seen.get(server.process.pid, (cpu_seconds, moment))
        self._seen[server.process.pid] = (cpu_seconds, moment)
        passed = moment - since
        return (100.0 * (cpu_seconds - before) / passed if passed > 0 else 0.0), memory
