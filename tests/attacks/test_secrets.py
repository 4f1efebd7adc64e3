"""Row 12: what customers write and what opens doors stands in no log, no metric and no header of a dead letter."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.topics import TOPICS
from tests.attacks.people import account, bearer, mailed_token, services, token_of, visitor
from tests.desk import Desk
from tests.e2e.outside import Agent, Topics, mail, send_mail, until

SERVICES = ("ingest", "tickets", "routing", "notifications")
READ = [topic for topic in TOPICS if topic.groups]


@pytest_asyncio.fixture(scope="module")
async def secrets(desk: Desk) -> dict[str, str]:
    """Traffic of every kind, good and bad, each with words of its own: what is secret, by what it is."""
    mark = uuid.uuid4().hex
    said = {
        name: f"{name.replace(' ', '')}x{mark}"
        for name in ("a mail", "a bad mail", "a note", "a chat", "an event", "a bad event", "a webhook", "a poison")
    }
    async with Agent(desk.web, desk.account("admin")) as admin, httpx.AsyncClient(timeout=20) as program:
        await _customers_write(desk, program, said)
        conversation = await until(lambda: admin.find(f"subject {mark}"))
        await admin.post(f"/api/tickets/conversations/{conversation['id']}/note", html=f"<p>{said['a note']}</p>")
        await admin.post(f"/api/tickets/conversations/{conversation['id']}/reply", html=f"<p>re {said['a mail']}</p>")
        said |= await _people_sign_in(desk, admin)
        await _poison(desk, said["a poison"])
        said["the aircall token"], said["the integration token"] = desk.aircall_token, desk.integration_token
        said["the shared secret"] = (local(desk) / "secret").read_text().strip()
    return said


async def _customers_write(desk: Desk, program: httpx.AsyncClient, said: dict[str, str]) -> None:
    mark = said["a mail"].rpartition("x")[2]
    await send_mail(desk.smtp, mail(to="support@earthecho.example", subject=f"subject {mark}", text=said["a mail"]))
    raw = mail(to="nobody@nowhere.example", subject="x", text=said["a bad mail"]).as_bytes()
    headers = {**bearer(desk.integration_token), "Content-Type": "message/rfc822"}
    assert (await program.post(f"{desk.ingest}/mail", content=raw, headers=headers)).status_code == 422
    async with httpx.AsyncClient(base_url=desk.web, timeout=20) as browser:
        chat = {"client_id": "1", "session_id": str(uuid.uuid4()), "text": said["a chat"]}
        token = await visitor(browser)
        sent = await browser.post("/api/ingest/messenger/messages", json=chat, headers=bearer(token))
        assert sent.status_code == 202
    for body in (
        {"channel": "whatsapp", "brand": "earth-echo", "thread": mark, "sender": {"id": "1"}, "text": said["an event"]},
        {"channel": "whatsapp", "brand": 1, "thread": [], "text": said["a bad event"]},
        {"channel": said["a bad event"]},
    ):
        ce = {"ce-specversion": "1.0", "ce-id": uuid.uuid4().hex, "ce-source": "/x"}
        ce |= {"ce-type": "switchboard.integrations.MessagePosted.v1", "Content-Type": "application/json"}
        await program.post(f"{desk.ingest}/events", json=body, headers={**ce, **bearer(desk.integration_token)})
    hook = {"event": "call.created", "resource": "call", "token": desk.aircall_token, "data": {"id": said["a webhook"]}}
    await program.post(f"{desk.ingest}/aircall", json=hook)
    await program.post(f"{desk.ingest}/aircall", json={**hook, "token": said["a webhook"]})
    await program.post(f"{desk.tickets}/session", content=f'{{"email": "{said["a webhook"]}'.encode())


async def _people_sign_in(desk: Desk, admin: Agent) -> dict[str, str]:
    one = await account(admin, "secretive")
    wrong = f"wrongpassword{uuid.uuid4().hex}"
    async with httpx.AsyncClient(base_url=desk.web, timeout=20) as browser:
        access = await token_of(browser, one)
        cookie = browser.cookies["switchboard_session"]
        reset = (await admin.post(f"/api/tickets/agents/{one['agent_id']}/password-reset"))["token"]
        mailed = await mailed_token(desk, one["email"])
        await browser.post("/api/tickets/session", json={"email": one["email"], "password": wrong})
        await browser.post("/api/tickets/password-reset", json={"token": reset, "password": wrong})
        await browser.get(f"/api/tickets/conversations/{access}", headers=bearer(access + "x"))
        hook = {"name": "s", "url": "https://hooks.example.com/s", "event_types": ["switchboard.tickets.NoteAdded.v1"]}
        endpoint = await admin.post("/api/notifications/webhooks", **hook)
        await admin.post(f"/api/notifications/webhooks/{endpoint['id']}/ping")
    kept = {"a password": "a password for attackers", "a wrong password": wrong, "a cookie": cookie}
    kept |= {"a reset": reset, "a mailed reset": mailed}
    return {**kept, "an access token": access.rpartition(".")[2], "a webhook's secret": endpoint["secret"]}


def _bodies(word: str) -> tuple[str, ...]:
    return f'{{"text": "{word}"}}', f'{{"text": "{word}', json.dumps({word: {word: word}}), f"\udcff{word}"


async def _poison(desk: Desk, word: str) -> None:
    """Records that can't be read, on every Kafka topic that somebody reads in a group."""
    producer = AIOKafkaProducer(bootstrap_servers=desk.kafka)
    await producer.start()
    try:
        for topic in READ:
            type_ = topic.type_of(topic.events[0])
            for n, body in enumerate(_bodies(word)):
                headers = [("ce_id", f"p{n}".encode()), ("ce_source", b"/x"), ("ce_type", type_.encode())]
                value = body.encode("utf-8", "surrogateescape")
                await producer.send_and_wait(f"{desk.prefix}{topic.name}", value, key=b"poison", headers=headers)
    finally:
        await producer.stop()


