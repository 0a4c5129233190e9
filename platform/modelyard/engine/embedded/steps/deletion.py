"""Deleting what a program no longer has: dependents before what they need, each failure stopping only what it must."""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from queue import SimpleQueue

from modelyard.engine.base import Severity
from modelyard.engine.embedded.requests.hooks import Moment
from modelyard.engine.embedded.run import Run, describe
from modelyard.engine.embedded.state.resource import Resource
from modelyard.engine.embedded.steps.limits import refuse_unknown_targets
from modelyard.engine.plan import Op
from modelyard.errors import DeploymentError


def delete_leftovers(run: Run, *, unprotect: bool = False) -> None:
    """Delete every old resource that the program did not register, and those that were replaced.

    Args:
        run: the deployment; for `destroy`, one whose program registered nothing.
        unprotect: whether protected resources go too.
    """
    if refuse_unknown_targets(run):
        return
    doomed = _doomed(run)
    if run.targets.limited and not _may_go(run, doomed):
        return
    if doomed:
        run.admit()
    gone = frozenset(run.deleting)
    run.deleting |= {resource.urn for resource in doomed.values()}
    _Deletions(run, doomed, gone, unprotect=unprotect).carry_out()


def _doomed(run: Run) -> dict[int, Resource]:
    """List what has to go, by its place."""
    found = {
        index: resource
        for index, resource in enumerate(run.snapshot.old)
        if resource is not None and (resource.delete or resource.urn not in run.seen)
    }
    if run.targets.limited:
        allowed = run.targets.closure(run.snapshot.resources)
        found = {index: resource for index, resource in found.items() if resource.urn in allowed}
    return _without_used_providers(run, found)


def _without_used_providers(run: Run, doomed: dict[int, Resource]) -> dict[int, Resource]:
    """Leave out providers of resources that stay: a replaced one goes once nothing is left that it made."""
    going = {id(resource) for resource in doomed.values()}
    used = {it.provider for it in run.snapshot.resources if id(it) not in going}
    return {index: it for index, it in doomed.items() if not it.is_provider or f"{it.urn}::{it.id}" not in used}


def _may_go(run: Run, doomed: dict[int, Resource]) -> bool:
    """Tell whether all that would go was asked for; what was not is an error, and a preview goes on to tell of more."""
    unasked = sorted({it.urn for it in doomed.values() if not run.targets.named(it.urn)})
    if run.deployment.options.target_dependents or not unasked:
        return True
    for urn in unasked:
        run.say(
            Severity.ERROR,
            f"{urn} would be deleted, for it needs a target, and is not among the targets\n"
            f"  -> add --target '{urn}', or --target-dependents",
            urn,
        )
    return run.preview


