"""One process's life: what it may still do, and how it ends."""

from dataclasses import dataclass


class Killed(BaseException):
    """The process is dead; whatever it still tries does nothing. This is no error that anything may handle."""


@dataclass
class Life:
    """Whether a process lives; its disk and its cloud ask before they do anything."""

    dead: bool = False

    def check(self) -> None:
        """Let the living pass.

        Raises:
            Killed: the process is dead.
        """
        if self.dead:
            raise Killed

    def end(self) -> None:
        """Die.

        Raises:
            Killed: always.
        """
        self.dead = True
        raise Killed
