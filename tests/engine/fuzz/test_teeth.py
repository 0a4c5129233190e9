"""A test that can't fail proves nothing: each of these engines has one bug, and the machine has to find it."""

from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import Any

import pytest
from engine.fuzz.cloud import Provider
from engine.fuzz.disk import FaultyDisk
from engine.fuzz.host import Host
from engine.fuzz.machine import StackMachine
from engine.fuzz.sequences import QUICKLY, run

from modelyard.engine.base import Options
from modelyard.engine.embedded.engine import EmbeddedEngine
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import ModelyardError

EXAMPLES = 1000


class NothingSynced(FaultyDisk):
    """Never waits for the medium."""

    def sync(self, file):
        self.life.check()


class NoFolderSynced(FaultyDisk):
    """Never waits for a folder's entries."""

    def sync_folder(self, path):
        self.life.check()


class SilentWhenFull(FaultyDisk):
    """Says nothing when there is no room."""

    def append(self, file, data):
        with suppress(OSError):
            super().append(file, data)


class NoIntent(StackStore):
    """Does not note that a call begins."""

    def commit(self, record, *, durable=True):
        if record["op"] != "begin":
            super().commit(record, durable=durable)


class LateResult(StackStore):
    """Does not wait until a result is on the medium."""

    def commit(self, record, *, durable=True):
        super().commit(record, durable=durable and record["op"] == "begin")


class NoBackup(StackStore):
    """Keeps no copy."""

    def _copy(self):
        pass


class WrongOrder(StackStore):
    """Writes users before what they need."""

    def _document(self):
        found = super()._document()
        return {**found, "resources": found["resources"][::-1]}


class NoLock(StackStore):
    """Takes no lock."""

    @contextmanager
    def locked(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with nullcontext():
            yield


def on(store: type[StackStore]) -> Any:
    """Make engines that keep their state in another kind of store."""

    class Engine(EmbeddedEngine):
        def _store(self, deployment):
            return store(deployment.state, deployment.project, deployment.stack, self._disk)

    return lambda host, disk: Engine(host, disk=disk)


class WritingPreview(EmbeddedEngine):
    """Writes a checkpoint in a preview."""

    def preview(self, deployment, sink, *, verb="up"):
        with self._store(deployment).writing():
            pass
        return super().preview(deployment, sink, verb=verb)


class BlindRefresh(EmbeddedEngine):
    """Refreshes nothing."""

    def refresh(self, deployment, sink):
        return replace(super().preview(deployment, sink, verb="refresh"), verb="refresh")


class NoTargets(EmbeddedEngine):
    """Touches everything."""

    def up(self, deployment, sink):
        return super().up(replace(deployment, options=Options(parallel=1)), sink)


class NoProtection(EmbeddedEngine):
    """Deletes what is protected."""

    def destroy(self, deployment, sink, *, unprotect=False):
        return super().destroy(deployment, sink, unprotect=True)


class NoAliases(Host):
    """Forgets what resources were called."""

    def _alias(self, former):
        return super()._alias(replace(former, name="nobody"))


class OpenSecrets(Host):
    """Does not say what is secret."""

    def _inputs(self, spec):
        return {key: getattr(value, "value", value) for key, value in super()._inputs(spec).items()}


class ListsNothing(Provider):
    """Finds nothing that an interrupted deployment may have made."""

    def List(self, request, context):
        return iter(())


class ForgetsUpdates(Provider):
    """Sees no difference."""

    def Diff(self, request, context):
        return super().Diff(type(request)(), context)


def engine(kind: type[EmbeddedEngine]) -> Any:
    return lambda host, disk: kind(host, disk=disk)


def host(kind: type[Host]) -> Any:
    return lambda given, disk: EmbeddedEngine(kind(given.program, given.width), disk=disk)


BUGS = {
    "nothing is synced": {"make_disk": NothingSynced},
    "no folder is synced": {"make_disk": NoFolderSynced},
    "a full disk goes unnoticed": {"make_disk": SilentWhenFull},
    "no intent before a call": {"make_engine": on(NoIntent)},
    "a result is not on the medium when it is reported": {"make_engine": on(LateResult)},
    "no backup": {"make_engine": on(NoBackup)},
    "users before what they need": {"make_engine": on(WrongOrder)},
    "no lock": {"make_engine": on(NoLock)},
    "a preview writes": {"make_engine": engine(WritingPreview)},
    "a refresh reads nothing": {"make_engine": engine(BlindRefresh)},
    "targets are no limit": {"make_engine": engine(NoTargets)},
    "protection is none": {"make_engine": engine(NoProtection)},
    "an alias is forgotten": {"make_engine": host(NoAliases)},
    "a secret is written": {"make_engine": host(OpenSecrets)},
    "what a kill cut short is not found": {"make_provider": ListsNothing},
    "a change goes unnoticed": {"make_provider": ForgetsUpdates},
}


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_the_machine_finds(bug, monkeypatch):
    monkeypatch.setenv("MODELYARD_FUZZ_SEED", "1")

    class Machine(StackMachine):
        factories = BUGS[bug]

    with pytest.raises((AssertionError, ModelyardError, BaseExceptionGroup)):
        run(EXAMPLES, machine=Machine, report_multiple_bugs=False, **QUICKLY)
