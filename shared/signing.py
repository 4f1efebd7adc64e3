"""What we sign with the shared secret: Message-IDs, links to files, visitors' tokens.

Each purpose has a key of its own (HMAC-SHA256 of the purpose under the secret, as HKDF-Expand in
RFC 5869 with one block), so that a signature made for one thing is worth nothing for another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from shared.errors import Unauthenticated

_HEX = r"([0-9a-f]{32})"
_MESSAGE_ID = re.compile(rf"<c\.{_HEX}\.{_HEX}\.([0-9a-f]{{24}})@[^<>@\s]+>", re.IGNORECASE)
_SIDE_MESSAGE_ID = re.compile(rf"<s\.{_HEX}\.{_HEX}\.{_HEX}\.([0-9a-f]{{24}})@[^<>@\s]+>", re.IGNORECASE)


def looks_signed(message_id: str) -> bool:
    """Whether it has the form of a Message-ID of ours, true or forged."""
    return any(form.fullmatch(message_id.strip()) for form in (_MESSAGE_ID, _SIDE_MESSAGE_ID))


@dataclass(frozen=True)
class MessageRef:
    """What a Message-ID of ours names: the conversation and the entry on its timeline (UUIDs). `side_id`: the side
    conversation there that the mail belongs to, "" for one to the customer."""

    conversation_id: str
    entry_id: str
    side_id: str = ""


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
        if ref.side_id:
            return self.side_message_id_of(ref.conversation_id, ref.side_id, ref.entry_id, domain)
        body = f"{UUID(ref.conversation_id).hex}.{UUID(ref.entry_id).hex}"
        return f"<c.{body}.{self._mac('message-id', body, 24)}@{domain}>"

    def message_id_of(self, conversation_id: str, entry_id: str, domain: str) -> str:
        """The same, as decisions are handed it."""
        return self.message_id(MessageRef(conversation_id, entry_id), domain)

    def side_message_id_of(self, conversation_id: str, side_id: str, entry_id: str, domain: str) -> str:
        """`<s.{conversation}.{side}.{entry}.{hmac}@domain>`, with a key of its own: neither passes as the other."""
        body = ".".join(UUID(one).hex for one in (conversation_id, side_id, entry_id))
        return f"<s.{body}.{self._mac('side-message-id', body, 24)}@{domain}>"

    def read_message_id(self, message_id: str) -> MessageRef | None:
        """The reference in a Message-ID, only when its signature holds."""
        if side := _SIDE_MESSAGE_ID.fullmatch(message_id.strip()):
            *named, mac = (part.lower() for part in side.groups())
            if not hmac.compare_digest(mac, self._mac("side-message-id", ".".join(named), 24)):
                return None
            conversation, side_id, entry = (str(UUID(part)) for part in named)
            return MessageRef(conversation, entry, side_id)
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

    def image_query(self, url: str, expires_at: datetime) -> str:
        """The query string that opens somebody else's image through us until `expires_at`: `url=…&exp=…&sig=…`."""
        exp = int(expires_at.timestamp())
        return f"url={quote(url, safe='')}&exp={exp}&sig={self._mac('image', f'{exp}.{url}', 32)}"

    def image_allowed(self, url: str, exp: int, sig: str, now: datetime) -> bool:
        good = hmac.compare_digest(sig.encode(), self._mac("image", f"{exp}.{url}", 32).encode())
        return good and now.timestamp() <= exp

    def upload_id(self, agent_id: str) -> str:
        """A new file's id, random, that only this agent can name in what they write: whoever answers another
        conversation with somebody's file id would be given a link to the file (CVE-2026-40591)."""
        random_part = uuid4().hex
        return f"{random_part}.{self._mac('upload', f'{random_part}.{agent_id}', 24)}"

    def uploaded_by(self, file_id: str, agent_id: str) -> bool:
        random_part, _, mac = file_id.partition(".")
        return hmac.compare_digest(mac.encode(), self._mac("upload", f"{random_part}.{agent_id}", 24).encode())

    def viewing_pass(self, agent_id: str, conversation_id: str, expires_at: datetime) -> str:
        """What says that this agent may see this conversation until `expires_at`: `<exp>.<hmac>`."""
        exp = int(expires_at.timestamp())
        return f"{exp}.{self._mac('viewing', f'{exp}.{agent_id}.{conversation_id}', 32)}"

    def may_view(self, viewing_pass: str, agent_id: str, conversation_id: str, now: datetime) -> bool:
        exp, _, mac = viewing_pass.partition(".")
        good = hmac.compare_digest(
            mac.encode(), self._mac("viewing", f"{exp}.{agent_id}.{conversation_id}", 32).encode()
        )
        return good and now.timestamp() <= int(exp)

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

    def user_key(self, brand_id: str) -> str:
        """The brand's identity verification secret, given to its developers (`python -m services.ingest.user_key`):
        what its server signs its users' tokens with."""
        return self._mac("user", brand_id, 64)

    def webhook_secret(self, endpoint_id: str, salt: str) -> str:
        """What an endpoint's webhooks are signed with, as Standard Webhooks writes it: `whsec_<base64 of 32 bytes>`.

        It is made when it is needed, so no database holds it.
        """
        key = bytes.fromhex(self._mac("webhook", f"{endpoint_id}.{salt}", 64))
        return f"whsec_{base64.b64encode(key).decode()}"
