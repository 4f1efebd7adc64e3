"""What we sign with the shared secret: Message-IDs, links to files, visitors' tokens.

Each purpose has a key of its own (HMAC-SHA256 of the purpose under the secret, as HKDF-Expand in
RFC 5869 with one block), so that a signature made for one thing is worth nothing for another.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from shared.errors import Unauthenticated

_MESSAGE_ID = re.compile(r"<c\.([0-9a-f]{32})\.([0-9a-f]{32})\.([0-9a-f]{24})@[^<>@\s]+>", re.IGNORECASE)


@dataclass(frozen=True)
class MessageRef:
    """What a Message-ID of ours names: the conversation and the entry on its timeline (UUIDs)."""

    conversation_id: str
    entry_id: str


@dataclass(frozen=True)
class Visitor:
    """Who holds a messenger token. `verified_as` is the site's own id of the user, proven by HMAC, or ""."""

    visitor_id: str
    brand_id: str
    verified_as: str = ""


class Signer:
    """Signs and checks. Both ids of a Message-ID must be UUIDs."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._visitor_key = OctKey.import_key(self._key("visitor"))

    def _key(self, purpose: str) -> bytes:
        return hmac.new(self._secret, purpose.encode() + b"\x01", hashlib.sha256).digest()

    def _mac(self, purpose: str, text: str, length: int) -> str:
        return hmac.new(self._key(purpose), text.encode(), hashlib.sha256).hexdigest()[:length]

    def message_id(self, ref: MessageRef, domain: str) -> str:
        """`<c.{conversation}.{entry}.{hmac}@domain>`: stable, so a second sending is known as the same mail."""
        body = f"{UUID(ref.conversation_id).hex}.{UUID(ref.entry_id).hex}"
        return f"<c.{body}.{self._mac('message-id', body, 24)}@{domain}>"

    def read_message_id(self, message_id: str) -> MessageRef | None:
        """The reference in a Message-ID, only when its signature holds."""
        found = _MESSAGE_ID.fullmatch(message_id.strip())
        if found is None:
            return None
        conversation, entry, mac = (part.lower() for part in found.groups())
        if not hmac.compare_digest(mac, self._mac("message-id", f"{conversation}.{entry}", 24)):
            return None
        return MessageRef(str(UUID(conversation)), str(UUID(entry)))

    def file_query(self, file_id: str, expires_at: datetime) -> str:
        """The query string that opens a file until `expires_at`: `exp=…&sig=…`."""
        exp = int(expires_at.timestamp())
        return f"exp={exp}&sig={self._mac('file', f'{file_id}.{exp}', 32)}"

    def file_allowed(self, file_id: str, exp: int, sig: str, now: datetime) -> bool:
        good = hmac.compare_digest(sig.encode(), self._mac("file", f"{file_id}.{exp}", 32).encode())
        return good and now.timestamp() <= exp

    def visitor_token(self, visitor: Visitor, expires_at: datetime) -> str:
        """A messenger's bearer token (JWT, HS256)."""
        claims = {
            "sub": visitor.visitor_id,
            "brand": visitor.brand_id,
            "as": visitor.verified_as,
            "aud": "messenger",
            "exp": int(expires_at.timestamp()),
        }
        return jwt.encode({"alg": "HS256"}, claims, self._visitor_key)

    def read_visitor_token(self, token: str, now: datetime) -> Visitor:
        """Raises Unauthenticated when it is not ours, or old."""
        try:
            claims = jwt.decode(token, self._visitor_key, algorithms=["HS256"]).claims
            jwt.JWTClaimsRegistry(
                now=int(now.timestamp()),
                aud={"essential": True, "value": "messenger"},
                exp={"essential": True},
                sub={"essential": True},
            ).validate(claims)
        except (JoseError, ValueError) as error:
            raise Unauthenticated(
                "visitor_token", "This chat session has ended; reload the page to start anew."
            ) from error
        return Visitor(str(claims["sub"]), str(claims["brand"]), str(claims.get("as", "")))

    def user_hash(self, brand_id: str, user_id: str) -> str:
        """What a site's own server computes for identity verification, with the brand's `user_key`."""
        return hmac.new(self.user_key(brand_id).encode(), user_id.encode(), hashlib.sha256).hexdigest()

    def user_key(self, brand_id: str) -> str:
        """The brand's identity verification secret, given to its developers."""
        return self._mac("user", brand_id, 64)
