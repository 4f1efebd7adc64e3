"""Secrets that must be read again, so that hashing is no way to keep them: sealed, that a copy of the database tells
none of them.

A JWE (RFC 7516, `dir` with A256GCM) under a key drawn from the shared secret; each purpose has a key of its own.
"""

from __future__ import annotations

import hashlib
import hmac

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

RESET_LINKS = "reset-links"
"""The purpose of the tokens of links for a new password, on their way from tickets to who mails them."""


class Seal:
    """`purpose` keeps what was sealed for one thing from being opened as another."""

    def __init__(self, secret: str, purpose: str) -> None:
        key = hmac.new(secret.encode(), purpose.encode() + b"\x01", hashlib.sha256).digest()
        self._key = OctKey.import_key(key)
        self._hash_key = hmac.new(key, b"hash", hashlib.sha256).digest()

    def close(self, plain: str) -> str:
        return jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, plain.encode(), self._key)

    def open(self, sealed: str) -> str | None:
        """None: it was not sealed here, or was changed."""
        try:
            plain = jwe.decrypt_compact(sealed, self._key).plaintext
        except (JoseError, ValueError):
            return None
        return None if plain is None else plain.decode()

    def hashed(self, plain: str) -> str:
        """For what is short enough to be guessed from a plain hash."""
        return hmac.new(self._hash_key, plain.encode(), hashlib.sha256).hexdigest()
