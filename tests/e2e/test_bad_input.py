"""Bad input at every way in: a clear answer, kept, counted, and accepted once somebody mended what was wrong."""

from __future__ import annotations

import asyncio
import os
import re
import smtplib
import sys
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.local.layout import ROOT
from shared.topics import TOPICS
from tests.desk import Desk
from tests.e2e.outside import Agent, Topics, mail, send_mail, until

MESSAGE = "switchboard.integrations.MessagePosted.v1"
READERS = [(topic.name, group) for topic in TOPICS for group in topic.groups]
SERVICES = ("ingest", "tickets", "routing", "notifications")


@dataclass(frozen=True)
class Answer:
    """What a sender is told: its status, a stable code, a sentence, and the place of the fault."""

    status: int
    code: str
    says: str
    place: str = ""

    def check(self, answer: httpx.Response) -> None:
        assert answer.status_code == self.status, answer.text
        if self.status == 200:  # Aircall switches off a webhook that is refused
            assert (answer.json()["status"], self.says in answer.json()["reason"]) == ("rejected", True)
            return
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["code"] == self.code
        assert self.says in problem["detail"]
        assert problem["request_id"]
        assert not self.place or self.place in [one["path"] for one in problem["errors"]]


@pytest_asyncio.fixture(loop_scope="session")
async def admin(desk: Desk) -> AsyncIterator[Agent]:
    async with Agent(desk.web, desk.account("admin")) as agent:
        yield agent


