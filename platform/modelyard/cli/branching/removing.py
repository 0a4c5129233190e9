"""Taking branch stacks away, and the proof: jobs, resources, leftovers, inventory, and the state's entry last."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from modelyard import project as projects
from modelyard.cli import deploy, teardown
from modelyard.cli.branching import locks
from modelyard.cli.branching.stacks import Place
from modelyard.cli.engines import engine_of
from modelyard.cli.options import EngineName
from modelyard.engine import stack_file
from modelyard.engine.base import Deployment, Result, Severity
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import ModelyardError, StateError, UsageError
from modelyard.models.pipelines import translated
from modelyard.previews import leftovers, ownership, records
from modelyard.previews.ledger import Ledger
from modelyard.previews.leftovers import ModelStack
from modelyard.previews.locks import BranchLock, HeldError
from modelyard.previews.records import BranchStack
from modelyard.targets import Target

Say = Callable[[str], None]
Outcome = Literal["removed", "left", "failed", "skipped"]
_AWS_TRIES, _AWS_PAUSE_SECONDS = 6, 10.0
_BATCH = 50  # an inventory serves all of a batch; each of its stacks holds a lock, which is an open file


@dataclass(frozen=True, kw_only=True)
class Removal:
    """What became of one stack.

    Args:
        stack: the stack.
        outcome: whether all of it is gone.
        reason: why it is not.
        hint: what to type then.
        left: kind and name of each thing that is still there.
        result: the engine's, if it came to that.
        seconds: how long its own part took.
    """

    stack: BranchStack
    outcome: Outcome
    reason: str = ""
    hint: str = ""
    left: tuple[tuple[str, str], ...] = ()
    result: Result | None = None
    seconds: float = 0.0


@dataclass
class Removing:
    """One command that takes branch stacks away.

    Args:
        place: where they are.
        verb: the command's own, for the locks.
        say: told of locks that are broken.
    """

    place: Place
    verb: str
    say: Say
    _targets: dict[str, Target] = field(default_factory=dict)

    def remove(self, stacks: Sequence[BranchStack]) -> Iterator[Removal]:
        """Take stacks away, one batch after the other; what keeps one does not keep the others."""
        for start in range(0, len(stacks), _BATCH):
            with ExitStack() as held:
                done = [self._destroyed(stack, held) for stack in stacks[start : start + _BATCH]]
                yield from self._proven(done)
        if stacks:
            deploy.keep_cloud_of(self.place.choices, self.place.home)

    def _destroyed(self, stack: BranchStack, held: ExitStack) -> Removal:
        """Destroy one stack; its lock is held until all of the batch is proven."""
        begun = time.perf_counter()
        try:
            held.enter_context(BranchLock(self.place.home, stack.project, stack.stack, stack.branch).held(self.verb))
            if self.place.is_folder:
                locks.freed(self._store(stack), self.say)
            self._check_ownership(stack)
            with translated("type the same again to go on"):
                result = self._destroy(stack)
        except HeldError as error:
            return Removal(stack=stack, outcome="skipped", reason=str(error), hint=error.hint)
        except ModelyardError as error:
            return Removal(stack=stack, outcome="failed", reason=str(error), hint=error.hint)
        seconds = time.perf_counter() - begun
        if result.outcome == "succeeded":
            return Removal(stack=stack, outcome="removed", result=result, seconds=seconds)
        return Removal(stack=stack, outcome="failed", reason=_why(result), result=result, seconds=seconds)

    def _destroy(self, stack: BranchStack) -> Result:
        place, model = self.place, self._model(stack)
        target = model.target
        return teardown.remove(
            place.state, stack.title, target, place.choices, unprotect=False, model=model, sweeping=False
        )

    def _check_ownership(self, stack: BranchStack) -> None:
        """See on AWS that all the state would delete is the stack's own; our own provider asks before each delete."""
        if self._target(stack).is_aws:
            state = engine_of(self.place.choices).export_state(self._described(stack))
            ownership.refuse_foreign(self._model(stack), ownership.arns_of(state))

    def _proven(self, done: list[Removal]) -> Iterator[Removal]:
        """Sweep what programs never made, look for what is left, and let go of what is clean."""
        clean = [it for it in done if it.outcome == "removed"]
        yield from (it for it in done if it.outcome != "removed")
        for region in sorted({it.stack.region for it in clean}):
            of_region = [it for it in clean if it.stack.region == region]
            try:
                with translated():
                    yield from self._proven_together(of_region)
            except ModelyardError as error:
                yield from (replace(it, outcome="failed", reason=str(error), hint=error.hint) for it in of_region)

    def _proven_together(self, clean: list[Removal]) -> list[Removal]:
        models = {it.stack.title: self._model(it.stack) for it in clean}
        jobs = leftovers.ledger(list(models.values()))
        swept = [self._swept(it, models[it.stack.title], jobs) for it in clean]
        rest = {it.stack.title: it for it in swept if it.outcome == "removed"}
        found = _left_in_the_end([models[title] for title in rest])
        let_go = [self._let_go(removal, found[title]) for title, removal in rest.items()]
        return [it for it in swept if it.outcome != "removed"] + let_go

    def _swept(self, removal: Removal, model: ModelStack, jobs: Ledger) -> Removal:
        begun = time.perf_counter()
        try:
            with translated("type the same again to go on"):
                leftovers.sweep(model, jobs)
        except ModelyardError as error:
            return replace(removal, outcome="failed", reason=str(error), hint=error.hint)
        return replace(removal, seconds=removal.seconds + time.perf_counter() - begun)

    def _let_go(self, removal: Removal, left: list[tuple[str, str]]) -> Removal:
        """Forget a stack of which nothing is left; its state's entry and its configuration go last."""
        if left:
            reason = f"{len(left)} of its resources are left"
            return replace(removal, outcome="left", left=tuple(left), reason=reason, hint="modelyard branch down")
        stack = removal.stack
        try:
            self._forget_state(stack)
        except ModelyardError as error:
            return replace(removal, outcome="failed", reason=str(error), hint=error.hint)
        records.forget(self.place.home, stack)
        stack_file.path(self._described(stack)).unlink(missing_ok=True)
        return removal

    def _forget_state(self, stack: BranchStack) -> None:
        if self.place.choices.engine is EngineName.PULUMI:
            from modelyard.engine.pulumi_cli import PulumiEngine

            PulumiEngine().remove(self._described(stack))
        if not self.place.is_folder:
            return
        store = self._store(stack)
        if store.path.exists() and store.snapshot.resources:
            raise StateError(f"{stack.title} has resources again", hint="modelyard branch show")
        store.remove()  # what the CLI leaves beside the state goes too

    def _described(self, stack: BranchStack) -> Deployment:
        found = deploy.deployment(self.place.state, stack.project, stack.stack, self._target(stack), self.place.choices)
        return replace(found, program=_program(stack.project) or found.program)

    def _store(self, stack: BranchStack) -> StackStore:
        return StackStore(self.place.state, stack.project, stack.stack)

    def _target(self, stack: BranchStack) -> Target:
        if stack.region not in self._targets:
            found = deploy.cloud_of(self.place.choices, self.place.home, stack.region, start=True)
            self._targets[stack.region] = found
        return self._targets[stack.region]

    def _model(self, stack: BranchStack) -> ModelStack:
        return teardown.model_stack(self.place.backend, stack, self._target(stack))


