"""Access tokens: short JWTs signed with Ed25519 (RFC 8037). The key is made once and kept encrypted.

The private key lies in MongoDB as a JWE (RFC 7516, `dir` with A256GCM) under a key drawn from the shared
secret, so that a copy of the database signs nothing. The public one goes into the directory topic.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from joserfc import jwe, jwt
from joserfc.jwk import OctKey, OKPKey

from services.tickets.store.directory import DirectoryStore
from shared.access import AUDIENCE, signing_key
from shared.clock import Clock
from shared.contracts.directory import SigningKeyChanged
from shared.errors import Transient

KEY_ID = "desk-1"


class Tokens:
    def __init__(self, directory: DirectoryStore, clock: Clock, *, secret: str, holds_s: int) -> None:
        self._directory = directory
        self._clock = clock
        self._holds_s = holds_s
        self._wrap = OctKey.import_key(hmac.new(secret.encode(), b"signing-key\x01", hashlib.sha256).digest())
        self._key: OKPKey | None = None

    async def prepare(self) -> None:
        """Make the first key, unless some replica has; then take the newest."""
        fresh = OKPKey.generate_key("Ed25519", {"kid": KEY_ID, "use": "sig", "alg": "Ed25519"})
        public: dict[str, Any] = dict(fresh.as_dict(private=False))
        wrapped = jwe.encrypt_compact(
            {"alg": "dir", "enc": "A256GCM"}, json.dumps(fresh.as_dict(private=True)).encode(), self._wrap
        )
        made = SigningKeyChanged(key_id=KEY_ID, seq=1, jwk=public)
        await self._directory.put(made, private={"jwe": wrapped}, only_new=True)
        row = (await self._directory.keys())[-1]
        opened = jwe.decrypt_compact(row["private_jwe"], self._wrap).plaintext
        self._key = signing_key(json.loads(opened or b"{}"))

    def issue(self, agent_id: str) -> tuple[str, int]:
        """(token, seconds that it holds). Raises Transient while the service starts."""
        if self._key is None:
            raise Transient("the signing key is not read yet")
        now_s = int(self._clock().timestamp())
        claims = {"sub": agent_id, "aud": AUDIENCE, "iat": now_s, "exp": now_s + self._holds_s}
        header = {"alg": "Ed25519", "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=["Ed25519"]), self._holds_s

    async def public_keys(self) -> list[dict[str, Any]]:
        """For `/.well-known/jwks.json` (RFC 7517 §5)."""
        return [row["jwk"] for row in await self._directory.keys()]
