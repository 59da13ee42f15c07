"""Secrets at rest: AES-256-GCM under a key derived for each purpose, bound to the row that they belong to.

A sealed text names the key that sealed it, so keys can be changed: the first of `settings.CREDENTIALS_KEYS`
seals, the others still open. What is stored in a column is sealed by `core.lib.sealed_column`.
"""

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE_BYTES = 12


class CannotOpen(Exception):
    """The key is another one, or the text was altered or moved to another row."""


def seal(secret: str, *, purpose: str, belongs_to: str) -> str:
    """`belongs_to` names table, row, user and field: the text opens nowhere else."""
    master = settings.CREDENTIALS_KEYS[0]
    nonce = os.urandom(_NONCE_BYTES)
    sealed = _cipher(master, purpose).encrypt(nonce, secret.encode(), belongs_to.encode())
    return f"{key_id(master)}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def opened(sealed: str, *, purpose: str, belongs_to: str) -> str:
    named, _, text = sealed.partition(":")
    master = next((key for key in settings.CREDENTIALS_KEYS if key_id(key) == named), None)
    if master is None:
        raise CannotOpen("None of the keys in CREDENTIALS_KEY sealed this.")
    try:
        whole = base64.urlsafe_b64decode(text)
        nonce, rest = whole[:_NONCE_BYTES], whole[_NONCE_BYTES:]
        plain = _cipher(master, purpose).decrypt(nonce, rest, belongs_to.encode())
    except (InvalidTag, ValueError) as error:  # ValueError: cut off, or no base64 at all
        raise CannotOpen("This was altered, or belongs to another row.") from error
    return plain.decode()


def key_ids() -> list[str]:
    """Of the keys that this process has; the first seals."""
    return [key_id(master) for master in settings.CREDENTIALS_KEYS]


def key_id(master: str) -> str:
    """What may be told of a key."""
    return hashlib.sha256(f"khalsi key id {master}".encode()).hexdigest()[:8]


def _cipher(master: str, purpose: str) -> AESGCM:
    return AESGCM(hmac.new(master.encode(), f"khalsi {purpose}".encode(), hashlib.sha256).digest())
