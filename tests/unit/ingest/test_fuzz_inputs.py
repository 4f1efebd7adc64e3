"""What programs and browsers send, mutated: each body gives an event that can be kept, or a refusal with a name."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from services.ingest.api.inputs import _webhook
from services.ingest.api.messenger import OpenSession, PostMessage
from services.ingest.channels import aircall, chat, custom
from services.ingest.channels.identity import proven
from services.ingest.handlers.replay import event_of
from services.ingest.model.visitor import Identity
from shared.contracts.base import Event
from shared.contracts.integrations import MessagePosted
from shared.errors import DomainError, Forbidden, Invalid
from shared.signing import Signer
from tests.unit.cost import MIB, bounded
from tests.unit.ingest.effort import effort
from tests.unit.shared.test_fuzz_decoders import STRANGE, places, replaced

AT = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
M = TypeVar("M", bound=BaseModel)
SIGNER = Signer("a secret of at least thirty-two characters")
NUMBER = {"id": 1, "name": "Paleo Hacks", "digits": "+1 310-555-0105", "e164_digits": "+13105550105", "country": "US"}
CALL: dict[str, Any] = {
    "id": 42,
    "direction": "inbound",
    "status": "done",
    "raw_digits": "+33 1 42 68 53 00",
    "number": NUMBER,
    "user": {"name": "Ada", "email": "ada@paleo.example"},
    "transferred_to": {"name": "Bo", "email": "bo@paleo.example"},
    "contact": {"first_name": "Cy", "last_name": "Dee"},
    "started_at": 1777626000,
    "answered_at": 1777626010,
    "ended_at": 1777626060,
    "duration": 60,
    "missed_call_reason": None,
    "recording": "https://a.example/r.mp3",
    "voicemail": None,
    "comments": [{"content": "nice", "posted_at": 1777626060}],
    "tags": [{"name": "vip"}],
}
POSTED: dict[str, Any] = {
    "channel": "whatsapp",
    "brand": "paleo",
    "thread": "t-1",
    "sender": {"id": "u-1", "name": "Cy"},
    "subject": "Hi",
    "text": "hello",
    "html": "<p>hello</p>",
    "files": [{"name": "a.txt", "content_type": "text/plain", "data_base64": "aGk="}],
    "sent_at": "2026-05-04T09:00:00Z",
}
SESSION: dict[str, Any] = {
    "brand_id": "paleo",
    "visitor_token": "x",
    "user": {"token": "x", "id": "u-1", "name": "Ann", "email": "ann@x.example"},
}
WRITTEN: dict[str, Any] = {"client_id": "1", "session_id": str(uuid4()), "text": "hi", "attachments": ["a", "b"]}
CLAIMS: dict[str, Any] = {
    "sub": "u-1",
    "exp": int((AT + timedelta(hours=1)).timestamp()),
    "iat": int(AT.timestamp()),
    "nbf": int(AT.timestamp()),
    "name": "Ann",
    "email": "ann@x.example",
}
HARD: tuple[Any, ...] = (*STRANGE, 1e400, -1e400, float("nan"), 2**63 * 1.0, -62135596800, 253402300799, "+" + "9" * 59)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(HARD),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=8), inside, max_size=4),
    max_leaves=8,
)


def mutated(body: Any) -> st.SearchStrategy[Any]:
    @st.composite
    def made(draw: st.DrawFn) -> Any:
        changed = body
        for _ in range(draw(st.integers(1, 3))):
            found = list(places(changed))
            if found:
                changed = replaced(changed, draw(st.sampled_from(found)), draw(st.sampled_from(HARD) | JSON))
        return changed

    return made()


def kept(event: Event) -> None:
    """On a topic and in a database."""
    assert len(event.model_dump_json().encode()) < 1024 * 1024
    bson.encode(event.model_dump())


def called(body: bytes) -> None:
    """As a webhook goes once its token was believed (handlers/calls.py), without the databases; with no more work and
    memory than a body of that length may cost."""
    with bounded(calls=20_000 + 50 * len(body), peak=4 * MIB + 60 * len(body)):
        _called(body)


def _called(body: bytes) -> None:
    try:
        payload = _webhook(body)
    except Invalid:
        return
    if str(payload.get("event")) not in aircall.STEPS or not aircall.call_id(payload):
        return
    line = aircall.line_of(payload)
    kept(aircall.progress(payload, id=aircall.input_id(payload), brand_id="b", line=line, received_at=AT))


@given(
    st.sampled_from(sorted(aircall.STEPS)).flatmap(
        lambda event: mutated({"resource": "call", "event": event, "timestamp": 1777626000, "token": "t", "data": CALL})
    )
)
@effort(250)
def test_a_mutated_call_is_told_or_left(payload: Any) -> None:
    called(json.dumps(payload).encode())


@pytest.mark.parametrize("at", sorted(set(places(CALL)), key=str), ids=str)
def test_every_field_of_a_call_may_be_anything(at: tuple[Any, ...]) -> None:
    for strange in HARD:
        for event in ("call.ended", "call.transferred"):
            payload = {"event": event, "timestamp": strange, "token": "t", "data": replaced(CALL, at, strange)}
            called(json.dumps(payload).encode())


LARGE: dict[str, bytes] = {
    "brackets": b"[" * MIB,
    "objects": b'{"a":' * (MIB // 5),
    "a long number": b'{"timestamp": ' + b"9" * MIB + b"}",
    "keys": b"{" + b",".join(b'"%d":0' % n for n in range(90_000)) + b"}",
}


@pytest.mark.parametrize("what", LARGE)
def test_a_body_as_large_as_may_be_is_no_call_or_a_short_one(what: str) -> None:
    called(LARGE[what])


@pytest.mark.parametrize("name", ["comments", "tags", "number", "contact", "raw_digits", "recording", "user"])
@pytest.mark.parametrize(
    "large", [["x"] * 100_000, [{"content": "nice", "name": "vip"}] * 20_000, "x" * 800_000, "9" * 800_000, {"a": {}}]
)
def test_a_field_as_large_as_may_be_costs_what_it_is_long(name: str, large: Any) -> None:
    for event in ("call.ended", "call.commented", "call.tagged"):
        payload = {"event": event, "timestamp": 1777626000, "token": "t", "data": CALL | {name: large}}
        called(json.dumps(payload).encode())


@given(st.binary(max_size=200) | JSON.map(lambda one: json.dumps(one).encode()))
@effort(200)
def test_any_body_is_no_call_or_an_event_of_the_integrations(raw: bytes) -> None:
    called(raw)
    try:
        event_of(raw, {"ce_id": "1", "ce_source": "/x", "ce_type": MessagePosted.__name__})
        event_of(raw, {"content-type": "application/cloudevents+json"})
    except Invalid as refused:
        refused.message.encode()


@given(mutated(POSTED))
@effort(200)
def test_a_mutated_custom_message_is_told_or_refused(body: Any) -> None:
    event = {"specversion": "1.0", "id": "1", "source": "/x", "type": "switchboard.integrations.MessagePosted.v1"}
    try:
        one = event_of(json.dumps({**event, "data": body}).encode(), {"content-type": "application/cloudevents+json"})
        assert isinstance(one.data, MessagePosted)
        custom.files_of(one.data)
    except DomainError as refused:
        refused.message.encode()
        return
    kept(custom.received(one.data, "i", [], AT))


@given(mutated(WRITTEN), mutated(SESSION))
@effort(200)
def test_what_a_visitor_sends_is_told_or_refused(written: Any, session: Any) -> None:
    opened, message = read(OpenSession, session), read(PostMessage, written)
    user = opened.user if opened else None
    identity = Identity(user.name, user.email, user.id) if user else Identity()
    about: dict[str, Any] = {"conversation_id": "c", "brand_id": "b", "visitor_id": "v", "identity": identity, "at": AT}
    kept(chat.identified(input_id=chat.identity_input_id("c", identity), **about))
    if message:
        kept(chat.received(input_id="i", text=message.text, files=[], **about))


def read(model: type[M], body: Any) -> M | None:
    try:
        return model.model_validate_json(json.dumps(body))
    except ValidationError:
        return None


def signed(header: Any, claims: Any, key: str) -> str:
    """By hand: libraries refuse to sign most of this."""
    parts = (json.dumps(one).encode() for one in (header, claims))
    said = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    mac = hmac.digest(key.encode(), said.encode(), "sha256")
    return f"{said}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


@given(mutated({"alg": "HS256", "typ": "JWT", "kid": "1"}) | st.just({"alg": "HS256"}), mutated(CLAIMS), st.booleans())
@effort(250)
def test_a_proof_is_believed_or_refused(header: Any, claims: Any, right_key: bool) -> None:
    key = SIGNER.user_key("paleo" if right_key else "bright")
    try:
        identity = proven(SIGNER, "paleo", signed(header, claims, key), AT)
    except Forbidden:
        return
    assert right_key
    assert (identity.verified, identity.external_id) == (True, claims["sub"])
    assert claims["exp"] <= (AT + timedelta(days=1, minutes=5)).timestamp()
    kept(chat.identified(input_id="i", conversation_id="c", brand_id="b", visitor_id="v", identity=identity, at=AT))


@given(st.text(max_size=100) | st.binary(max_size=100).map(lambda one: base64.urlsafe_b64encode(one).decode() + ".."))
def test_any_other_text_is_no_proof(token: str) -> None:
    with pytest.raises(Forbidden):
        proven(SIGNER, "paleo", token, AT)
