"""Making a branch's stack, or bringing it up to date: limits first, then the record, the resources, the model."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from modelyard.cli import deploy, views
from modelyard.cli.branching import locks, serving
from modelyard.cli.branching.costs import Budget
from modelyard.cli.branching.stacks import Place, find, known
from modelyard.cli.deploy import Session
from modelyard.cli.model import branch_session
from modelyard.cli.options import UpChoices
from modelyard.engine import stack_file
from modelyard.engine.base import Deployment, Result
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import ModelyardError, UsageError
from modelyard.previews import branches, limits, records
from modelyard.previews.locks import BranchLock
from modelyard.previews.records import BranchStack
from modelyard.settings.model import ModelSettings

_ACTORS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "CHANGE_AUTHOR", "CIRCLE_USERNAME")
_VERB = "branch up"
_SAMPLE = "0.1"  # of the training rows


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a user asks for.

    Args:
        branch: the branch.
        owner: whose it is; empty for whoever asks.
        pull_request: its number; empty without one.
        model: what the endpoint is to serve; empty for what the settings say.
    """

    branch: str
    owner: str = ""
    pull_request: str = ""
    model: str = ""


@dataclass
class Made:
    """What came of it.

    Args:
        stack: the stack.
        settings: its settings.
        results: what the engine did, in turn.
        document: the same, for machines.
        budget: what it costs.
        served: what its endpoint serves.
        problem: what kept it from getting its model, if something did.
    """

    stack: BranchStack
    settings: ModelSettings
    budget: Budget
    results: list[Result] = field(default_factory=list)
    document: dict[str, Any] = field(default_factory=dict)
    served: serving.Served = field(default_factory=serving.Served)
    problem: ModelyardError | None = None

    @property
    def succeeded(self) -> bool:
        """Tell whether all of it did."""
        return bool(self.results) and all(it.outcome == "succeeded" for it in self.results)


def make(place: Place, wanted: Wanted, choices: UpChoices) -> Made:
    """Make a branch's stack, or bring it up to date, and give it its model; what failed is in the results.

    Raises:
        HeldError: somebody else works on it.
        LimitError: there are too many stacks, and nothing was made.
        UsageError: the branch is gone from the remote.
    """
    opened = branch_session(wanted.branch, choices)
    settings = opened.settings
    if not isinstance(settings, ModelSettings):
        raise UsageError("this is the platform, not a model repository", hint="cd to a model repository")
    project = opened.project.stacks[0].project
    _refuse_closed(place, wanted)
    with BranchLock(place.home, project, opened.environment, wanted.branch).held(_VERB):
        stack, fresh = _recorded(place, wanted, settings, project)
        if place.is_folder:
            locks.freed(StackStore(place.state, project, stack.stack), views.warning)
        made = Made(stack=stack, settings=settings, budget=_budget(place, settings))
        opened = replace(opened, config=stack.config)
        with _undone(place, made, opened, fresh=fresh):
            _up(made, opened)
        if made.succeeded:
            try:
                _give_model(place, made, opened, wanted)
            except ModelyardError as error:
                made.problem = error
    return made


def _give_model(place: Place, made: Made, opened: Session, wanted: Wanted) -> None:
    """Give the stack its model, and its endpoint with it."""
    chosen = wanted.model or made.settings.branch.model
    branch = serving.Branch(place=place, stack=made.stack, opened=opened, outputs=made.results[-1].outputs)
    made.served = serving.serve(branch, chosen, anew=bool(wanted.model))
    if made.served.arrived:
        _up(made, opened)


def _up(made: Made, opened: Session) -> None:
    results, document = deploy.carry_out(
        "up", opened, [], lambda engine, it, sink: engine.up(it, sink), start=True, checks=[made.budget.check]
    )
    made.results += results
    if made.document:
        earlier = made.document
        document["resources"] = earlier["resources"] + document["resources"]
        words = [*earlier["changes"], *(it for it in document["changes"] if it not in earlier["changes"])]
        document["changes"] = {it: earlier["changes"].get(it, 0) + document["changes"].get(it, 0) for it in words}
        document["duration_s"] = round(earlier["duration_s"] + document["duration_s"], 3)
    made.document = document


def _recorded(place: Place, wanted: Wanted, settings: ModelSettings, project: str) -> tuple[BranchStack, bool]:
    """Keep what is known of the stack before anything of it is made; tells whether it is a new one."""
    chosen = settings.branch
    with BranchLock(place.home, project, "").waited_for():  # two at once would both find room for one
        before = find(place, wanted.branch)
        owner = (before and before.owner) or wanted.owner or _asker(place.root)
        if before is None:
            limits.check_counts(known(place), owner, most=chosen.max_stacks, most_of_owner=chosen.max_stacks_per_owner)
        created = (before and before.created) or records.now()
        stack = BranchStack(
            project=project,
            branch=wanted.branch,
            stack=branches.stack_name(wanted.branch),
            platform=settings.platform,
            region=settings.region,
            created=created,
            owner=owner,
            commit=branches.commit(place.root),
            pull_request=wanted.pull_request or (before.pull_request if before else ""),
            expires=(before and before.expires) or records.expiry(created, chosen.ttl_days),
            sample_fraction=_SAMPLE if (wanted.model or chosen.model) == "sample" else "",
        )
        records.keep(place.home, stack)
    return stack, before is None


@contextmanager
def _undone(place: Place, made: Made, opened: Session, *, fresh: bool) -> Iterator[None]:
    """Drop the record of a new stack of which nothing was made, as where its plan was refused."""
    try:
        yield
    finally:
        store = StackStore(place.state, made.stack.project, made.stack.stack)
        if fresh and place.is_folder and not _has_resources(store):
            store.remove()
            records.forget(place.home, made.stack)
            program = opened.project.stacks[0].path
            stack_file.path(replace(_nowhere(made.stack), program=program)).unlink(missing_ok=True)


def _has_resources(store: StackStore) -> bool:
    if store.path.with_suffix(".journal").exists():
        return True
    return store.path.exists() and any(it.custom and not it.is_provider for it in store.snapshot.resources)


def _nowhere(stack: BranchStack) -> Deployment:
    return Deployment(project=stack.project, stack=stack.stack, program=Path(), state=Path())


def _refuse_closed(place: Place, wanted: Wanted) -> None:
    """Refuse a pull request's branch that is gone: its `up` comes after its `down`.

    Raises:
        UsageError: the remote answers, and doesn't have the branch.
    """
    if not wanted.pull_request or not branches.has_remote(place.root, "origin"):
        return
    live = branches.live_branches(place.root, "origin")
    if live is not None and wanted.branch not in live:
        raise UsageError(
            f"the pull request's branch {branches.shown(wanted.branch)!r} is gone from the remote; nothing is made",
            hint="push it again, or leave out --pull-request",
        )


def _budget(place: Place, settings: ModelSettings) -> Budget:
    own = place.home / "prices.csv"
    prices = (own,) if own.is_file() else ()
    return Budget(region=settings.region, limit=settings.branch.monthly_limit_usd, prices=prices)


def _asker(root: Path) -> str:
    """Return who asks: whom CI names, else whom git does, else this machine's user."""
    named = next((os.environ[name] for name in _ACTORS if os.environ.get(name)), "")
    if named or (named := branches.author(root)):
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
