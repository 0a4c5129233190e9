"""Runs one command so that nothing of it outlives the local cloud.

`python leash.py GRACE_SECONDS MEMORY_BYTES COMMAND...`: the command leads a process group of its own, and no process of
it gets more memory than the bound; 0 is none. When standard input closes, because the cloud is gone however it went,
the whole group is killed; at SIGTERM the group is asked to end and is killed after the grace period; and when the
command ends by itself, what it left running is killed too.
The exit code is the command's, or 128 and the number of the signal that ended it, as a container's is.
"""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
from types import FrameType


def main(arguments: list[str]) -> int:
    """Run the command to its end and return its exit code."""
    grace_seconds, memory_bytes, command = float(arguments[0]), int(arguments[1]), arguments[2:]
    # Before the command starts: a SIGTERM in between must not be lost.
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: asked.set())
    try:
        if memory_bytes and hasattr(resource, "RLIMIT_DATA"):
            # What this process itself needs is nothing beside it; children inherit the bound.
            resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return 127 if isinstance(error, FileNotFoundError) else 126

    def ask(_number: int, _frame: FrameType | None) -> None:
        _signal(child.pid, signal.SIGTERM)
        timer = threading.Timer(grace_seconds, _signal, (child.pid, signal.SIGKILL))
        timer.daemon = True
        timer.start()

    signal.signal(signal.SIGTERM, ask)
    if asked.is_set():
        ask(signal.SIGTERM, None)
    threading.Thread(target=_watch, args=(child.pid,), daemon=True).start()
    code = child.wait()
    _signal(child.pid, signal.SIGKILL)
    return 128 - code if code < 0 else code


def _watch(group: int) -> None:
    """Kill the group once the cloud's end of standard input closes."""
    while os.read(0, 1):
        pass
    _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
