"""The process that forks a child for each program; it has loaded Pulumi, has one thread and does nothing else.

It reads requests from a socket: three descriptors (standard input, standard output and error, and a socket for the exit
code) and, in JSON, arguments and environment. It ends when the socket closes, and kills what is still running.
"""

import gc
import io
import json
import os
import select
import signal
import socket
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from modelyard.engine.embedded.program import launcher
from modelyard.engine.embedded.program.children import HEADER

_BASE = {"modelyard", "pulumi", "grpc", "google"}  # what the launcher itself stands on


def serve(control: socket.socket) -> None:
    """Fork a child for each request until the socket closes; never returns."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends with its socket
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    woken, wake = socket.socketpair()
    woken.setblocking(False)
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    gc.collect()
    gc.freeze()  # pages stay shared with the children
    running: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([control, woken, *running.values()], [], [])
        if woken in ready:
            _drain(woken)
            _reap(running)
        for pid, status in list(running.items()):
            if status in ready:  # whoever asked has closed it, or wants the child gone
                _kill(pid)
        if control in ready and not _fork_next(control, [woken, wake], running):
            for pid in running:
                _kill(pid)
            os._exit(0)


def _drain(woken: socket.socket) -> None:
    with suppress(BlockingIOError):
        while woken.recv(4096):
            continue


def _reap(running: dict[int, socket.socket]) -> None:
    for pid in list(running):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            with running.pop(pid) as told, suppress(OSError):
                told.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def _kill(pid: int) -> None:
    for kill in (os.killpg, os.kill):  # it may not have made its group yet
        with suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _fork_next(control: socket.socket, own: list[socket.socket], running: dict[int, socket.socket]) -> bool:
    """Take one request and fork its child; false when there will be none any more."""
    try:
        head, descriptors, _, _ = socket.recv_fds(control, HEADER.size, 3)
        if len(head) < HEADER.size:
            return False
        request = json.loads(_exactly(control, *HEADER.unpack(head)))
    except (OSError, EOFError):
        return False
    stdin, stdout, status = descriptors
    pid = os.fork()
    if pid == 0:
        for other in (control, *own, *running.values()):
            other.close()
        os.close(status)
        _become_program(request, stdin, stdout)
    os.close(stdin)
    os.close(stdout)
    running[pid] = socket.socket(fileno=status)
    return True


def _exactly(control: socket.socket, size: int) -> bytes:
    read = bytearray()
    while len(read) < size:
        part = control.recv(min(size - len(read), 1 << 20))
        if not part:
            raise EOFError
        read += part
    return bytes(read)


def _become_program(request: dict[str, Any], stdin: int, stdout: int) -> None:
    """Be, from here on, what a newly started launcher is; never returns."""
    code = 1
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(stdin, 0)
        os.dup2(stdout, 1)
        os.dup2(stdout, 2)
        os.close(stdin)
        os.close(stdout)
        sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)))
        sys.stdout = io.TextIOWrapper(_unbuffered(1), write_through=True)
        sys.stderr = io.TextIOWrapper(_unbuffered(2), errors="backslashreplace", write_through=True)
        os.environ.clear()
        os.environ.update(request["environment"])
        _forget_shadowed(Path(request["arguments"][-1]).parent)
        code = launcher.run(request["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - nothing may escape into the forker's own loop
        traceback.print_exc()
    finally:
        os._exit(code)


def _unbuffered(descriptor: int) -> BinaryIO:
    """Open a stream as `python -u` does."""
    return cast(BinaryIO, io.FileIO(descriptor, "w", closefd=False))


def _forget_shadowed(folder: Path) -> None:
    """Forget loaded modules that the program's own folder has too: there, its own come first."""
    names = {path.stem if path.suffix == ".py" else path.name for path in folder.iterdir()}
    names -= _BASE | sys.stdlib_module_names
    for name in [name for name in sys.modules if name.split(".")[0] in names]:
        del sys.modules[name]