def local(desk: Desk) -> Path:
    return Path(desk.smtp_sink_maildir).parent


async def dead_letters(desk: Desk, word: str) -> list[Any]:
    """Those whose value has the word."""
    consumer = AIOKafkaConsumer(bootstrap_servers=desk.kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        await consumer._client.force_metadata_update()
        names = [one for one in await consumer.topics() if one.endswith(".dlq") and one.startswith(desk.prefix)]
        consumer.subscribe(names)
        found = []
        while batch := await consumer.getmany(timeout_ms=1500):
            found += [
                record for records in batch.values() for record in records if word.encode() in (record.value or b"")
            ]
        return found
    finally:
        await consumer.stop()


async def test_dead_letters_carry_the_record_and_headers_that_say_nothing_of_it(
    desk: Desk, secrets: dict[str, str]
) -> None:
    word = secrets["a poison"]
    wanted = Counter({(topic.name, group): len(_bodies(word)) for topic in READ for group in topic.groups})

    async def all_there() -> list[Any] | None:
        found = await dead_letters(desk, word)
        return found if len(found) >= wanted.total() else None

    found = await until(all_there, seconds=40)
    assert Counter(_reader(record) for record in found) == wanted
    for record in found:
        reasons = {name: value for name, value in record.headers if name.startswith("dlq_")}
        assert {"dlq_reason", "dlq_error", "dlq_topic"} <= set(reasons)
        assert all(word.encode() not in value for _, value in record.headers), reasons


def _reader(record: Any) -> tuple[str, str]:
    """Whose dead letter it is: the Kafka topic, and the group that could not read it."""
    said = {name: value.decode() for name, value in record.headers if name in ("dlq_topic", "dlq_group")}
    return said["dlq_topic"], said["dlq_group"]


async def test_no_log_has_a_word_of_it(desk: Desk, secrets: dict[str, str]) -> None:
    await dead_letters(desk, secrets["a poison"])
    read = {file.name: file.read_text(errors="replace") for file in (local(desk) / "logs").glob("*.log")}
    assert set(read) >= {f"{name}.log" for name in SERVICES}
    assert "dead letter" in read["tickets.log"] or "dead" in read["tickets.log"]
    for what, secret in secrets.items():
        assert [name for name, text in read.items() if secret in text] == [], what


async def test_no_metric_has_a_word_of_it(desk: Desk, secrets: dict[str, str]) -> None:
    async with httpx.AsyncClient(timeout=20) as program:
        asked = [program.get(f"{url}/metrics") for url in services(desk).values()]
        exposed = "\n".join(one.text for one in await asyncio.gather(*asked))
    assert "switchboard_" in exposed
    assert [what for what, secret in secrets.items() if secret in exposed] == []


async def test_metrics_and_probes_are_not_for_browsers(desk: Desk) -> None:
    """The web server in front hands on `/api/<service>/…` and `/live` alone; nginx refuses these as well."""
    async with httpx.AsyncClient(base_url=desk.web, timeout=20) as browser:
        for path in ("/metrics", "/health/ready"):
            answer = await browser.get(path)
            assert "switchboard_" not in answer.text
            assert "missing" not in answer.text


async def test_topics_carry_no_secret(desk: Desk, secrets: dict[str, str]) -> None:
    """Agents and keys are on the directory topic: without passwords, private parts or tokens."""
    topics = Topics(desk.kafka, desk.prefix)
    entries = [await topics.read("tickets.directory.v1", key) for key in ("agent:maya", "key:desk-1")]
    assert all(entries)
    assert "argon2" not in str(entries)
    assert '"d"' not in json.dumps(entries[1])
    assert [what for what, secret in secrets.items() if secret in json.dumps(entries)] == []


async def test_a_link_on_its_way_to_the_mail_is_sealed(desk: Desk) -> None:
    async with Agent(desk.web, desk.account("admin")) as admin:
        one = await account(admin, "sealed")
    token = await mailed_token(desk, one["email"])
    [asked] = await Topics(desk.kafka, desk.prefix).read("tickets.accounts.v1", one["agent_id"])
    assert asked["sealed"]
    assert token not in json.dumps(asked)


@pytest.mark.parametrize("name", ["endpoints.json", "secret", "aircall-token", "integration-token"])
def test_the_local_desks_secrets_are_for_this_user_alone(desk: Desk, name: str) -> None:
    assert (local(desk) / name).stat().st_mode & 0o077 == 0