@dataclass
class _Deletions:
    """Deletions that wait for one another.

    Args:
        run: the deployment.
        doomed: what has to go, by its place.
        gone: the URNs of what was deleted before, for its successor to come.
        unprotect: whether protected resources go too.
        waiting: for each place, those that have to be done with before its turn.
        inside: for what the provider deletes along with another, the place of that other.
        inner: the other way round.
        kept: the URNs of what must stay because something that needs it stays.
    """

    run: Run
    doomed: dict[int, Resource]
    gone: frozenset[str]
    unprotect: bool
    waiting: dict[int, set[int]] = field(default_factory=dict)
    inside: dict[int, int] = field(default_factory=dict)
    inner: dict[int, list[int]] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)

    def carry_out(self) -> None:
        """Delete; what is independent goes at the same time."""
        self.kept = _needed(self.run.unfinished, self.run.snapshot.resources)
        self.waiting = _dependents(self.doomed)
        self.inside = _insides(self.doomed, self.waiting)
        for index, outer in self.inside.items():
            self.inner.setdefault(outer, []).append(index)
        followers: dict[int, list[int]] = {index: [] for index in self.doomed}
        for index, before in self.waiting.items():
            for other in before:
                followers[other].append(index)
        ready = sorted((index for index, before in self.waiting.items() if not before), reverse=True)
        running: dict[Future[bool], int] = {}
        ended: SimpleQueue[Future[bool]] = SimpleQueue()  # `wait` would look at all that run whenever one ends
        with ThreadPoolExecutor(max_workers=max(self.run.deployment.options.parallel, 1)) as pool:
            while ready or running:
                for index in ready:
                    future = pool.submit(self._delete, index, self.doomed[index])
                    running[future] = index
                    future.add_done_callback(ended.put)
                ready = sorted(self._finished(running, [ended.get()], followers), reverse=True)

    def _finished(
        self, running: dict[Future[bool], int], done: Iterable[Future[bool]], followers: dict[int, list[int]]
    ) -> list[int]:
        """Note what has ended; returns the places whose turn has come."""
        ready = []
        for future in done:
            index = running.pop(future)
            if not future.result():
                for place in (index, *self._within(index)):
                    self.kept |= self.doomed[place].needs()
            for other in followers[index]:
                self.waiting[other].discard(index)
                if not self.waiting[other]:
                    ready.append(other)
        return ready

    def _delete(self, index: int, resource: Resource) -> bool:
        """Delete one resource; returns whether it is gone."""
        if self.run.cancelled or resource.urn in self.kept:
            return False
        if resource.protect and not self.unprotect and not resource.delete:
            message = "it is protected: remove the protection from the program, or from the state, and try again"
            self.run.done(describe(Op.DELETE, resource, error=message))
            self.run.failed = True
            return False
        if index in self.inside:
            return True  # once the other is gone
        try:
            if resource.delete or resource.external or resource.pending_replacement:
                self._unreported(index, resource)
            else:
                self.run.carry_out(describe(Op.DELETE, resource), lambda: self._work(index, resource))
        except DeploymentError:
            return False
        return True

    def _unreported(self, index: int, resource: Resource) -> None:
        """Carry out the second half of a replacement, which was reported as one step; a failure is reported still."""
        try:
            self._work(index, resource)
        except DeploymentError as error:
            self.run.fail(replace(describe(Op.DELETE, resource), error=str(error)))
            raise

    def _work(self, index: int, resource: Resource) -> Resource:
        moment = Moment(verb="delete", old=resource)
        self.run.plugins.hooks.before(moment)
        called = _is_deleted(resource) and resource.deleted_with not in self.gone
        number = self.run.call("deleting", resource) if called else None
        try:
            if number is not None:
                self.run.plugin(resource).delete(resource)
        except DeploymentError:
            self.run.settle(number)
            raise
        self.run.plugins.hooks.after(moment)
        inner = self._within(index)
        self.run.record(self.run.snapshot.end(number, drop=index, along=inner))
        for place in inner:
            if not self.doomed[place].delete:
                self.run.done(describe(Op.DELETE, self.doomed[place]))
        return resource

    def _within(self, index: int) -> list[int]:
        """List the places of what goes along with a resource, and with that."""
        return [found for place in self.inner.get(index, ()) for found in (*self._within(place), place)]


def _insides(doomed: dict[int, Resource], waiting: dict[int, set[int]]) -> dict[int, int]:
    """Map the places of what the provider deletes along with another resource to the place of that.

    The state has it until the other is gone, so what it needs waits for that too; where that would be a circle, it is
    deleted by a call of its own.
    """
    deleted = {index: resource for index, resource in doomed.items() if _is_deleted(resource)}
    places = {resource.urn: index for index, resource in deleted.items()}
    places |= {f"{it.delete} {it.urn}": index for index, it in deleted.items()}
    needs: dict[int, list[int]] = {index: [] for index in doomed}
    for place, before in waiting.items():
        for index in before:
            needs[index].append(place)
    found: dict[int, int] = {}
    for index, resource in deleted.items():
        outer = places.get(f"{resource.delete} {resource.deleted_with}", places.get(resource.deleted_with))
        if outer is None:
            continue
        needed = [place for place in needs[index] if place != outer and found.get(place) != outer]
        if not any(_waits(waiting, outer, place) for place in needed):
            found[index] = outer
            for place in needed:
                waiting[place].add(outer)
    return found


def _waits(waiting: dict[int, set[int]], one: int, other: int) -> bool:
    """Tell whether one waits for another, by whatever way."""
    if one in waiting[other]:
        return False  # it is the other way round
    seen, reached = {one}, [one]
    while reached:
        further = waiting[reached.pop()] - seen
        seen |= further
        reached += further
    return other in seen


def _is_deleted(resource: Resource) -> bool:
    """Tell whether a resource is deleted at its provider, by a call or along with another."""
    real = resource.custom and not resource.external and not resource.is_provider
    return real and not resource.pending_replacement and not resource.retain_on_delete


def _dependents(doomed: dict[int, Resource]) -> dict[int, set[int]]:
    """For each place, list the places of what needs the resource there."""
    places: dict[str, list[int]] = {}
    for index, resource in doomed.items():
        places.setdefault(resource.urn, []).append(index)
    found: dict[int, set[int]] = {index: set() for index in doomed}
    for index, resource in doomed.items():
        for urn in resource.needs():
            for needed in places.get(urn, ()):
                if needed < index or doomed[needed].delete == resource.delete:
                    found[needed].add(index)
    return found


def _needed(urns: Iterable[str], resources: Iterable[Resource]) -> set[str]:
    """Return resources and all that they need, of resources given dependencies first."""
    found = set(urns)
    for resource in reversed(list(resources)):
        if resource.urn in found:
            found |= resource.needs()
    return found
