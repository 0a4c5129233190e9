"""The command `modelyard`: one file for each verb."""

import sys

from modelyard.cli.app import run


def main() -> None:
    """Run the command line and exit."""
    sys.exit(run(sys.argv[1:]))
