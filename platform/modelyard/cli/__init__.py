"""The command `modelyard`: one file for each verb."""

import sys

from modelyard.cli.app import run

owns_process = False  # whether this process is there for one command alone


def main() -> None:
    """Run the command line and exit."""
    global owns_process
    owns_process = True
    sys.exit(run(sys.argv[1:]))
