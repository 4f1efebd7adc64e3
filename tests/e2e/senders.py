"""Senders as they are outside: each keeps what was not accepted and sends the same again.

Imports nothing of the product. Every text carries a mark of its own, by which a checker finds it; `Accepted` knows
which ones were taken.
"""

from __future__ import annotations

import asyncio
import json
import random
import smtplib
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer

from tests.desk import Desk
from tests.e2e.outside import Agent, mail, send_mail

BRANDS = ("paleo-hacks", "earth-echo", "mesa-cookware")
MAILBOXES = ("support@paleohacks.example", "support@earthecho.example", "support@mesacookware.example")
LINE = "+1 310 555 0104"
STEPS = ("call.created", "call.ringing_on_agent", "call.answered", "call.ended")
PATIENCE_S = 60.0


@dataclass
class Accepted:
    """What the desk said it has: the marks of messages, the ids of calls, and the marks of replies."""

    run: str = field(default_factory=lambda: uuid.uuid4().hex[:10])
    messages: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    retries: int = 0

    def mark(self) -> str:
        return f"mark-{self.run}-{uuid.uuid4().hex[:12]}"


async def insist(said: Accepted, send: Callable[[], Awaitable[bool]]) -> None:
    """Send until it is accepted: False, a timeout or a broken connection means later, with the same id."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            if await send():
                return
        except smtplib.SMTPResponseException as refused:
            _not_for_good(refused.smtp_code, refused)
        except smtplib.SMTPRecipientsRefused as refused:
            _not_for_good(max(code for code, _ in refused.recipients.values()), refused)
        except (httpx.HTTPError, OSError):
            pass
        assert time.monotonic() < deadline, "not accepted in all this time"
        said.retries += 1
        await asyncio.sleep(0.3)


def _not_for_good(code: int, refused: Exception) -> None:
    """A 5xx would go back to the customer as a bounce."""
    if code >= 500:
        raise AssertionError("a mail was refused for good") from refused


def taken(answer: httpx.Response) -> bool:
    """2xx. A refusal that means "never" is a bug here, as everything that is sent is right."""
    assert answer.status_code < 400 or answer.status_code == 429 or answer.status_code >= 500, answer.text
    return answer.status_code < 300


async def write_mails(desk: Desk, said: Accepted, chance: random.Random, *, count: int, pause_s: float) -> None:
    """One customer's thread of mails."""
    who = chance.randrange(len(MAILBOXES))
    customer = f"{uuid.uuid4().hex[:8]}@customer.example"
    earlier: list[str] = []
    for n in range(count):
        mark = said.mark()
        one = mail(to=MAILBOXES[who], subject=f"Kill {said.run} {customer}", text=f"Hello {n}, {mark}", sender=customer)
        if earlier:
            one["In-Reply-To"] = earlier[-1]
            one["References"] = " ".join(earlier)
        earlier.append(str(one["Message-ID"]))

        async def send(one: Any = one) -> bool:
            await send_mail(desk.smtp, one)
            return True

        await insist(said, send)
        said.messages.append(mark)
        await asyncio.sleep(chance.uniform(0, 2 * pause_s))


async def chat(desk: Desk, said: Accepted, chance: random.Random, *, count: int, pause_s: float) -> None:
    """One visitor's messages."""
    async with httpx.AsyncClient(base_url=desk.ingest, timeout=10) as client:
        session, token = str(uuid.uuid4()), ""

        async def enter() -> bool:
            nonlocal token
            answer = await client.post("/messenger/sessions", json={"brand_id": chance.choice(BRANDS)})
            token = answer.json()["token"] if taken(answer) else ""
            return bool(token)

        await insist(said, enter)
        for n in range(count):
            mark = said.mark()
            body = {"client_id": uuid.uuid4().hex, "session_id": session, "text": f"Message {n}, {mark}"}

            async def send(body: dict[str, str] = body) -> bool:
                headers = {"Authorization": f"Bearer {token}"}
                return taken(await client.post("/messenger/messages", json=body, headers=headers))

            await insist(said, send)
            said.messages.append(mark)
            await asyncio.sleep(chance.uniform(0, 2 * pause_s))


