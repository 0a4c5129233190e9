"""The command `modelyard`: one file for each verb."""

import gc
import os
import sys

from modelyard.cli.app import run

_COLLECT_AFTER = 100_000  # new objects; Python's own 700 costs a tenth of the time of a start
owns_process = False  # whether this process is there for one command alone


def main() -> None:
    """Run the command line and exit."""
    global owns_process
    owns_process = True
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # gRPC tells of every program that ends before its connection
    gc.set_threshold(_COLLECT_AFTER, 50, 100)
    sys.exit(run(sys.argv[1:]))
