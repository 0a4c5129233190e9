"""Carries out one verb on a program with the embedded engine, as the command line does."""

import sys
from pathlib import Path

from modelyard.engine.base import Deployment
from modelyard.engine.embedded.engine import EmbeddedEngine
from modelyard.engine.embedded.program import children


def main(verb: str, folder: Path) -> int:
    """Carry out a verb; returns an exit code."""
    from trivial import TrivialProvider

    children.may_fork_from_here()
    deployment = Deployment(
        project="bench",
        stack="dev",
        program=folder,
        state=folder / "state",
        plugins={"trivial": TrivialProvider},
    )
    result = getattr(EmbeddedEngine(), verb)(deployment, lambda event: None)
    sys.stderr.write(f"{verb}: {result.outcome}, {len(result.changes)} steps\n")
    return 0 if result.outcome == "succeeded" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
