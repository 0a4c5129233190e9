"""The local cloud's server process: `python -m modelyard.localcloud.server --home DIR --port 0`."""

import argparse
import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

from modelyard.localcloud import daemon

_log = logging.getLogger("modelyard.localcloud")

# moto reads these when it is imported; the account's own AWS settings must not reach it.
_ENVIRONMENT = {
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT, then save the state.

    Args:
        arguments: the command line without the program's name.

    Returns:
        the exit code.
    """
    parser = argparse.ArgumentParser(prog="modelyard.localcloud.server")
    parser.add_argument("--home", type=Path, required=True, help="the .modelyard folder")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)
    os.environ.update(_ENVIRONMENT)
    return serve(options.home.resolve(), options.port)


def serve(home: Path, port: int) -> int:
    """Serve a `.modelyard` folder's cloud on 127.0.0.1.

    Args:
        home: the folder.
        port: the port; 0 takes a free one.

    Returns:
        the exit code.
    """
    # moto is heavy and reads the environment: it is imported only now.
    from modelyard.localcloud.cloud import LocalCloud
    from modelyard.localcloud.guard import Guard
    from modelyard.localcloud.serving import bind

    folder = daemon.folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        server = bind(port)
    except OSError as error:
        _log.error("port %s: %s", port, error)
        return 1
    cloud = LocalCloud(folder, f"http://{daemon.HOST}:{server.port}")
    guard = Guard(
        cloud.gate,
        lambda: {**_record(server.port), "tracking": cloud.tracking.summaries()},
        cloud.save,
        cloud.runtime,
        cloud.timekeeper.control,
        cloud.journal,
    )
    server.app = guard
    stopping = threading.Event()
    _on_signals(stopping)
    cloud.restore(guard)
    threading.Thread(target=server.serve_forever, name="server", daemon=True).start()
    cloud.resume()
    _publish(folder, server.port, cloud.damage)
    _log.info("serving on port %s", server.port)
    stopping.wait()
    cloud.stop_work()
    server.shutdown()
    cloud.close()
    _log.info("stopped")
    return 0


def _on_signals(stopping: threading.Event) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _record(port: int) -> dict[str, Any]:
    process = psutil.Process()
    return {"status": "ok", "pid": process.pid, "port": port, "started_at": process.create_time()}


def _publish(folder: Path, port: int, damage: str) -> None:
    """Write down where this cloud is, in one step; `port` outlives it."""
    fresh = folder / "cloud.json.new"
    fresh.write_text(json.dumps({**_record(port), "damage": damage}))
    fresh.replace(folder / "cloud.json")
    (folder / "port").write_text(str(port))


if __name__ == "__main__":
    sys.exit(main())
