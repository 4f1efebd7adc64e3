"""Mail, events, chat, calls and files by HTTP; custom events by Kafka."""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from datetime import timedelta
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer
from joserfc import jwt
from joserfc.jwk import OctKey

from shared import clock
from tests.integration.ingest.conftest import AIRCALL, INTEGRATION, LINE, PALEO, Desk, brand, tell_directory, until

BEARER = {"Authorization": f"Bearer {INTEGRATION}"}
RAW = b"From: Bo <bo@customer.example>\r\nTo: %s\r\nMessage-ID: <%s@x>\r\nSubject: posted\r\n\r\nhello by post\r\n"


def raw_mail(to: str = PALEO) -> bytes:
    return RAW % (to.encode(), uuid.uuid4().hex.encode())


def posted(**more: Any) -> dict[str, Any]:
    sender = {"id": "u-1", "name": "Cy"}
    return {"channel": "whatsapp", "brand": "paleo-hacks", "thread": "t-1", "sender": sender, "text": "hi", **more}


def cloud_event(data: dict[str, Any], **more: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": uuid.uuid4().hex,
        "source": "/tests/integrator",
        "type": "switchboard.integrations.MessagePosted.v1",
        "data": data,
        **more,
    }


async def values(desk: Desk, conversation_id: str) -> list[dict[str, Any]]:
    return [json.loads(row["value"]) for row in await desk.events(conversation_id)]


async def session(desk: Desk, **body: Any) -> tuple[dict[str, str], dict[str, Any]]:
    answer = await desk.http.post("/messenger/sessions", json={"brand_id": "paleo-hacks", **body})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}, answer.json()


def user_token(desk: Desk, brand_id: str, **said: Any) -> str:
    """What a site's server signs for its user."""
    claims = {"exp": int(clock.now().timestamp()) + 600, **said}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(desk.signer.user_key(brand_id)))


# ── mail ─────────────────────────────────────────────────────────────────────────────────────────
async def test_posted_mail_is_accepted_once(desk: Desk) -> None:
    raw = raw_mail()
    first = await desk.http.post("/mail", content=raw, headers=BEARER)
    again = await desk.http.post("/api/ingest/mail", content=raw, headers=BEARER)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["duplicate"] is False
    assert again.json()["duplicate"] is True
    assert first.json()["input_id"] == again.json()["input_id"]
    assert len(await values(desk, first.json()["conversation_id"])) == 1


async def test_posted_mail_needs_the_token(desk: Desk) -> None:
    assert (await desk.http.post("/mail", content=raw_mail())).status_code == 401
    wrong = {"Authorization": "Bearer nearly"}
    assert (await desk.http.post("/mail", content=raw_mail(), headers=wrong)).status_code == 401


async def test_mail_for_nobody_is_refused_kept_and_can_be_replayed(desk: Desk) -> None:
    raw = raw_mail("else@elsewhere.example")
    refused = await desk.http.post("/mail", content=raw, headers=BEARER, params={"rcpt": "else@elsewhere.example"})
    assert refused.status_code == 422
    assert refused.json()["code"] == "unknown_recipient"
    page = (await desk.http.get("/rejected", headers=desk.agent("ada"))).json()
    row = page["items"][0]
    assert (row["channel"], row["code"]) == ("email", "unknown_recipient")
    kept = await desk.http.get(f"/rejected/{row['id']}/raw", headers=desk.agent("ada"))
    assert kept.content == raw
    still = await desk.http.post(f"/rejected/{row['id']}/replay", headers=desk.agent("ada"))
    assert still.status_code == 422
    assert (await desk.http.get("/rejected", headers=desk.agent("obi"))).status_code == 403
    assert (await desk.http.get("/rejected")).status_code == 401


