"""A little of everything that happens to a desk, good and bad, so that its metrics have something to tell.

All of it comes as it would from outside, and what was set up for it is taken away at the end.
"""

from __future__ import annotations

import asyncio
import json
import smtplib
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from deploy.local.ports import OUTSIDE
from tests.desk import Desk
from tests.e2e.outside import Agent, Topics, mail, send_mail, until
from tests.integration.notifications.receiver import Receiver
from tests.stranger import Stranger, answered, png

LINE = "+1 310 555 0104"
MAILBOX = "support@paleohacks.example"
READ = ("integrations.inbound.v1", "ingest.messages.v1", "tickets.conversations.v1")
"""Kafka topics; between them every service reads one."""
WARNED_AFTER = {"first_response_s": 60, "warn_percent": 90}
"""Six seconds: the shortest goal, and the most of it that may be left."""


@asynccontextmanager
async def a_little_of_everything(desk: Desk) -> AsyncIterator[None]:
    """It has all been begun when this is entered; what is due a few seconds later comes by itself. Meanwhile an agent
    and a visitor have the desk open, and an integrator is told of what happens."""
    mark = f"Measured {uuid.uuid4().hex[:8]}"
    receiver = Receiver(host=OUTSIDE)
    await receiver.start()
    try:
        async with (
            Agent(desk.web, desk.account("admin")) as admin,
            Agent(desk.web, desk.account("lead")) as lead,
            _promised(admin, mark),
            _mailed_at_once(desk),
            _called(admin, receiver, mark),
            _watched(desk, lead),
        ):
            conversation_id = await _a_day(desk, lead, mark)
            await _mistakes(desk, conversation_id)
            yield
            # Left open it would be too late for its answer in the midst of another test.
            unanswered = await until(lambda: lead.find(f"{mark}, unanswered"))
            await lead.post(f"/api/tickets/conversations/{unanswered['id']}/close")
    finally:
        await receiver.stop()


# ── as it should be ──────────────────────────────────────────────────────────────────────────────
async def _a_day(desk: Desk, lead: Agent, mark: str) -> str:
    """A mail with a picture, its answer, a note, a colleague and a snooze, and a mail that nobody answers; a chat, a
    call, an event of an integrator, somebody who leaves the phone, and one who forgot the password. The answered mail's
    conversation."""
    async with Stranger({"/a.png": answered(png())}) as stranger, httpx.AsyncClient(timeout=20) as anyone:
        one = mail(to=MAILBOX, subject=mark, text="Hello")
        one.add_alternative(f'<p>Hello <img src="{stranger.url}/a.png"></p>', subtype="html")
        await send_mail(desk.smtp, one)
        await send_mail(desk.smtp, mail(to=MAILBOX, subject=f"{mark}, unanswered", text="Hello"))
        head = await until(lambda: lead.find(mark))
        here = f"/api/tickets/conversations/{head['id']}"
        (picture,) = (await lead.post(f"{here}/images", seq=1))["items"]
        (await anyone.get(picture["url"])).raise_for_status()
        said = {"client_id": uuid.uuid4().hex, "session_id": str(uuid.uuid4()), "text": "Hello"}
        headers = {"Authorization": f"Bearer {await _visitor(desk)}"}
        (await anyone.post(f"{desk.ingest}/messenger/messages", json=said, headers=headers)).raise_for_status()
        for hook in (_call(), _away()):
            (await anyone.post(f"{desk.ingest}/aircall", json=hook | {"token": desk.aircall_token})).raise_for_status()
        forgot = {"email": desk.account("agent")["email"]}
        (await anyone.post(f"{desk.web}/api/tickets/session/forgotten", json=forgot)).raise_for_status()
    await _integrate(desk, uuid.uuid4().hex)
    await lead.post(f"{here}/reply", html="<p>Hello</p>")
    await lead.post(f"{here}/note", html="<p>Hello</p>")
    for colleague in ("jonas", "maya"):
        await lead.post(f"{here}/assign", team_id="email-support", assignee_id=colleague)
    await lead.post(f"{here}/snooze", until=(datetime.now(UTC) + timedelta(seconds=2)).isoformat())
    return str(head["id"])


async def _visitor(desk: Desk) -> str:
    async with httpx.AsyncClient(base_url=desk.ingest, timeout=20) as client:
        answer = await client.post("/messenger/sessions", json={"brand_id": "paleo-hacks"})
        answer.raise_for_status()
        return str(answer.json()["token"])


def _call() -> dict[str, Any]:
    data = {"id": time.time_ns(), "direction": "inbound", "status": "initial", "started_at": int(time.time())}
    data |= {"raw_digits": "+14155550137", "number": {"id": 1, "name": "Paleo Hacks", "digits": LINE}}
    return {"resource": "call", "event": "call.created", "timestamp": int(time.time()), "data": data}


