"""Taking a stack's whole state out, and another one in, as `pulumi stack export` and `pulumi stack import` do."""

import json
from collections.abc import Mapping
from typing import Any

from modelyard import wire
from modelyard.engine.embedded.edits import documents
from modelyard.engine.embedded.edits.documents import Latest
from modelyard.engine.embedded.edits.verification import foreign, problems
from modelyard.engine.embedded.state import checkpoint, history
from modelyard.engine.embedded.state.checkpoint import DamageError
from modelyard.engine.embedded.state.crypt import PassphraseCrypter
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import StateError

_SHOWN = 5
_PASSPHRASE = "passphrase"  # noqa: S105 - the name of a secrets provider


def export(store: StackStore, *, show_secrets: bool = False, version: int | None = None) -> dict[str, Any]:
    """Return a stack's state: `{"version": 3, "deployment": {...}}`.

    Args:
        store: the stack.
        show_secrets: whether secrets are decrypted.
        version: the entry of the history whose state is wanted; the present one's when it is none.

    Raises:
        StateError: there is no such stack, its state is damaged, or its secrets can't be decrypted.
    """
    if version is not None:
        latest = _of_version(store, version)
    elif store.path.exists() or store.backup.exists():
        latest = store.latest()
    else:
        raise StateError(
            f"there is no stack {store.title}", hint=f"make it: modelyard up {store.project} --env {store.stack}"
        )
    if show_secrets:
        crypter = PassphraseCrypter(store.folder, salt_of(latest))
        latest = _each(latest, lambda part: _shown(part, crypter))
    return {**checkpoint.versioned(latest), "deployment": latest}


def take(store: StackStore, document: Mapping[str, Any], *, force: bool = False) -> None:
    """Take an exported state for the stack's; all of it is checked before anything is written.

    Args:
        store: the stack.
        document: what `export` returns.
        force: whether another stack's resources are taken too.

    Raises:
        StateError: it is not a valid state, its secrets can't be decrypted, or it is another stack's and not forced.
    """
    latest = _checked(store, document, force=force)
    with store.locked():
        store.expect_anything()
        store.replace(_encrypted(store, latest))
        with store.reporting():
            history.add(store, history.Entry(verb="import", message="state import"))


def salt_of(latest: Mapping[str, Any]) -> str:
    """Return the salt of a deployment's secrets.

    Raises:
        StateError: something else than a passphrase protects them.
    """
    provider = latest.get("secrets_providers") or {}
    if provider and provider.get("type") != _PASSPHRASE:
        raise StateError(
            f"its secrets are kept by {provider.get('type')}, not by a passphrase",
            hint="use the Pulumi CLI on it: --engine pulumi",
        )
    return str((provider.get("state") or {}).get("salt") or "")


def undecryptable(latest: Mapping[str, Any], crypter: PassphraseCrypter) -> str:
    """Say why a secret of a deployment can't be decrypted; empty when all can.

    Raises:
        StateError: the passphrase is wrong.
    """
    for part in documents.ciphertexts(latest):
        if "ciphertext" in part:
            try:
                json.loads(crypter.decrypt(part["ciphertext"]))
            except (ValueError, AttributeError) as error:
                return str(error)
    return ""


def _of_version(store: StackStore, version: int) -> Latest:
    try:
        return dict(checkpoint.load(history.checkpoint(store, version), store.project, store.stack).latest)
    except DamageError as error:
        raise StateError(f"the state that was kept of version {version} is damaged: {error}") from error


def _checked(store: StackStore, document: Mapping[str, Any], *, force: bool) -> Latest:
    latest = document.get("deployment") if isinstance(document, Mapping) else None
    if not isinstance(latest, dict):
        raise StateError("this is no exported state", hint="make one: modelyard state export, or pulumi stack export")
    try:
        checkpoint.check_version(document)
    except DamageError as error:
        raise StateError(f"this state can't be imported: {error}", hint="export it with an older version") from error
    wrong = problems(latest)
    if wrong:
        more = f", and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise StateError(f"this state is not valid: {'; '.join(wrong[:_SHOWN])}{more}", hint="mend it and try again")
    others = foreign(latest, store.project, store.stack)
    if others and not force:
        raise StateError(
            f"{len(others)} of its resources are another stack's, such as {others[0]}",
            hint="import it there, or add --force",
        )
    crypter = PassphraseCrypter(store.folder, salt_of(latest))
    if not crypter.salt and any("ciphertext" in part for part in documents.ciphertexts(latest)):
        raise StateError("its secrets are encrypted and it does not say how", hint="export it with --show-secrets")
    undecryptable(latest, crypter)
    return latest


def _encrypted(store: StackStore, latest: Latest) -> Latest:
    """Encrypt what an export with `--show-secrets` shows; all else stays as it is."""
    if not any("plaintext" in part for part in documents.ciphertexts(latest)):
        return latest
    crypter = PassphraseCrypter(store.folder, salt_of(latest))
    latest = _each(latest, lambda part: _hidden(part, crypter))
    return {**latest, "secrets_providers": {"type": _PASSPHRASE, "state": {"salt": crypter.salt}}}


def _each(latest: Latest, change: Any) -> Latest:
    made = dict(latest)
    for key in ("resources", "pending_operations"):
        if key in made:
            made[key] = wire.walk(made[key] or [], change)
    return made


def _is_secret(part: Any) -> bool:
    return isinstance(part, dict) and part.get(wire.SIGNATURE_KEY) == wire.SECRET_SIGNATURE


def _shown(part: Any, crypter: PassphraseCrypter) -> Any:
    if _is_secret(part) and "ciphertext" in part:
        return {wire.SIGNATURE_KEY: wire.SECRET_SIGNATURE, "plaintext": crypter.decrypt(part["ciphertext"])}
    return part


def _hidden(part: Any, crypter: PassphraseCrypter) -> Any:
    if _is_secret(part) and "plaintext" in part:
        return {wire.SIGNATURE_KEY: wire.SECRET_SIGNATURE, "ciphertext": crypter.encrypt(part["plaintext"])}
    return part