# ── custom channels ──────────────────────────────────────────────────────────────────────────────
async def test_a_posted_event_is_a_conversation_of_its_thread(desk: Desk) -> None:
    thread = uuid.uuid4().hex
    file = {"name": "a.txt", "content_type": "text/plain", "data_base64": base64.b64encode(b"file").decode()}
    one, two = (cloud_event(posted(thread=thread, text=text, files=[file])) for text in ("one", "two"))
    structured = {**BEARER, "content-type": "application/cloudevents+json"}
    first = await desk.http.post("/events", json=one, headers=structured)
    again = await desk.http.post("/events", json=one, headers=structured)
    binary = {
        **BEARER,
        "content-type": "application/json",
        "ce-specversion": "1.0",
        **{f"ce-{name}": two[name] for name in ("id", "source", "type")},
    }
    second = await desk.http.post("/events", json=two["data"], headers=binary)
    assert [answer.status_code for answer in (first, again, second)] == [202, 202, 202]
    assert again.json()["duplicate"] is True
    events = await values(desk, first.json()["conversation_id"])
    assert [one["message"]["text"] for one in events] == ["one", "two"]
    assert events[0]["sender"] == {"kind": "external", "value": "whatsapp:u-1", "name": "Cy"}
    assert events[0]["message"]["attachments"][0]["name"] == "a.txt"