def _away() -> dict[str, Any]:
    """Of somebody who is at the phone and not at the desk."""
    data = {"id": 7, "email": "nobody@switchboard.example", "availability_status": "unavailable"}
    return {"resource": "user", "event": "user.closed", "timestamp": int(time.time()), "data": data}


async def _integrate(desk: Desk, id_: str) -> None:
    body = {"channel": "whatsapp", "brand": "earth-echo", "thread": "t", "sender": {"id": "z"}, "text": "Hello"}
    kind = "switchboard.integrations.MessagePosted.v1"
    await Topics(desk.kafka, desk.prefix).publish(READ[0], type=kind, source="/bridge", id=id_, body=body)


@asynccontextmanager
async def _promised(admin: Agent, mark: str) -> AsyncIterator[None]:
    """A service level that is in danger after seconds, and a rule that would go on for ever by itself."""
    asks = {"all": [{"field": "conversation.subject", "operator": "contains", "value": mark}]}
    rule = {"name": mark, "when": ["NoteAdded"], "if": asks, "then": [{"kind": "add_note", "text": "Noted"}]}
    made = {
        "/api/routing/sla/policies": {"name": mark, "if": asks, **WARNED_AFTER},
        "/api/routing/rules": rule,
    }
    kept = {path: await admin.post(f"{path}?publish=true", **body) for path, body in made.items()}
    try:
        yield
    finally:
        for path, one in kept.items():
            headers = {"If-Match": f'"{one["version"]}"'}
            answer = await admin.client.post(f"{path}/{one['id']}/retire", json={}, headers=headers)
            answer.raise_for_status()


@asynccontextmanager
async def _mailed_at_once(desk: Desk) -> AsyncIterator[None]:
    """An agent who wants to be mailed whatever is unread, without waiting."""
    path = "/api/notifications/notice-preferences"
    async with Agent(desk.web, desk.account("agent")) as agent:

        async def wish(minutes: int) -> int:
            now = await agent.get(path)
            same = {"seen_seq": now["seq"], "ways": now["ways"], "quiet": now["quiet"]}
            body = same | {"email_after_minutes": minutes}
            (await agent.client.put(path, json=body)).raise_for_status()
            return int(now["email_after_minutes"])

        usual = await wish(0)
        try:
            yield
        finally:
            await wish(usual)


@asynccontextmanager
async def _called(admin: Agent, receiver: Receiver, mark: str) -> AsyncIterator[None]:
    """An integrator's endpoint, which is called."""
    types = (await admin.get("/api/notifications/webhooks/event-types"))["items"]
    body = {"name": mark, "url": receiver.url, "event_types": [one for one in types if ".Conversation" in one]}
    path = f"/api/notifications/webhooks/{(await admin.post('/api/notifications/webhooks', **body))['id']}"
    try:
        await admin.post(f"{path}/ping")
        yield
    finally:
        (await admin.client.delete(path)).raise_for_status()


@asynccontextmanager
async def _watched(desk: Desk, lead: Agent) -> AsyncIterator[None]:
    """The sockets of an agent who comes back after long, and of a visitor; and one of somebody whom nobody knows."""
    live = desk.notifications.replace("http://", "ws://") + "/live"
    async with connect(live) as stranger:
        await _hello(stranger, "nobody's")
        with suppress(ConnectionClosed):
            await stranger.recv()
    async with (
        connect(live, ping_interval=None) as agent,
        connect(f"{live}/messenger", ping_interval=None) as visitor,
    ):
        await _hello(agent, lead.token, last_id="1-1")
        await _hello(visitor, await _visitor(desk))
        reading = [asyncio.create_task(_read(one)) for one in (agent, visitor)]
        yield
        for one in reading:
            one.cancel()


async def _hello(socket: ClientConnection, token: str, last_id: str | None = None) -> None:
    await socket.send(json.dumps({"type": "hello", "token": token, "last_id": last_id}))


async def _read(socket: ClientConnection) -> None:
    async for _ in socket:
        pass


# ── as it should not be ──────────────────────────────────────────────────────────────────────────
async def _mistakes(desk: Desk, conversation_id: str) -> None:
    """What comes twice, what nobody can read, what nobody here knows, and what is for nobody here."""
    topics = Topics(desk.kafka, desk.prefix)
    twice = uuid.uuid4().hex
    for _ in range(2):
        await _integrate(desk, twice)
    for topic in READ[1:]:
        await topics.repeat(topic, conversation_id)
    for topic in READ:
        kind = f"switchboard.{topic.split('.')[0]}.NobodyKnowsThis.v1"
        await topics.publish(topic, type=kind, source="/newer", id=uuid.uuid4().hex, body={})
        await topics.put(topic, b"{", [("ce_id", b"poison")])
    try:
        await send_mail(desk.smtp, mail(to="nobody@paleohacks.example", subject="Hello", text="Hello"))
    except smtplib.SMTPRecipientsRefused:
        return
    raise AssertionError("mail for nobody here was taken")
