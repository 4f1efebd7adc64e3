"""Access tokens: short JWTs signed with Ed25519 (RFC 8037), and the keys that sign them, which are replaced in time.

A private key lies in MongoDB as a JWE (RFC 7516, `dir` with A256GCM) under a key drawn from the shared secret, so that
a copy of the database signs nothing. The public ones go into the directory topic. A new key is published a while
before it signs, and the one before it verifies until its last token has ended.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Container
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwe, jwt
from joserfc.jwk import OctKey, OKPKey

from services.tickets.model.state import whole_ms
from services.tickets.store.directory import DirectoryStore
from shared.access import AUDIENCE, signing_key
from shared.clock import Clock
from shared.contracts.directory import SigningKeyChanged
from shared.errors import Transient
from shared.mongo import Document

ANNOUNCE_FOR = timedelta(minutes=5)
"""A new key is known everywhere before it signs; replicas look for news every minute."""


class Tokens:
    """`known`: the keys that the directory's readers have, by id; `holds_s`: how long a token holds; `keys_for`: how
    long a key signs."""

    def __init__(
        self,
        directory: DirectoryStore,
        clock: Clock,
        *,
        known: Container[str],
        secret: str,
        holds_s: int,
        keys_for: timedelta = timedelta(days=90),
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._known = known
        self._holds_s = holds_s
        self._keys_for = keys_for
        self._wrap = OctKey.import_key(hmac.new(secret.encode(), b"signing-key\x01", hashlib.sha256).digest())
        self._keys: list[tuple[datetime | None, OKPKey]] = []

    async def prepare(self) -> None:
        """Make the first key, unless some replica has; then know all of them. Called again for news."""
        rows = await self._directory.keys()
        if not rows:
            public, private = self._fresh("desk-1", whole_ms(self._clock()))
            await self._directory.put(public, private=private, only_new=True)
            rows = await self._directory.keys()
        self._keys = [(row.get("signs_from"), self._open(row)) for row in rows if not self._over(row)]

    async def rotate_when_due(self) -> bool:
        """A successor for a key that has signed long enough, or nobody knows how long. The first replica makes it."""
        since = (await self._directory.keys())[-1].get("signs_from")
        if since is not None and since + self._keys_for > self._clock():
            return False
        await self.rotate()
        return True

    async def rotate(self, *, at_once: bool = False) -> str:
        """The new key's id. `at_once`: a key is known to somebody who must not have it; all tokens of before end."""
        rows = await self._directory.keys()
        now = whole_ms(self._clock())
        signs_from = now if at_once else now + ANNOUNCE_FOR
        ends_at = signs_from if at_once else signs_from + timedelta(seconds=2 * self._holds_s)
        key_id = f"desk-{int(rows[-1]['_id'].rpartition('-')[2]) + 1}" if rows else "desk-1"
        public, private = self._fresh(key_id, signs_from)
        await self._directory.put(public, private=private, only_new=True)
        for row in rows:
            if row.get("ends_at") is None or row["ends_at"] > ends_at:
                kept = SigningKeyChanged(key_id=row["_id"], seq=1, jwk=row["jwk"], signs_from=row.get("signs_from"))
                await self._directory.put(kept.model_copy(update={"ends_at": ends_at}))
        await self.prepare()
        return key_id

    def issue(self, agent_id: str, *, session_id: str = "", generation: int = 0) -> tuple[str, int]:
        """(token, seconds that it holds). Raises Transient until a key is known to those who would verify: before
        that the token would be refused, and its agent signed out."""
        if self.waits:
            raise Transient(self.waits)
        now = self._clock()
        known = self._signing()
        ready = [key for signs_from, key in known if signs_from is None or signs_from <= now]
        key = ready[-1] if ready else known[0][1]
        now_s = int(now.timestamp())
        claims = {"sub": agent_id, "aud": AUDIENCE, "iat": now_s, "exp": now_s + self._holds_s}
        header = {"alg": "Ed25519", "kid": key.kid}
        more = {"sid": session_id, "gen": generation}
        return jwt.encode(header, {**claims, **more}, key, algorithms=["Ed25519"]), self._holds_s

    @property
    def waits(self) -> str | None:
        """What signing waits for; None when it does not."""
        return None if self._signing() else "the signing key is not known to the other services yet"

    def _signing(self) -> list[tuple[datetime | None, OKPKey]]:
        return [(signs_from, key) for signs_from, key in self._keys if str(key.kid) in self._known]

    async def public_keys(self) -> list[dict[str, Any]]:
        """For `/.well-known/jwks.json` (RFC 7517 §5): those that may have signed a token which still holds."""
        return [row["jwk"] for row in await self._directory.keys() if not self._over(row)]

    def _fresh(self, key_id: str, signs_from: datetime | None) -> tuple[SigningKeyChanged, Document]:
        key = OKPKey.generate_key("Ed25519", {"kid": key_id, "use": "sig", "alg": "Ed25519"})
        wrapped = jwe.encrypt_compact(
            {"alg": "dir", "enc": "A256GCM"}, json.dumps(key.as_dict(private=True)).encode(), self._wrap
        )
        public: dict[str, Any] = dict(key.as_dict(private=False))
        return SigningKeyChanged(key_id=key_id, seq=1, jwk=public, signs_from=signs_from), {"jwe": wrapped}

    def _open(self, row: Document) -> OKPKey:
        opened = jwe.decrypt_compact(row["private_jwe"], self._wrap).plaintext
        return signing_key(json.loads(opened or b"{}"))

    def _over(self, row: Document) -> bool:
        return row.get("ends_at") is not None and row["ends_at"] <= self._clock()