async def test_an_event_of_an_unknown_brand_is_kept_with_the_reason(desk: Desk) -> None:
    headers = {**BEARER, "content-type": "application/cloudevents+json"}
    answer = await desk.http.post("/events", json=cloud_event(posted(brand="nobody")), headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "data.brand"
    missing = await desk.http.post("/events", json=cloud_event({"channel": "whatsapp"}), headers=headers)
    assert missing.status_code == 422
    assert "brand" in missing.json()["detail"]


async def test_events_on_the_topic_are_applied_once_and_bad_ones_put_aside(desk: Desk) -> None:
    thread, event_id = uuid.uuid4().hex, uuid.uuid4().hex
    producer = AIOKafkaProducer(bootstrap_servers=desk.settings.kafka)
    await producer.start()

    async def publish(one: str, data: dict[str, Any]) -> None:
        headers = [
            ("ce_id", one.encode()),
            ("ce_source", b"/tests/integrator"),
            ("ce_type", b"switchboard.integrations.MessagePosted.v1"),
            ("ce_specversion", b"1.0"),
        ]
        name = f"{desk.settings.prefix}integrations.inbound.v1"
        await producer.send_and_wait(name, json.dumps(data).encode(), key=b"k", headers=headers)

    try:
        await publish(event_id, posted(thread=thread, text="by topic"))
        await publish(event_id, posted(thread=thread, text="by topic"))
        await publish(uuid.uuid4().hex, posted(brand="nowhere", thread=thread))
        await publish(uuid.uuid4().hex, posted(thread=thread, text="the last"))
    finally:
        await producer.stop()

    async def both() -> bool:
        found = [one for row in await desk.events() if (one := json.loads(row["value"])).get("account") == "whatsapp"]
        return "the last" in [one["message"]["text"] for one in found]

    await until(both)
    texts = [json.loads(row["value"]).get("message", {}).get("text") for row in await desk.events()]
    assert texts.count("by topic") == 1
    page = (await desk.http.get("/rejected", headers=desk.agent("ada"))).json()
    assert any("nowhere" in row["reason"] for row in page["items"])


# ── product activity ─────────────────────────────────────────────────────────────────────────────
def did(**more: Any) -> dict[str, Any]:
    user = {"id": "u-7", "email": "Di@Shop.example"}
    at = clock.now().isoformat()
    return {"id": uuid.uuid4().hex, "brand": "paleo-hacks", "user": user, "name": "Paid", "at": at, **more}


async def test_a_batch_of_activity_is_taken_once_and_what_is_refused_is_named_by_its_place(desk: Desk) -> None:
    said = {"amount": 12.5, "plan": "yearly", "trial": False}
    good = did(attributes=[{"name": name, "value": value} for name, value in said.items()])
    other = did(name="Cancelled")
    bad = did(user={"email": "nobody"}, at="2020-01-01T00:00:00Z")
    shapeless = {
        "id": "s-1",
        "brand": "paleo-hacks",
        "user": {},
        "name": "",
        "attributes": [{"name": "a", "value": [1]}],
    }
    stray = did(brand="nowhere")
    batch = {"source": "/shop", "events": [good, bad, shapeless, other, stray, good]}
    first = await desk.http.post("/activity", json=batch, headers=BEARER)
    assert first.status_code == 207, first.text
    told = first.json()
    assert (told["accepted"], told["duplicates"]) == (2, 1)
    assert [(one["index"], one["id"], one["code"]) for one in told["refused"]] == [
        (1, bad["id"], "invalid_activity"),
        (2, "s-1", "invalid_activity"),
        (4, stray["id"], "unknown_brand"),
    ]
    places = [[place["path"] for place in one["errors"]] for one in told["refused"]]
    assert places[0] == ["events.1.user.email", "events.1.at"]
    assert {"events.2.user", "events.2.name", "events.2.at"} < set(places[1])
    assert any(one.startswith("events.2.attributes.0.value") for one in places[1])
    assert places[2] == ["events.4.brand"]
    again = await desk.http.post("/activity", json={"source": "/shop", "events": [good, other]}, headers=BEARER)
    assert (again.status_code, again.json()) == (202, {"accepted": 0, "duplicates": 2, "refused": []})
    (event,) = [one for one in await values(desk, "external:paleo-hacks:u-7") if one["activity"]["name"] == "Paid"]
    assert (event["external_id"], event["email"]) == ("u-7", "di@shop.example")
    kept = {one["name"]: one["value"] for one in event["activity"]["attributes"]}
    assert kept == said
    page = (await desk.http.get("/rejected", headers=desk.agent("ada"))).json()
    codes = [row["code"] for row in page["items"]]
    assert ("unknown_brand" in codes, "invalid_activity" in codes) == (True, False), "what no replay takes is not kept"


async def test_nothing_of_an_event_that_nobody_reads_is_dropped_unseen(desk: Desk) -> None:
    """A misspelt field, at any depth, and half of a character."""
    user = {"id": "u-9", "mail": "di@shop.example"}
    deep = did(attributes=[{"name": "plan", "value": "yearly", "unit": "USD"}])
    batch = {"source": "/shop", "events": [did(atributes=[]), did(user=user), deep]}
    answer = await desk.http.post("/activity", json=batch, headers=BEARER)
    assert (answer.status_code, answer.json()["accepted"]) == (207, 0)
    paths = [[place["path"] for place in one["errors"]] for one in answer.json()["refused"]]
    assert paths == [["events.0.atributes"], ["events.1.user.mail"], ["events.2.attributes.0.unit"]]
    half = json.dumps({"source": "/shop", "events": [did(name="half \ud800")]})
    refused = await desk.http.post("/activity", content=half, headers={**BEARER, "Content-Type": "application/json"})
    assert (refused.status_code, "events.0.name" in refused.text) == (422, True)


async def test_a_batch_that_is_none_is_refused_whole(desk: Desk) -> None:
    for body in ({"events": []}, {"source": "", "events": [did()]}, {"source": "s", "events": []}, {"source": "s"}):
        assert (await desk.http.post("/activity", json=body, headers=BEARER)).status_code == 422
    many = {"source": "s", "events": [did() for _ in range(501)]}
    assert (await desk.http.post("/activity", json=many, headers=BEARER)).status_code == 422
    assert (await desk.http.post("/activity", json={"source": "s", "events": [did()]})).status_code == 401


async def test_activity_on_the_topic_is_taken_once_and_leaves_for_tickets(desk: Desk) -> None:
    event_id, user = uuid.uuid4().hex, f"u-{uuid.uuid4().hex}"
    data = {name: value for name, value in did(user={"id": user}).items() if name != "id"}
    producer = AIOKafkaProducer(bootstrap_servers=desk.settings.kafka)
    await producer.start()

    async def publish(one: str, data: dict[str, Any]) -> None:
        headers = [
            ("ce_id", one.encode()),
            ("ce_source", b"/tests/product"),
            ("ce_type", b"switchboard.integrations.ActivityPosted.v1"),
            ("ce_specversion", b"1.0"),
        ]
        name = f"{desk.settings.prefix}integrations.inbound.v1"
        await producer.send_and_wait(name, json.dumps(data).encode(), key=b"k", headers=headers)

    try:
        await publish(event_id, data)
        await publish(event_id, data)
        await publish(uuid.uuid4().hex, {**data, "user": {"phone": "12"}})
        await publish(uuid.uuid4().hex, {**data, "name": "the last"})
    finally:
        await producer.stop()
    key = f"external:paleo-hacks:{user}"

    async def both() -> bool:
        return "the last" in [one["activity"]["name"] for one in await values(desk, key)]

    await until(both)
    assert [one["activity"]["name"] for one in await values(desk, key)] == ["Paid", "the last"]
    page = (await desk.http.get("/rejected", headers=desk.agent("ada"))).json()
    assert any("data.user.phone" in row["reason"] for row in page["items"])
    found = await desk.published("ingest.activity.v1", wanted=4)
    assert {key} <= {record.key.decode() for record in found}


# ── messenger ────────────────────────────────────────────────────────────────────────────────────
async def test_a_visitors_message_is_accepted_once(desk: Desk) -> None:
    headers, opened = await session(desk)
    body = {"client_id": "c1", "session_id": str(uuid.uuid4()), "text": "hello from the shop"}
    answers = [await desk.http.post("/messenger/messages", json=body, headers=headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    (event,) = await values(desk, answers[0].json()["conversation_id"])
    assert event["sender"]["value"] == opened["visitor_id"]
    assert event["message"]["entry_id"] == answers[0].json()["entry_id"]
    assert event["message"]["joined"] == "session"


async def test_a_visitor_comes_back_with_the_token(desk: Desk) -> None:
    _, opened = await session(desk)
    _, again = await session(desk, visitor_token=opened["token"])
    assert again["visitor_id"] == opened["visitor_id"]
    assert (await desk.http.post("/messenger/messages", json={}, headers={})).status_code in (401, 422)
    other = await desk.http.post(
        "/messenger/sessions", json={"brand_id": "bright-naturals", "visitor_token": opened["token"]}
    )
    assert other.json()["visitor_id"] != opened["visitor_id"]


async def test_a_proven_user_is_the_same_visitor_everywhere_and_a_wrong_proof_is_refused(desk: Desk) -> None:
    user = {"token": user_token(desk, "paleo-hacks", sub="u-42", name="Di", email="Di@X.example")}
    headers, first = await session(desk, user=user)
    _, second = await session(desk, user=user)
    assert first["visitor_id"] == second["visitor_id"]
    wrong = await desk.http.post(
        "/messenger/sessions",
        json={"brand_id": "paleo-hacks", "user": {"token": user_token(desk, "bright-naturals", sub="u-42")}},
    )
    assert wrong.status_code == 403
    _, unproven = await session(desk, user={"id": "u-42", "name": "Di"})
    assert unproven["visitor_id"] != first["visitor_id"]
    _, from_token = await session(desk, visitor_token=first["token"])
    assert from_token["visitor_id"] != first["visitor_id"]
    session_id = str(uuid.uuid4())
    for n in range(2):
        body = {"client_id": f"c{n}", "session_id": session_id, "text": f"text {n}"}
        answer = await desk.http.post("/messenger/messages", json=body, headers=headers)
    rows = await desk.events(answer.json()["conversation_id"])
    assert [row["type"].split(".")[2] for row in rows] == ["VisitorIdentified", "MessageReceived", "MessageReceived"]
    told = json.loads(rows[0]["value"])
    assert (told["verified"], told["external_id"], told["email"]) == (True, "u-42", "di@x.example")


async def test_too_many_messages_are_answered_with_429(desk: Desk) -> None:
    headers, _ = await session(desk)
    body = {"session_id": str(uuid.uuid4()), "text": "quick"}

    async def one(n: int) -> httpx.Response:
        return await desk.http.post("/messenger/messages", json={**body, "client_id": str(n)}, headers=headers)

    answers = [await one(n) for n in range(desk.settings.chat_per_minute + 5)]
    refused = [one for one in answers if one.status_code == 429]
    assert {one.status_code for one in answers} <= {202, 429}
    assert all(one.headers["retry-after"] for one in refused)


async def test_the_messengers_look_is_readable_from_any_site(desk: Desk) -> None:
    answer = await desk.http.get("/messenger/config", params={"brand": "paleo-hacks"})
    assert answer.json()["brand"]["name"] == "Paleo Hacks"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert (await desk.http.get("/messenger/config", params={"brand": "none"})).status_code == 404


# ── files ────────────────────────────────────────────────────────────────────────────────────────
async def test_a_file_is_served_by_a_signed_link_only_and_never_runs(desk: Desk) -> None:
    upload = {"file": ("p\u202egnp.<svg>.svg", b"<svg onload=alert(1)>", "image/svg+xml")}
    answer = await desk.http.post("/attachments", files=upload, headers=desk.agent("ada"))
    assert answer.status_code == 201, answer.text
    file = answer.json()
    assert "\u202e" not in file["name"]
    url = f"/attachments/{file['id']}"
    good = desk.signer.file_query(file["id"], clock.now() + timedelta(minutes=5))
    served = await desk.http.get(f"{url}?{good}")
    assert served.content == b"<svg onload=alert(1)>"
    assert served.headers["content-disposition"].startswith("attachment")
    assert served.headers["content-type"] == "application/octet-stream"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in served.headers["content-security-policy"]
    old = desk.signer.file_query(file["id"], clock.now() - timedelta(minutes=5))
    assert (await desk.http.get(f"{url}?{old}")).status_code == 403
    assert (await desk.http.get(f"{url}?exp=99999999999&sig=00")).status_code == 403
    assert (await desk.http.get(url)).status_code == 422


async def test_programs_and_oversized_files_are_refused_with_415_and_413(desk: Desk) -> None:
    headers, _ = await session(desk)
    program = {"file": ("setup.exe", b"MZ", "application/octet-stream")}
    assert (await desk.http.post("/messenger/attachments", files=program, headers=headers)).status_code == 415
    large = {"file": ("a.bin", b"0" * (desk.settings.upload_limit_bytes + 1), "application/octet-stream")}
    assert (await desk.http.post("/messenger/attachments", files=large, headers=headers)).status_code == 413


async def test_a_visitor_sends_only_files_of_their_own(desk: Desk) -> None:
    mine, _ = await session(desk)
    theirs, _ = await session(desk)
    picture = {"file": ("a.png", b"\x89PNG\r\n\x1a\n0000", "image/png")}
    file = (await desk.http.post("/messenger/attachments", files=picture, headers=theirs)).json()
    body = {"client_id": "f", "session_id": str(uuid.uuid4()), "text": "", "attachments": [file["id"]]}
    assert (await desk.http.post("/messenger/messages", json=body, headers=mine)).status_code == 422
    answer = await desk.http.post("/messenger/messages", json=body, headers=theirs)
    assert answer.status_code == 202
    (event,) = await values(desk, answer.json()["conversation_id"])
    assert event["message"]["attachments"] == [file]


# ── calls ────────────────────────────────────────────────────────────────────────────────────────
def webhook(event: str, call_id: int, **data: Any) -> dict[str, Any]:
    call = {
        "id": call_id,
        "direct_link": f"https://api.aircall.io/v1/calls/{call_id}",
        "direction": "inbound",
        "status": "initial",
        "started_at": 1767261600,
        "answered_at": None,
        "ended_at": None,
        "raw_digits": "+1 212-555-0143",
        "user": None,
        "contact": None,
        "number": {"id": 1, "name": "Paleo Hacks", "digits": "+1 310-555-0104", "country": "US"},
        "comments": [],
        "tags": [],
        **data,
    }
    return {"resource": "call", "event": event, "timestamp": 1767261600, "token": AIRCALL, "data": call}


async def test_one_call_is_one_conversation_however_its_webhooks_come(desk: Desk) -> None:
    call_id = uuid.uuid4().int % 10**9
    agent = {"id": 7, "name": "Leo", "email": "Leo@Switchboard.example"}
    ended = {"answered_at": 1767261610, "ended_at": 1767261670, "duration": 70, "user": agent, "status": "done"}
    hooks = [
        webhook("call.ended", call_id, **ended, recording="https://aircall.example/r.mp3"),
        webhook("call.created", call_id),
        webhook("call.answered", call_id, answered_at=1767261610, user=agent),
        webhook("call.ringing_on_agent", call_id, user=agent),
        webhook("call.ended", call_id, **ended, recording="https://aircall.example/r.mp3"),
    ]
    answers = await asyncio.gather(*(desk.http.post("/aircall", json=one) for one in hooks))
    assert {one.status_code for one in answers} == {200}
    (conversation_id,) = {one.json()["conversation_id"] for one in answers}
    events = await values(desk, conversation_id)
    assert sorted(one["step"] for one in events) == ["answered", "created", "ended", "ringing"]
    end = next(one for one in events if one["step"] == "ended")
    assert end["caller"]["value"] == "+12125550143"
    assert end["call"]["line"] == LINE
    assert end["call"]["duration_s"] == 60
    assert end["call"]["agent_email"] == "leo@switchboard.example"
    assert end["call"]["recording_url"] == "https://aircall.example/r.mp3"


async def test_a_webhook_with_the_wrong_token_is_refused(desk: Desk) -> None:
    for token in ("wrong", "", None, 7):
        answer = await desk.http.post("/aircall", json={**webhook("call.created", 1), "token": token})
        assert answer.status_code == 401
    assert (await desk.http.post("/aircall", content=b"not json")).status_code == 422


async def test_authentic_webhooks_always_get_200_and_what_is_unknown_is_kept(desk: Desk) -> None:
    other = await desk.http.post("/aircall", json=webhook("user.connected", 5))
    assert (other.status_code, other.json()["status"]) == (200, "ignored")
    line = {"id": 9, "name": "?", "digits": "+1 310-555-0199", "country": "US"}
    unknown = await desk.http.post("/aircall", json=webhook("call.created", 6, number=line))
    assert (unknown.status_code, unknown.json()["status"]) == (200, "rejected")
    page = (await desk.http.get("/rejected", headers=desk.agent("ada"))).json()
    assert "+13105550199" in next(row for row in page["items"] if row["channel"] == "phone")["reason"]
    broken = await desk.http.post("/aircall", json={"event": "call.created", "token": AIRCALL, "data": "?"})
    assert (broken.status_code, broken.json()["status"]) == (200, "rejected")


async def test_an_anonymous_caller_is_accepted(desk: Desk) -> None:
    answer = await desk.http.post("/aircall", json=webhook("call.created", 77, raw_digits="anonymous"))
    (event,) = await values(desk, answer.json()["conversation_id"])
    assert event["caller"]["value"] == "anonymous"
    assert event["call"]["number"] == ""


async def test_a_rejected_webhook_is_accepted_after_the_line_was_given_to_a_brand(desk: Desk) -> None:
    line = {"id": 9, "name": "Mesa", "digits": "+1 310-555-0198", "country": "US"}
    await desk.http.post("/aircall", json=webhook("call.created", 88, number=line))
    page = (await desk.http.get("/rejected", headers=desk.agent("ada"))).json()
    row = next(one for one in page["items"] if "+13105550198" in one["reason"])
    mesa = brand("mesa-cookware", "Mesa Cookware", ["support@mesacookware.example"], ["+13105550198"])
    await tell_directory(desk.settings, [("brand:mesa-cookware", mesa)])

    async def replayed() -> bool:
        answer = await desk.http.post(f"/rejected/{row['id']}/replay", headers=desk.agent("ada"))
        return answer.status_code == 200

    await until(replayed)
    page = (await desk.http.get("/rejected", headers=desk.agent("ada"))).json()
    mended = next(one for one in page["items"] if one["id"] == row["id"])
    assert mended["replayed_at"] is not None
    assert len([one for one in await desk.events() if mended["input_id"] in one["value"]]) == 1
