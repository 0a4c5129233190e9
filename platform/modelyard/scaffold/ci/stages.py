"""What pipelines of model repositories do, whichever provider runs them."""

from dataclasses import dataclass
from enum import StrEnum


class Trigger(StrEnum):
    """What makes a stage run."""

    MAIN = "main"
    """A commit on the main branch."""
    REQUEST = "request"
    """A pull request of the repository's own is opened or changed."""
    FORK = "fork"
    """A pull request from a fork is opened or changed: somebody else's code, which gets no credentials."""
    CLOSED = "closed"
    """A pull request of the repository's own is closed, or its branch is deleted."""
    NIGHTLY = "nightly"
    """Once a night, on the main branch."""


CHANGE = (Trigger.MAIN, Trigger.REQUEST, Trigger.FORK)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage.

    Args:
        name: its name.
        does: what it does, for people.
        on: what makes it run.
        tasks: tasks of the repository's Makefile, in their order, after `install`.
        after: stages that have to succeed first, where they run at all.
        environment: whose role it takes, a platform's environment or all branches; without one it has no credentials.
        approval: whether a person has to agree first.
        comments: whether it writes a comment to the pull request.
        minutes: how long it may take.
    """

    name: str
    does: str
    on: tuple[Trigger, ...]
    tasks: tuple[str, ...]
    after: tuple[str, ...] = ()
    environment: str = ""
    approval: bool = False
    comments: bool = False
    minutes: int = 20

    @property
    def of_branch(self) -> bool:
        """Tell whether it works on one branch's own stack."""
        return self.name.startswith("branch-")

    @property
    def all_tasks(self) -> tuple[str, ...]:
        """Return all tasks: the environment first, and the Pulumi CLI where there are credentials."""
        return ("install", *(("pulumi",) if self.environment else ()), *self.tasks)


STAGES = (
    Stage(name="check", does="Formats and rules", on=CHANGE, tasks=("check",)),
    Stage(name="test", does="The model's own tests", on=CHANGE, tasks=("test", "verify")),
    Stage(
        name="plan",
        does="What its program would make, without credentials and without a cloud",
        on=(Trigger.REQUEST, Trigger.FORK),
        tasks=("plan",),
        after=("check", "test"),
    ),
    Stage(
        name="branch-up",
        does="The branch's own stack, and a comment with plan, cost and metrics",
        on=(Trigger.REQUEST,),
        tasks=("branch-up",),
        after=("plan",),
        environment="branches",
        comments=True,
        minutes=60,
    ),
    Stage(
        name="branch-down",
        does="Nothing of the branch's stack is left",
        on=(Trigger.CLOSED,),
        tasks=("branch-down",),
        environment="branches",
        minutes=60,
    ),
    Stage(
        name="reap",
        does="Stacks whose branch is gone or whose time is over",
        on=(Trigger.NIGHTLY,),
        tasks=("reap",),
        environment="branches",
        minutes=120,
    ),
    Stage(
        name="staging",
        does="What goes to production next",
        on=(Trigger.MAIN,),
        tasks=("deploy-staging",),
        after=("check", "test"),
        environment="staging",
        minutes=60,
    ),
    Stage(
        name="prod",
        does="Production, once a person has agreed",
        on=(Trigger.MAIN,),
        tasks=("deploy-prod",),
        after=("staging",),
        environment="prod",
        approval=True,
        minutes=60,
    ),
)

PYTHON = "@python@"
"""Where a provider's file wants the repository's Python version."""
HEAD = """\
Written from one definition of the stages, which modelyard has for all CI providers: `modelyard update` follows it.
Every step is a task of the Makefile. Names of branches reach it by the environment alone, never as part of a command.
Without PULUMI_BACKEND_URL nothing is deployed; checks, tests and plans run all the same.
"""
