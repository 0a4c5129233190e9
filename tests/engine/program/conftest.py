"""A stack on each engine, as the lifecycle suite has it: on the Pulumi CLI both do the same, and are compared."""

from engine.lifecycle.conftest import bench

__all__ = ["bench"]