def _left_in_the_end(stacks: Sequence[ModelStack]) -> dict[str, list[tuple[str, str]]]:
    """List what is left; AWS goes on listing for a while what is gone, and is asked again."""
    found = left_over(stacks)
    for _ in range(_AWS_TRIES):
        if not any(found.values()) or not stacks[0].target.is_aws:
            break
        time.sleep(_AWS_PAUSE_SECONDS)
        found = left_over(stacks)
    return found


def left_over(stacks: Sequence[ModelStack]) -> dict[str, list[tuple[str, str]]]:
    """List all that the cloud still has of stacks of one region, by their names and tags; once for all of them."""
    found: dict[str, list[tuple[str, str]]] = {f"{it.project}/{it.stack}": [] for it in stacks}
    if not stacks:
        return found
    jobs = leftovers.ledger(stacks)
    for stack in stacks:
        found[f"{stack.project}/{stack.stack}"] = leftovers.traces(stack, jobs)
    for title, items in leftovers.tagged(stacks).items():
        found[title] += items
    if not stacks[0].target.is_aws:
        _add_named(stacks, found)
    return found


def _add_named(stacks: Sequence[ModelStack], found: dict[str, list[tuple[str, str]]]) -> None:
    """Add what the local cloud has under the stacks' names, of all types there are."""
    from modelyard.localcloud.inventory import inventory

    titles = {it.head.removesuffix("-"): f"{it.project}/{it.stack}" for it in stacks}
    words = re.compile(r"[a-z][a-z0-9-]*")
    for item in inventory(stacks[0].target.endpoint_url, stacks[0].region):
        for word in words.findall(item.id):
            parts = word.split("-")
            heads = ("-".join(parts[:count]) for count in range(2, len(parts) + 1))
            for title in (titles[head] for head in heads if head in titles):
                if (item.type, item.id) not in found[title]:
                    found[title].append((item.type, item.id))


def _program(project: str) -> Path | None:
    """Return the folder of a project's program, if the user stands in its repository."""
    try:
        stacks = projects.find().stacks
    except UsageError:
        return None
    return next((it.path for it in stacks if it.project == project), None)


def _why(result: Result) -> str:
    errors = [f"{it.name}: {it.error}" for it in result.changes if it.error]
    errors += [it.message for it in result.diagnostics if it.severity is Severity.ERROR]
    return "; ".join(errors) or result.outcome
