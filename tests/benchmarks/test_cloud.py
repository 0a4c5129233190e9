"""What the local cloud costs before anybody asks it for anything."""

import time
from pathlib import Path

import psutil
import pytest

from modelyard.localcloud import daemon

MEBIBYTE = 2**20


@pytest.mark.benchmark
def test_start_and_idle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started = time.perf_counter()
    info = daemon.start(tmp_path)
    seconds = time.perf_counter() - started
    try:
        time.sleep(3)
        server = psutil.Process(info.pid)
        memory, used = server.memory_info().rss / MEBIBYTE, sum(server.cpu_times()[:2])
        time.sleep(5)
        idle = sum(server.cpu_times()[:2]) - used
    finally:
        daemon.stop(tmp_path)
    said = f"accepts calls after {seconds:.2f} s ({used:.2f} CPU s), idles at {memory:.0f} MiB and {idle / 5:.3f} CPU"
    with capsys.disabled():
        print(f"\n{said}")  # noqa: T201
    assert memory < 120