@pytest_asyncio.fixture(loop_scope="session")
async def outside(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """An integrator, with the token."""
    headers = {"Authorization": f"Bearer {desk.integration_token}"}
    async with httpx.AsyncClient(base_url=desk.ingest, headers=headers, timeout=20) as client:
        yield client


async def counted(desk: Desk, name: str, **labels: str) -> float:
    """A counter of the whole desk."""
    total = 0.0
    async with httpx.AsyncClient(timeout=10) as client:
        for service in SERVICES:
            for line in (await client.get(f"{getattr(desk, service)}/metrics")).text.splitlines():
                said = re.fullmatch(r"(\w+)\{(.*)\} (\S+)", line)
                if said and said[1] == f"switchboard_{name}" and labels.items() <= _labels(said[2]).items():
                    total += float(said[3])
    return total


def _labels(text: str) -> dict[str, str]:
    return dict(re.findall(r'(\w+)="([^"]*)"', text))


async def kept(admin: Agent, code: str, mark: str) -> dict[str, Any]:
    """The rejected input whose bytes carry the mark."""
    for one in (await admin.get("/api/ingest/rejected", limit=50))["items"]:
        raw = await admin.client.get(f"/api/ingest/rejected/{one['id']}/raw")
        if one["code"] == code and mark in raw.text:
            return dict(one)
    raise AssertionError(f"no rejected input with the code {code} and {mark}")


async def replay(admin: Agent, rejected_id: str) -> httpx.Response:
    return await admin.client.post(f"/api/ingest/rejected/{rejected_id}/replay")


async def add_brand(admin: Agent, name: str, **fields: Any) -> None:
    answer = await admin.client.put(
        f"/api/tickets/brands/{name}", json={"name": f"Brand {name}", "color": "#336699", **fields}
    )
    assert answer.status_code == 200, answer.text


async def accepted_in_the_end(admin: Agent, rejected: dict[str, Any], subject: str) -> None:
    """Replayed after mending it becomes a conversation; replayed again it changes nothing."""

    async def taken() -> str:
        answer = await replay(admin, rejected["id"])
        return str(answer.json()["input_id"]) if answer.status_code == 200 else ""

    input_id = await until(taken)  # ingest hears of the new brand a moment later
    assert await until(lambda: admin.find(subject))
    again = await replay(admin, rejected["id"])
    assert again.json()["input_id"] == input_id
    assert (await kept(admin, rejected["code"], subject))["replayed_at"]
    listed = await admin.get("/api/tickets/conversations", inbox="all", status="all", sort="newest", limit=50)
    assert [one["head"]["subject"] for one in listed["items"]].count(subject) == 1


async def test_a_mail_to_nobody_is_refused_at_once_so_that_its_sender_keeps_it(desk: Desk, admin: Agent) -> None:
    name = f"b{uuid.uuid4().hex[:8]}"
    address, before = f"support@{name}.example", await counted(desk, "ingest_refused_total", reason="recipient")
    letter = mail(to=address, subject=f"Lost {name}", text="Hello")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        await send_mail(desk.smtp, letter)
    assert refused.value.recipients[address] == (550, b"5.1.1 No such mailbox here")
    assert await counted(desk, "ingest_refused_total", reason="recipient") == before + 1
    await add_brand(admin, name, addresses=[{"address": address, "name": name}])

    async def taken() -> bool:
        try:
            await send_mail(desk.smtp, letter)
        except smtplib.SMTPRecipientsRefused:
            return False
        return True

    await until(taken)
    assert await until(lambda: admin.find(f"Lost {name}"))


async def test_a_mail_by_http_to_nobody(desk: Desk, admin: Agent, outside: httpx.AsyncClient) -> None:
    name = f"b{uuid.uuid4().hex[:8]}"
    address, before = f"support@{name}.example", await _rejected(desk, "email")
    letter = mail(to=address, subject=f"Lost {name}", text="Hello").as_bytes()
    for rcpt, place in (({}, "To"), ({"rcpt": address}, "rcpt")):
        answer = await outside.post("/mail", content=letter, params=rcpt, headers={"Content-Type": "message/rfc822"})
        Answer(422, "unknown_recipient", "Add the address to a brand", place).check(answer)
    assert await _rejected(desk, "email") == before + 2
    one = await kept(admin, "unknown_recipient", name)
    Answer(422, "unknown_recipient", "Add the address to a brand").check(await replay(admin, one["id"]))
    await add_brand(admin, name, addresses=[{"address": address, "name": name}])
    await accepted_in_the_end(admin, one, f"Lost {name}")


async def test_a_call_on_a_line_of_nobody(desk: Desk, admin: Agent, outside: httpx.AsyncClient) -> None:
    name, digits = f"b{uuid.uuid4().hex[:8]}", f"+1646{uuid.uuid4().int % 10**7:07}"
    before, call = await _rejected(desk, "phone"), time.time_ns()
    data = {"id": call, "direction": "inbound", "status": "initial", "started_at": int(time.time())}
    data |= {"raw_digits": "+14155550199", "number": {"id": 9, "name": "New", "digits": digits}}
    hook = {"resource": "call", "event": "call.created", "timestamp": int(time.time()), "data": data}
    wrong = await outside.post("/aircall", json=hook | {"token": "guessed"})
    Answer(401, "aircall_token", "SWITCHBOARD_AIRCALL_TOKEN").check(wrong)
    Answer(422, "not_json", "not a JSON object").check(await outside.post("/aircall", content=b"["))
    assert await _rejected(desk, "phone") == before, "what nobody vouches for is not kept"
    answer = await outside.post("/aircall", json=hook | {"token": desk.aircall_token})
    Answer(200, "unknown_line", "Add it to a brand's lines, then replay").check(answer)
    assert await _rejected(desk, "phone") == before + 1
    one = await kept(admin, "unknown_line", digits)
    Answer(422, "still_rejected", digits).check(await replay(admin, one["id"]))
    await add_brand(admin, name, lines=[digits])

    async def taken() -> httpx.Response | None:
        replayed = await replay(admin, one["id"])
        return replayed if replayed.status_code == 200 else None

    first = await until(taken)
    assert (await replay(admin, one["id"])).json() == first.json()


async def test_an_event_of_a_custom_channel_by_http(desk: Desk, admin: Agent, outside: httpx.AsyncClient) -> None:
    name = f"b{uuid.uuid4().hex[:8]}"
    before = await _rejected(desk, "custom")
    good = {"channel": "whatsapp", "brand": name, "thread": name, "sender": {"id": "z"}, "text": f"Lost {name}"}
    cases = [
        (good | {"text": 7, "mark": name}, MESSAGE, Answer(422, "invalid_event", "text: ")),
        (good, "switchboard.integrations.MessagePosed.v1", Answer(422, "unknown_event", "MessagePosed")),
        (good, MESSAGE, Answer(422, "unknown_brand", name, "data.brand")),
    ]
    for n, (body, kind, expected) in enumerate(cases):
        expected.check(await outside.post("/events", json=body, headers=_attributes(f"{name}-{n}", kind)))
        one = await kept(admin, expected.code, name)
        expected.check(await replay(admin, one["id"]))
    assert await _rejected(desk, "custom") >= before + len(cases)
    await add_brand(admin, name)
    answer = await _replayed_into(admin, name, one["id"])
    assert f"Lost {name}" in answer


async def test_an_event_of_a_custom_channel_on_the_topic(desk: Desk, admin: Agent) -> None:
    """Readable but not acceptable: it is in the list, as one by HTTP is."""
    name = f"b{uuid.uuid4().hex[:8]}"
    body = {"channel": "whatsapp", "brand": name, "thread": name, "sender": {"id": "z"}, "text": f"Lost {name}"}
    await Topics(desk.kafka, desk.prefix).publish(
        "integrations.inbound.v1", type=MESSAGE, source="/bridge", id=name, body=body
    )

    async def listed() -> dict[str, Any] | None:
        try:
            return await kept(admin, "unknown_brand", name)
        except AssertionError:
            return None

    one = await until(listed)
    assert name in one["reason"]
    await add_brand(admin, name)
    assert f"Lost {name}" in await _replayed_into(admin, name, one["id"])


async def test_what_a_visitor_may_not_send_is_said_at_its_field(desk: Desk, outside: httpx.AsyncClient) -> None:
    """Their text is still in the messenger, which shows the reason; nothing is kept here. It is counted by status."""
    before = await counted(desk, "http_requests_total", route="/messenger/messages", status="422")
    unknown = await outside.post("/messenger/sessions", json={"brand_id": "nobody"})
    Answer(404, "unknown_brand", "Check the messenger's snippet").check(unknown)
    session = (await outside.post("/messenger/sessions", json={"brand_id": "paleo-hacks"})).json()
    headers = {"Authorization": f"Bearer {session['token']}"}
    said = {"client_id": "1", "session_id": str(uuid.uuid4()), "text": " "}
    for body, expected in (
        (said, Answer(422, "empty_message", "Write something", "body.text")),
        (said | {"session_id": "x"}, Answer(422, "invalid", "session_id", "body.session_id")),
        (said | {"texte": "x"}, Answer(422, "invalid", "texte", "body.texte")),
        (said | {"attachments": ["x"]}, Answer(422, "unknown_file", "not uploaded", "body.attachments")),
    ):
        expected.check(await outside.post("/messenger/messages", json=body, headers=headers))
    assert await counted(desk, "http_requests_total", route="/messenger/messages", status="422") == before + 4


async def test_a_record_that_no_group_can_read_is_put_aside_whole_by_each_and_counted(desk: Desk) -> None:
    before = {one: await _dead(desk, *one) for one in READERS}
    mark = f"poison-{uuid.uuid4().hex}"
    headers = [("ce_id", mark.encode()), ("ce_source", b"/x"), ("ce_type", b"none"), ("odd", b"\xff")]
    producer = AIOKafkaProducer(bootstrap_servers=desk.kafka)
    await producer.start()
    try:
        for topic in sorted({topic for topic, _ in READERS}):
            kind = next(one.type_of(one.events[0]) for one in TOPICS if one.name == topic)
            typed = [*headers[:2], ("ce_type", kind.encode()), headers[3]]
            await producer.send_and_wait(f"{desk.prefix}{topic}", f"{{{mark}".encode(), key=b"k", headers=typed)
    finally:
        await producer.stop()

    async def all_counted() -> bool:
        return all([await _dead(desk, *one) == before[one] + 1 for one in READERS])

    await until(all_counted)
    for topic, group in READERS:
        letter = await _letter(desk, topic, group, mark)
        said = dict(letter.headers)
        assert (letter.value, letter.key, said["odd"]) == (f"{{{mark}".encode(), b"k", b"\xff")
        assert (said["dlq_reason"], said["dlq_group"]) == (b"invalid", group.encode())
        assert b"Invalid JSON" in said["dlq_error"]
        assert mark.encode() not in said["dlq_error"], "what was sent is not quoted"


async def test_dead_letters_are_sent_back_by_one_command_and_what_is_still_bad_comes_aside_again(desk: Desk) -> None:
    topic, group = "routing.decisions.v1", "tickets.conversations"
    before = await _dead(desk, topic, group)
    shown = await _redrive(desk, topic, group)
    assert "0 sent" in shown
    assert "Invalid JSON" in shown
    assert await _dead(desk, topic, group) == before
    sent = int(re.findall(r"(\d+) sent", await _redrive(desk, topic, group, "--apply"))[0])
    assert sent >= 1

    async def back() -> bool:
        return await _dead(desk, topic, group) == before + sent

    await until(back)


# ── what the tests look at ───────────────────────────────────────────────────────────────────────
async def _rejected(desk: Desk, channel: str) -> float:
    return await counted(desk, "ingest_inputs_total", channel=channel, outcome="rejected")


async def _dead(desk: Desk, topic: str, group: str) -> float:
    return await counted(desk, "dead_letter_records_total", group=group, topic=topic, reason="invalid")


def _attributes(event_id: str, kind: str) -> dict[str, str]:
    return {"ce-specversion": "1.0", "ce-id": event_id, "ce-source": "/bridge", "ce-type": kind}


async def _replayed_into(admin: Agent, brand: str, rejected_id: str) -> str:
    """The first lines of the brand's conversations once the input is accepted."""

    async def lines() -> str:
        if (await replay(admin, rejected_id)).status_code != 200:
            return ""
        listed = await admin.get("/api/tickets/conversations", inbox="all", status="all", sort="newest", limit=50)
        return " ".join(one["head"]["description"] for one in listed["items"] if one["head"]["brand_id"] == brand)

    return str(await until(lines))


async def _letter(desk: Desk, topic: str, group: str, mark: str) -> Any:
    consumer = AIOKafkaConsumer(bootstrap_servers=desk.kafka)
    await consumer.start()
    try:
        where = TopicPartition(f"{desk.prefix}{topic}.{group}.dlq", 0)
        consumer.assign([where])
        await consumer.seek_to_beginning(where)
        while True:
            for letter in (await asyncio.wait_for(consumer.getmany(where, timeout_ms=500), 20)).get(where, []):
                if mark.encode() in (letter.value or b""):
                    return letter
            assert await consumer.position(where) < (await consumer.end_offsets([where]))[where], "not put aside"
    finally:
        await consumer.stop()


async def _redrive(desk: Desk, topic: str, group: str, *words: str) -> str:
    env = {"SWITCHBOARD_KAFKA": desk.kafka, "SWITCHBOARD_MONGO": desk.mongo, "SWITCHBOARD_REDIS": desk.redis}
    env |= {"SWITCHBOARD_SECRET": "x" * 32, "SWITCHBOARD_PREFIX": desk.prefix}
    command = [sys.executable, "-m", "shared.redrive", topic, group, *words]
    done = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env={**os.environ, **env}, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asyncio.wait_for(done.communicate(), 60)
    assert done.returncode == 0
    return said.decode()
