"""Runs a command and writes what it and everything it started cost, as one JSON line on standard output.

CPU is that of the whole process tree, down to processes whose parents have gone: this process takes them in. Memory is
the highest sum seen, sampled: of proportional sets, where a page that forked processes share counts once among them
(what a container is charged for), and of resident sets, where it counts in each.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
import time

import psutil

_PR_SET_CHILD_SUBREAPER = 36
_EVERY_SECONDS = 0.05


def _sample(peak: dict[str, int], over: threading.Event) -> None:
    me = psutil.Process()
    while not over.wait(_EVERY_SECONDS):
        total = dict.fromkeys(peak, 0)
        for process in me.children(recursive=True):
            try:
                used = process.memory_full_info()
            except psutil.Error:
                continue
            total = {"memory": total["memory"] + used.pss, "resident": total["resident"] + used.rss}
        peak.update({key: max(value, peak[key]) for key, value in total.items()})


def main(command: list[str]) -> int:
    """Run and measure; returns the command's exit code."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    peak, over = {"memory": 0, "resident": 0}, threading.Event()
    sampler = threading.Thread(target=_sample, args=(peak, over))
    started = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    sampler.start()
    code = process.wait()
    wall = time.perf_counter() - started
    while True:  # those whose parents did not wait for them
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    over.set()
    sampler.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "wall": wall, **peak}))  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
