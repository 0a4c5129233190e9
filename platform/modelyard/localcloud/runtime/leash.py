"""Runs one command so that nothing of it outlives the local cloud.

`python leash.py GRACE_SECONDS MEMORY_BYTES FOLDER COMMAND...`: the command leads a process group of its own, and no
process of it gets more memory than the bound; 0 is none. Where Linux lets us, it sees the folder as `/opt/ml`. When
standard input closes, because the cloud is gone however it went, all of the command's processes are killed; at SIGTERM
the group is asked to end, and is killed after the grace period; and when the command ends by itself, what it left
running is killed too. On Linux that includes those that have gone to a session of their own, as daemons do: this
process adopts them, and looks for them among its children.
The exit code is the command's, or 128 and the number of the signal that ended it, as a container's is.
"""

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of <sys/prctl.h>
# Of <sched.h> and <sys/mount.h>.
_NEW_MOUNTS, _NEW_USER = 0x0002_0000, 0x1000_0000
_BIND, _RECURSIVE, _PRIVATE, _DETACH = 0x1000, 0x4000, 0x4_0000, 2
_ROUNDS = 200
_PAUSE_SECONDS = 0.01


def main(arguments: list[str]) -> int:
    """Run the command to its end and return its exit code."""
    grace_seconds, memory_bytes, folder, command = float(arguments[0]), int(arguments[1]), arguments[2], arguments[3:]
    # Before the command starts: a SIGTERM in between must not be lost.
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: asked.set())
    _adopt_orphans()
    if folder:
        # Where it can't be, the cloud has written the folder's own path wherever it could.
        with contextlib.suppress(OSError):
            show_as_opt_ml(folder)
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
    _kill_descendants()
    return 128 - code if code < 0 else code


def _adopt_orphans() -> None:
    """Become the parent of the command's processes whose own parent ends; elsewhere than on Linux they have none."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)


def show_as_opt_ml(folder: str) -> None:
    """Let this process and those it starts see a folder as `/opt/ml`; nobody else does.

    Raises:
        OSError: this system, or who we are on it, doesn't allow it.
    """
    if sys.platform != "linux":
        raise OSError("only Linux has mounts of a process's own")
    _leave_mounts()
    _mount(None, "/", None, _RECURSIVE | _PRIVATE)
    rebuilt = not Path("/opt/ml").is_dir()
    try:
        if rebuilt:
            _rebuild_opt()
        _mount(folder, "/opt/ml", None, _BIND | _RECURSIVE)
    except OSError:
        if rebuilt:
            ctypes.CDLL(None).umount2(b"/opt", _DETACH)
        raise


def _leave_mounts() -> None:
    """Get mounts of our own: as root at once, as anybody else by way of a user namespace."""
    libc, user, group = ctypes.CDLL(None, use_errno=True), os.getuid(), os.getgid()
    if libc.unshare(_NEW_MOUNTS) == 0:
        return
    if libc.unshare(_NEW_USER | _NEW_MOUNTS):
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _rebuild_opt() -> None:
    """Put an empty folder over `/opt` and all that was in it back, so that there is room for `ml`."""
    before = os.open("/opt", os.O_RDONLY | os.O_DIRECTORY)
    names = sorted(os.scandir(before), key=lambda entry: entry.name)
    _mount("tmpfs", "/opt", "tmpfs", 0)
    for entry in names:
        source, target = f"/proc/self/fd/{before}/{entry.name}", Path("/opt", entry.name)
        if entry.is_symlink():
            target.symlink_to(Path(source).readlink())
            continue
        target.mkdir() if entry.is_dir() else target.touch()
        _mount(source, str(target), None, _BIND | _RECURSIVE)
    Path("/opt/ml").mkdir()
    os.close(before)


def _mount(source: str | None, target: str, kind: str | None, flags: int) -> None:
    words = [None if word is None else word.encode() for word in (source, target, kind)]
    if ctypes.CDLL(None, use_errno=True).mount(*words, ctypes.c_ulong(flags), None):
        raise OSError(ctypes.get_errno(), f"mount {target}")


def _watch(group: int) -> None:
    """Kill all of the command once the cloud's end of standard input closes."""
    while os.read(0, 1):
        pass
    _signal(group, signal.SIGKILL)
    _kill_descendants()


def _kill_descendants() -> None:
    """Kill all processes below this one, until there is none: one may start another while we look."""
    for _ in range(_ROUNDS):
        below = _descendants(os.getpid())
        if not below:
            return
        for pid in below:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(_PAUSE_SECONDS)


def _descendants(root: int) -> list[int]:
    """Return the living processes below one; none where the system has no `/proc`."""
    parents: dict[int, int] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        # After the name, which may hold anything, come the state and the parent.
        with contextlib.suppress(OSError, IndexError, ValueError):
            state, parent = file.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(file.parent.name)] = int(parent)
    found = [root]
    for known in found:
        found += [pid for pid, parent in parents.items() if parent == known]
    return found[1:]


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
