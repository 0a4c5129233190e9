"""Looking at all files of a stack: whether each can be read, and whether they fit together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from modelyard.engine.embedded.edits import documents
from modelyard.engine.embedded.edits.editor import known
from modelyard.engine.embedded.edits.transfer import salt_of, undecryptable
from modelyard.engine.embedded.edits.verification import foreign, problems
from modelyard.engine.embedded.state import checkpoint as checkpoints
from modelyard.engine.embedded.state import journal
from modelyard.engine.embedded.state.checkpoint import Checkpoint, DamageError
from modelyard.engine.embedded.state.crypt import PassphraseCrypter
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import StateError


@dataclass
class Report:
    """What was found.

    Args:
        facts: what there is.
        errors: what keeps the state from being used.
        warnings: what doesn't, and should be looked at.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the report for a document."""
        return {"errors": self.errors, "warnings": self.warnings, **self.facts}


def inspect(store: StackStore) -> Report:
    """Check a stack's files; nothing is changed.

    Raises:
        StateError: there is no such stack.
    """
    known(store)
    report = Report()
    try:
        latest = store.latest()
    except StateError as error:
        report.errors.append(str(error))
    else:
        _document(store, latest, report)
    _journal(store, report)
    _backup(store, report)
    for owner in store.lock.owners():
        report.warnings.append(f"locked by {owner}{', which has ended: modelyard cancel' if owner.gone else ''}")
    return report


def _document(store: StackStore, latest: Mapping[str, Any], report: Report) -> None:
    report.errors += problems(latest)
    if report.errors:
        return
    secrets = [part for part in documents.ciphertexts(latest) if "ciphertext" in part]
    pending = documents.operations(latest)
    report.facts |= {"resources": len(documents.resources(latest)), "secrets": len(secrets), "pending": len(pending)}
    others = foreign(latest, store.project, store.stack)
    report.warnings += [f"{urn} is another stack's" for urn in others]
    report.warnings += [f"a call was interrupted: {it['type']} {it['resource']['urn']}" for it in pending]
    try:
        if secrets and (why := undecryptable(latest, PassphraseCrypter(store.folder, salt_of(latest)))):
            report.errors.append(f"a secret can't be read: {why}")
    except StateError as error:
        report.errors.append(f"{error}: {error.hint}")


def _journal(store: StackStore, report: Report) -> None:
    data = store.journal_path.read_bytes() if store.journal_path.exists() else b""
    if not data:
        report.facts["journal"] = "none"
        return
    base = _loaded(store, store.path.read_bytes() if store.path.exists() else b"")
    if base is None or journal.header(data).base != base.digest:
        report.facts["journal"] = "of another checkpoint"
        report.warnings.append(f"the journal {store.journal_path} belongs to another checkpoint and is not used")
        return
    good, bad = journal.salvage(data)
    report.facts["journal"] = f"{len(good)} records, to be folded in by the next deployment"
    if bad:
        report.errors.append(f"{bad[0]} lines of the journal can't be read")


def _backup(store: StackStore, report: Report) -> None:
    if not store.backup.exists():
        report.facts["backup"] = "none"
        return
    found = _loaded(store, store.backup.read_bytes())
    if found is None:
        report.warnings.append(f"the backup {store.backup} can't be read: the next deployment writes it anew")
    report.facts["backup"] = "damaged" if found is None else f"{len(documents.resources(found.latest))} resources"


def _loaded(store: StackStore, data: bytes) -> Checkpoint | None:
    try:
        return checkpoints.load(data, store.project, store.stack)
    except DamageError:
        return None
