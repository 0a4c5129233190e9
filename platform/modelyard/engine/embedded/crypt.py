"""Secrets of a stack, byte-compatible with Pulumi's passphrase provider.

AES-256-GCM under a key that PBKDF2-SHA256 derives from a passphrase (1,000,000 rounds); a ciphertext reads
`v1:<nonce>:<ciphertext>` and a stack's salt `v1:<salt>:<ciphertext of "pulumi">`, each part in base64. Source:
`sdk/go/common/resource/config/crypt.go` and `pkg/secrets/passphrase` of Pulumi.
"""

import base64
import hashlib
import os
import secrets
from functools import cached_property
from pathlib import Path

from modelyard.errors import StateError

_ROUNDS = 1_000_000
_CHECK = "pulumi"


class PassphraseCrypter:
    """Encrypts a stack's secrets; the key is derived when the first one is met.

    Args:
        folder: the backend's folder, which keeps a generated passphrase where the environment gives none.
        salt: the stack's salt; a new one is made when it is empty and a secret is met.
    """

    def __init__(self, folder: Path, salt: str = "") -> None:
        self._folder = folder
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

    @cached_property
    def _key(self) -> bytes:
        phrase = _passphrase(self._folder)
        if self.salt:
            raw = base64.b64decode(self.salt.split(":")[1])
            key = _derive(phrase, raw)
            _open(key, self.salt.split(":", 2)[2])
            return key
        raw = secrets.token_bytes(8)
        key = _derive(phrase, raw)
        self.salt = f"v1:{base64.b64encode(raw).decode()}:{_seal(key, _CHECK)}"
        return key


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


def _passphrase(folder: Path) -> str:
    if "PULUMI_CONFIG_PASSPHRASE" in os.environ:
        return os.environ["PULUMI_CONFIG_PASSPHRASE"]
    if file := os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        return Path(file).read_text().strip()
    path = folder / "passphrase"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file_:
            file_.write(secrets.token_urlsafe(32))
    return path.read_text().strip()
