"""The messenger: sessions, messages and files of visitors. Emits VisitorIdentified and MessageReceived.

Idempotent by (visitor, session, the client's own id of the message).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from services.ingest.channels import chat
from services.ingest.channels.identity import PROOF_LASTS, proven
from services.ingest.handlers.intake import Intake
from services.ingest.model.arrival import (
    Accepted,
    Arrival,
    Decision,
    Draft,
    StoredFile,
    chat_conversation_id,
    chat_input_id,
    entry_id,
)
from services.ingest.model.visitor import Identity
from shared.contracts.directory import BrandChanged
from shared.errors import FieldError, Invalid, NotFound, Transient, Unauthenticated
from shared.ids import derived, random_id
from shared.signing import Visitor


@dataclass(frozen=True, slots=True)
class Opened:
    token: str
    visitor_id: str
    brand: BrandChanged


async def brand_of(intake: Intake, brand_id: str) -> BrandChanged:
    """Raises NotFound, or Transient while the brands are not known yet."""
    brand = intake.directory.brands.get(brand_id)
    if brand is None or not brand.active:
        waits = intake.directory.missing()
        if waits is not None:
            raise Transient(waits)
        raise NotFound("unknown_brand", "There is no brand with this id. Check the messenger's snippet on the site.")
    return brand


async def open_session(
    intake: Intake, brand_id: str, token: str, claimed: Identity, proof: str, *, days: int
) -> Opened:
    """A visitor's token. Who proves an id of the site's users is the same visitor on every device, for a day at a time;
    anonymous history stays with the anonymous visitor. Raises Forbidden when the proof is wrong."""
    brand = await brand_of(intake, brand_id)
    now = intake.clock()
    identity, lasts = claimed, timedelta(days=days)
    if proof:
        identity, lasts = proven(intake.signer, brand_id, proof, now), min(lasts, PROOF_LASTS)
        visitor = Visitor(derived("visitor", brand_id, identity.external_id), brand_id, identity.external_id)
    else:
        visitor = _known_visitor(intake, brand_id, token) or Visitor(random_id(), brand_id)
    if not identity.anonymous:
        await intake.visitors.remember(visitor.visitor_id, brand_id, identity, now)
    return Opened(intake.signer.visitor_token(visitor, now + lasts), visitor.visitor_id, brand)


def _known_visitor(intake: Intake, brand_id: str, token: str) -> Visitor | None:
    """The visitor of an earlier token. A proven identity needs its proof again, so that signing out on the site ends
    it; a token that is old or of another brand starts anew."""
    if not token:
        return None
    try:
        visitor = intake.signer.read_visitor_token(token, intake.clock())
    except Unauthenticated:
        return None
    return visitor if visitor.brand_id == brand_id and not visitor.verified_as else None


async def accept_message(
    intake: Intake, visitor: Visitor, *, client_id: str, session_id: str, text: str, file_ids: Sequence[str]
) -> Accepted:
    """One message, durable when it returns. Raises Invalid when it is empty or names a file that is not theirs."""
    files = await intake.files.owned(file_ids, "visitor", visitor.visitor_id)
    if len(files) != len(file_ids):
        field = FieldError("body.attachments", "upload the file first and use the id of the answer")
        raise Invalid("unknown_file", "One of the files was not uploaded by this visitor.", (field,))
    if not text.strip() and not files:
        raise Invalid("empty_message", "Write something or attach a file.", (FieldError("body.text", "is empty"),))
    identity = await intake.visitors.identity(visitor.visitor_id)
    conversation_id = chat_conversation_id(visitor.visitor_id, session_id)
    drafts = [_message(intake, visitor, conversation_id, session_id, client_id, identity, text, files)]
    if not identity.anonymous:
        drafts.insert(0, _identity(intake, visitor, conversation_id, identity))
    return (await intake.store.accept(drafts))[-1]


def _message(
    intake: Intake,
    visitor: Visitor,
    conversation_id: str,
    session_id: str,
    client_id: str,
    identity: Identity,
    text: str,
    files: Sequence[StoredFile],
) -> Draft:
    input_id = chat_input_id(visitor.visitor_id, session_id, client_id)
    event = chat.received(
        input_id=input_id,
        conversation_id=conversation_id,
        brand_id=visitor.brand_id,
        visitor_id=visitor.visitor_id,
        identity=identity,
        text=text,
        files=files,
        at=intake.clock(),
    )
    raw: dict[str, object] = {
        "client_id": client_id,
        "session_id": session_id,
        "text": text,
        "attachments": [one.id for one in files],
    }
    decision = Decision(conversation_id, event.message.entry_id, (event,))
    return Draft(_arrival(intake, visitor, input_id, raw), lambda _: decision)


def _identity(intake: Intake, visitor: Visitor, conversation_id: str, identity: Identity) -> Draft:
    input_id = chat.identity_input_id(conversation_id, identity)
    event = chat.identified(
        input_id=input_id,
        conversation_id=conversation_id,
        brand_id=visitor.brand_id,
        visitor_id=visitor.visitor_id,
        identity=identity,
        at=intake.clock(),
    )
    decision = Decision(conversation_id, entry_id(input_id), (event,))
    return Draft(_arrival(intake, visitor, input_id, asdict(identity)), lambda _: decision)


def _arrival(intake: Intake, visitor: Visitor, input_id: str, raw: dict[str, object]) -> Arrival:
    return Arrival(
        id=input_id,
        channel="chat",
        account=chat.ACCOUNT,
        brand_id=visitor.brand_id,
        received_at=intake.clock(),
        raw=json.dumps(raw).encode(),
        content_type="application/json",
        envelope={"visitor_id": visitor.visitor_id},
        correlation_id=input_id,
    )
