"""Secrets of a stack, byte-compatible with Pulumi's passphrase provider.

AES-256-GCM under a key that PBKDF2-SHA256 derives from a passphrase (1,000,000 rounds); a ciphertext reads
`v1:<nonce>:<ciphertext>` and a stack's salt `v1:<salt>:<ciphertext of "pulumi">`, each part in base64. Source:
`sdk/go/common/resource/config/crypt.go` and `pkg/secrets/passphrase` of Pulumi.
"""

import base64
import hashlib
import os
import secrets
import threading
from functools import lru_cache
from pathlib import Path

from modelyard.engine.embedded.state.disk import Disk, write_once
from modelyard.errors import StateError

_ROUNDS = 1_000_000
_CHECK = "pulumi"


class PassphraseCrypter:
    """Encrypts a stack's secrets; the key is derived when the first one is met.

    Args:
        folder: the backend's folder, which keeps a generated passphrase where the environment gives none.
        salt: the stack's salt; a new one is made when it is empty and a secret is met.
        disk: the file system.
    """

    def __init__(self, folder: Path, salt: str = "", disk: Disk | None = None) -> None:
        self._folder = folder
        self._disk = disk or Disk()
        self._lock = threading.Lock()
        self._derived: bytes | None = None
        self.salt = salt

    def encrypt(self, plaintext: str) -> str:
        """Encrypt a text."""
        return _seal(self._key, plaintext)

    def decrypt(self, ciphertext: str) -> str:
        """Decrypt a text.

        Raises:
            StateError: the key is wrong or the text damaged.
        """
        return _open(self._key, ciphertext)

    @property
    def _key(self) -> bytes:
        with self._lock:  # two first secrets at once must not make two salts
            if self._derived is None:
                self._derived = self._key_of_salt()
            return self._derived

    def _key_of_salt(self) -> bytes:
        phrase = _passphrase(self._folder, self._disk, new=not self.salt)
        if self.salt:
            version, raw_text, check = (*self.salt.split(":", 2), "", "")[:3]
            try:
                raw = base64.b64decode(raw_text, validate=True)
            except ValueError:
                version = ""
            if version != "v1" or not check:
                raise StateError("the stack's secrets have a salt that can't be read: the state is damaged")
            key = _derive(phrase, raw)
            _open(key, check)
            return key
        raw = secrets.token_bytes(8)
        key = _derive(phrase, raw)
        self.salt = f"v1:{base64.b64encode(raw).decode()}:{_seal(key, _CHECK)}"
        return key


@lru_cache(maxsize=8)  # configuration and state share a salt, and stacks a passphrase: it takes a quarter of a second
def _derive(phrase: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", phrase.encode(), salt, _ROUNDS, dklen=32)


def _seal(key: bytes, plaintext: str) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(12)
    sealed = AESGCM(key).encrypt(nonce, plaintext.encode(), None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"


def _open(key: bytes, ciphertext: str) -> str:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        version, nonce, sealed = ciphertext.split(":")
        if version != "v1":
            raise ValueError(version)
        return AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(sealed), None).decode()
    except (InvalidTag, ValueError) as error:
        raise StateError(
            "a secret of this stack can't be decrypted: the passphrase is another one, or the state is damaged",
            hint="set PULUMI_CONFIG_PASSPHRASE to the passphrase the stack was made with",
        ) from error


def passphrase_file(folder: Path, disk: Disk, *, new: bool = True) -> Path:
    """Return the file with the passphrase that was made up for a backend's folder.

    Args:
        folder: the backend's folder.
        disk: where a new one is written.
        new: whether one may be made up; false where there are secrets that it could not open.

    Raises:
        StateError: there is none, and none may be made up.
    """
    path = folder / "passphrase"
    if not path.exists():
        if not new:
            raise StateError(
                f"the secrets of this stack need a passphrase, and {path} is not there",
                hint="set PULUMI_CONFIG_PASSPHRASE to the passphrase the stack was made with",
            )
        disk.make_folder(folder)
        write_once(disk, path, secrets.token_urlsafe(32).encode())
    return path


def _passphrase(folder: Path, disk: Disk, *, new: bool) -> str:
    if "PULUMI_CONFIG_PASSPHRASE" in os.environ:
        return os.environ["PULUMI_CONFIG_PASSPHRASE"]
    if file := os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        try:
            return Path(file).read_text().strip()
        except OSError as error:
            raise StateError(
                f"the passphrase can't be read: {error}",
                hint="set PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it",
            ) from error
    return passphrase_file(folder, disk, new=new).read_text().strip()
