"""Where the files of a stack lie: as Pulumi's file backend keeps them, and ours beside them."""

from dataclasses import dataclass, field
from pathlib import Path

from modelyard.engine.embedded.state.disk import Disk
from modelyard.engine.embedded.state.locks import StackLock


@dataclass
class StackFiles:
    """The files of one stack.

    Args:
        folder: the backend's folder.
        project: the project's name.
        stack: the stack's name.
        disk: the file system.
    """

    folder: Path
    project: str
    stack: str
    disk: Disk = field(default_factory=Disk, repr=False)

    @property
    def title(self) -> str:
        """Name the stack as a person would."""
        return f"{self.project}/{self.stack}"

    @property
    def path(self) -> Path:
        """Return the checkpoint's path, the one of Pulumi's file backend."""
        return self.root / "stacks" / self.project / f"{self.stack}.json"

    @property
    def backup(self) -> Path:
        """Return the path of the copy of the checkpoint."""
        return self.path.with_name(self.path.name + ".bak")

    @property
    def journal_path(self) -> Path:
        """Return the journal's path."""
        return self.path.with_suffix(".journal")

    @property
    def backups(self) -> Path:
        """Return the folder that keeps the state as it was before it was edited."""
        return self.root / "backups" / self.project / self.stack

    @property
    def histories(self) -> Path:
        """Return the folder that keeps the stack's history."""
        return self.root / "history" / self.project / self.stack

    @property
    def lock(self) -> StackLock:
        """Return the stack's lock."""
        folder = self.root / "locks" / "organization" / self.project / self.stack
        return StackLock(self.path.with_suffix(".lock"), folder, self.title, self.disk)

    @property
    def root(self) -> Path:
        """Return the folder of Pulumi's file backend."""
        return self.folder / ".pulumi"
