"""The child process that runs a Pulumi program; it takes the arguments of Pulumi's own language host.

Source: `sdk/python/cmd/pulumi-language-python-exec` of Pulumi. It ends when its parent does: the parent holds the other
end of its standard input.
"""

import argparse
import asyncio
import gc
import logging
import os
import runpy
import socket
import sys
import threading
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pulumi
import pulumi.runtime

from modelyard.engine.embedded.program import generated, hastening, sdk

generated.install()
sdk.quieten()
hastening.hasten()
_COLLECT_AFTER = 50_000  # new objects; Python's own 700 costs a seventh of the time of 5,000 resources
_REPORTED = 32  # the exit code after an error that the user has been shown


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run a Pulumi program in Python")
    for name in (
        "project",
        "root_directory",
        "stack",
        "parallel",
        "dry_run",
        "pwd",
        "monitor",
        "engine",
        "organization",
    ):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("PROGRAM")
    return parser.parse_args(arguments)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _shown(program: Path) -> str:
    """Format the current exception from the program's own first frame on."""
    error = sys.exc_info()[1]
    frames = traceback.extract_tb(error.__traceback__) if error else []
    own = [index for index, frame in enumerate(frames) if Path(frame.filename).is_relative_to(program.parent)]
    return traceback.format_exc(limit=-(len(frames) - own[0])) if own else traceback.format_exc()


def _run(program: Path) -> None:
    runpy.run_path(str(program), run_name="__main__")


def run(arguments: Sequence[str]) -> int:
    """Run a program in this process, which is there for nothing else; returns the exit code.

    Args:
        arguments: those of Pulumi's language host.
    """
    args = _parsed(arguments)
    gc.freeze()  # what is loaded stays, and a program that makes thousands of resources throws little away
    gc.set_threshold(_COLLECT_AFTER, 50, 100)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    pulumi.runtime.set_all_config(pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env())
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            project=args.project,
            stack=args.stack,
            parallel=int(args.parallel),
            dry_run=args.dry_run == "true",
            monitor=args.monitor,
            engine=args.engine,
            organization=args.organization,
            root_directory=args.root_directory,
        )
    )
    os.chdir(args.pwd)
    program = Path(args.PROGRAM).resolve()
    sys.argv = [str(program)]
    sys.path.insert(0, str(program.parent))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_default_executor(ThreadPoolExecutor(max_workers=max(int(args.parallel), 1) * 4))
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(lambda: _run(program)))
    except SystemExit as request:
        return request.code if isinstance(request.code, int) else int(request.code is not None)
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return _REPORTED
    except Exception:  # noqa: BLE001 - whatever the program raises is shown as its own
        pulumi.log.error(f"the program failed:\n{_shown(program)}")
        return _REPORTED
    return 0


def _serve(descriptor: int) -> None:
    from modelyard.engine.embedded.program import forker

    forker.serve(socket.socket(fileno=descriptor))


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        _serve(int(sys.argv[2]))
    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
