"""The hosts of a training job: each a folder and a process; one that fails ends all."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from modelyard.localcloud.runtime import instance_memory
from modelyard.localcloud.runtime.container import Container
from modelyard.localcloud.runtime.jobs import Run
from modelyard.localcloud.runtime.logs import LogStream
from modelyard.localcloud.runtime.process import End, Outcome, Process, clean_environment
from modelyard.localcloud.runtime.toolkit import Program

LOG_GROUP = "/aws/sagemaker/TrainingJobs"


@dataclass(frozen=True)
class TrainingHost:
    """One host.

    Args:
        name: such as `algo-1`.
        container: its folder.
        program: what it runs.
    """

    name: str
    container: Container
    program: Program


@dataclass(frozen=True)
class Ending:
    """How all hosts ended.

    Args:
        outcome: of the one that failed first, or of the first.
        host: that one.
        interrupted: whether the instances were taken away.
    """

    outcome: Outcome
    host: TrainingHost
    interrupted: bool


class Hosts:
    """All hosts of one run of one job.

    Args:
        run: the job.
        hosts: what runs.
        on_line: called with each line of each.
    """

    def __init__(self, run: Run, hosts: list[TrainingHost], on_line: Callable[[str], None]) -> None:
        self._run = run
        self._hosts = hosts
        self._on_line = on_line
        self._over = threading.Event()
        self._first: tuple[Outcome, TrainingHost] | None = None
        self._lock = threading.Lock()

    def execute(self, seconds: float, interruption: float | None) -> Ending:
        """Run to the end.

        Args:
            seconds: what is left of the job's MaxRuntimeInSeconds.
            interruption: seconds until the instances are taken away; None is never.
        """
        started, interrupted = time.monotonic(), False
        with ThreadPoolExecutor(len(self._hosts)) as pool:
            running = [pool.submit(self._execute, host, seconds) for host in self._hosts]
            while not all(one.done() for one in running):
                if interruption is not None and time.monotonic() - started > interruption:
                    interrupted = not self._over.is_set()
                    interruption = None
                    self._over.set()
                if self._run.stopping.is_set():
                    self._over.set()
                self._over.wait(0.05) if not self._over.is_set() else time.sleep(0.05)
            outcomes = [one.result() for one in running]
        outcome, host = self._first or (outcomes[0], self._hosts[0])
        return Ending(outcome, host, interrupted and outcome.end is End.STOPPED)

    def _execute(self, host: TrainingHost, seconds: float) -> Outcome:
        run, container = self._run, host.container
        environment = clean_environment(run.host.clients.endpoint_url, run.region, container.root, host.program.python)
        environment |= host.program.environment | container.rewrite_all(run.job.get("Environment", {}))
        logs = LogStream(run.host.client("logs", run.region), LOG_GROUP, f"{run.name}/{host.name}-{int(time.time())}")

        def on_line(line: str) -> None:
            logs.write(line)
            self._on_line(line)

        memory = instance_memory.bound(run.job.get("ResourceConfig", {}).get("InstanceType", ""))
        try:
            process = Process(
                host.program.command,
                container.path("/opt/ml/code"),
                environment,
                on_line,
                memory_bytes=memory,
                opt_ml=container.ml,
            )
            outcome = process.run(self._over, seconds)
        finally:
            logs.close()
        self._note(outcome, host)
        return outcome

    def _note(self, outcome: Outcome, host: TrainingHost) -> None:
        """End the others when one has failed or run out of time."""
        bad = outcome.end is End.TIMED_OUT or (outcome.end is End.EXITED and outcome.exit_code != 0)
        with self._lock:
            if self._first is None and bad:
                self._first = (outcome, host)
        if bad:
            self._over.set()