async def call(desk: Desk, said: Accepted, chance: random.Random, *, pause_s: float) -> None:
    """One inbound call, each of its webhooks told until it is heard, some twice."""
    call_id, now = chance.randrange(10**11, 10**12), int(time.time())
    data: dict[str, Any] = {
        "id": call_id,
        "direction": "inbound",
        "status": "initial",
        "started_at": now,
        "raw_digits": f"+1415555{chance.randrange(10_000):04}",
        "number": {"id": 1, "name": "Paleo Hacks", "digits": LINE, "country": "US"},
    }
    more = {"call.answered": {"answered_at": now + 5}, "call.ended": {"ended_at": now + 60, "duration": 55}}
    async with httpx.AsyncClient(base_url=desk.ingest, timeout=10) as client:
        for n, step in enumerate(STEPS):
            data = data | more.get(step, {})
            hook = {
                "resource": "call", "event": step, "timestamp": now + n, "token": desk.aircall_token, "data": data
            }  # fmt: skip

            async def send(hook: dict[str, Any] = hook) -> bool:
                return taken(await client.post("/aircall", json=hook))

            for _ in range(chance.choice((1, 2))):
                await insist(said, send)
            await asyncio.sleep(chance.uniform(0, 2 * pause_s))
    said.calls.append(str(call_id))


async def integrate(desk: Desk, said: Accepted, chance: random.Random, *, count: int, pause_s: float) -> None:
    """An integrator's thread on a custom channel, every event published twice."""
    thread, brand = uuid.uuid4().hex, chance.choice(BRANDS)
    producer = AIOKafkaProducer(bootstrap_servers=desk.kafka, enable_idempotence=True)
    await producer.start()
    try:
        for n in range(count):
            mark = said.mark()
            body = {
                "channel": "whatsapp",
                "brand": brand,
                "thread": thread,
                "sender": {"id": thread, "name": "Zoë"},
                "text": f"Event {n}, {mark}",
            }
            headers = [
                ("ce_specversion", b"1.0"),
                ("ce_id", mark.encode()),
                ("ce_source", b"/whatsapp-bridge"),
                ("ce_type", b"switchboard.integrations.MessagePosted.v1"),
                ("content-type", b"application/json"),
            ]
            for _ in range(2):
                await producer.send_and_wait(
                    f"{desk.prefix}integrations.inbound.v1",
                    json.dumps(body).encode(),
                    key=thread.encode(),
                    headers=headers,
                )
            said.messages.append(mark)
            await asyncio.sleep(chance.uniform(0, 2 * pause_s))
    finally:
        await producer.stop()


async def answer_all(desk: Desk, said: Accepted, until_set: asyncio.Event) -> None:
    """An agent who answers whoever of this run waits, until told to stop."""
    answered: set[tuple[str, int]] = set()
    async with Agent(desk.web, desk.account("lead")) as agent:
        while not until_set.is_set():
            for head in await _waiting(agent, said):
                turn = (head["id"], head["message_count"])
                if turn in answered:
                    continue
                answered.add(turn)
                await _answer(agent, said, head["id"])
            await asyncio.sleep(0.3)


async def _waiting(agent: Agent, said: Accepted) -> list[dict[str, Any]]:
    try:
        query = {"inbox": "all", "status": "open", "sort": "newest", "limit": 100}
        answer = await agent.client.get("/api/tickets/conversations", params=query)
    except httpx.HTTPError:
        return []
    if not taken(answer):
        return []
    heads = [one["head"] for one in answer.json()["items"]]
    return [one for one in heads if f"mark-{said.run}-" in one["description"] and one["waiting_since"]]


async def _answer(agent: Agent, said: Accepted, conversation_id: str) -> None:
    mark, key = said.mark(), uuid.uuid4().hex

    async def send() -> bool:
        body, headers = {"html": f"<p>Answer, {mark}</p>"}, {"Idempotency-Key": key}
        path = f"/api/tickets/conversations/{conversation_id}/reply"
        return taken(await agent.client.post(path, json=body, headers=headers))

    await insist(said, send)
    said.replies.append(mark)
