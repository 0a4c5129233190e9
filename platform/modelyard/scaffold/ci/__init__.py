"""Pipelines of model repositories: one definition of their stages, written for each CI provider.

A provider is a module here with `FILE`, the file's path in the repository, and `render`, which writes it.
"""

from modelyard.scaffold.ci.stages import STAGES, Stage, Trigger
from modelyard.scaffold.ci.writing import rendered, write

__all__ = ["STAGES", "Stage", "Trigger", "rendered", "write"]
