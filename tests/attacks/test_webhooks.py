"""Row 10: webhooks, in and out, at the running desk (CVE-2021-42091).

The client that calls strangers, before hostile servers and name servers: test_outside_calls.py. Signatures, retries
and bounds of what goes out: tests/integration/notifications/test_webhooks.py.
"""

from __future__ import annotations

import ast
import asyncio
import json
import random
import re
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
from pymongo import AsyncMongoClient

from deploy.local.layout import ROOT
from tests.attacks.addresses import INSIDE, TRICKS
from tests.attacks.people import bearer
from tests.desk import Desk
from tests.e2e.outside import Agent, until

HOOKS = "/api/notifications/webhooks"
NOTED = "switchboard.tickets.NoteAdded.v1"
LINE = {"id": 1, "name": "Paleo Hacks", "digits": "+1 310 555 0104", "country": "US"}


@pytest_asyncio.fixture(scope="module")
async def admin(desk: Desk) -> AsyncIterator[Agent]:
    async with Agent(desk.web, desk.account("admin")) as one:
        yield one


@pytest_asyncio.fixture(scope="module")
async def program() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=30) as one:
        yield one


def hook(url: str = "https://hooks.example.com/x") -> dict[str, Any]:
    return {"name": "Attacker", "url": url, "event_types": [NOTED]}


# ── out ──────────────────────────────────────────────────────────────────────────────────────────
async def test_no_endpoint_is_inside(admin: Agent) -> None:
    endpoint = await admin.post(HOOKS, **hook())
    for url in [f"https://{one}/" for one in INSIDE] + TRICKS:
        made = await admin.client.post(HOOKS, json=hook(url))
        changed = await admin.client.patch(f"{HOOKS}/{endpoint['id']}", json={"url": url})
        assert (made.status_code, changed.status_code) == (422, 422), (url, made.text, changed.text)
    kept = await admin.get(f"{HOOKS}/{endpoint['id']}")
    assert kept["url"] == "https://hooks.example.com/x"
    await admin.client.delete(f"{HOOKS}/{endpoint['id']}")


async def test_a_name_that_resolves_inside_is_never_called_and_nothing_is_read_there(admin: Agent) -> None:
    """The desk may call its stand-ins, at an address of their own: a name passes until it is looked up."""
    heard: list[bytes] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(10))
        writer.close()

    server = await listen(hear)
    port = server.sockets[0].getsockname()[1] if server else 443
    endpoint = await admin.post(HOOKS, **hook(f"https://localhost:{port}/"))
    ping = await admin.post(f"{HOOKS}/{endpoint['id']}/ping")

    async def tried() -> dict[str, Any] | None:
        found: dict[str, Any] = await admin.get(f"{HOOKS}/{endpoint['id']}/deliveries/{ping['id']}")
        return found if found["attempt"] else None

    call = await until(tried)
    assert (call["state"], call["status"], call["said"]) == ("queued", None, "")
    assert call["reason"].startswith("We do not call this address")
    assert heard == []
    await admin.client.delete(f"{HOOKS}/{endpoint['id']}")
    if server:
        server.close()


async def listen(hear: Any) -> asyncio.Server | None:
    """At one of the ports that are called, when one is free."""
    for port in (8443, 8080):
        try:
            return await asyncio.start_server(hear, "127.0.0.1", port)
        except OSError:
            continue
    return None


async def test_a_secret_is_shown_once_and_kept_nowhere(desk: Desk, admin: Agent) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    made = (await admin.client.post(HOOKS, json=hook(), headers=key)).json()
    path, secret = f"{HOOKS}/{made['id']}", made["secret"]
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    rotated = await admin.post(f"{path}/rotate", overlap_hours=1)
    assert rotated["secret"] != secret
    ping = await admin.post(f"{path}/ping")
    said = [await admin.get(one) for one in (HOOKS, path, f"{path}/deliveries", f"{path}/deliveries/{ping['id']}")]
    for verb, tail, body in (
        ("PATCH", "", {"name": "Other"}),
        ("POST", "/disable", None),
        ("POST", "/enable", None),
        ("POST", "/replay", {}),
    ):
        answer = await admin.client.request(verb, path + tail, json=body)
        assert answer.status_code == 200, answer.text
        said.append(answer.json())
    mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(desk.mongo)
    database = mongo[f"{desk.prefix}switchboard_notifications"]
    kept = [
        await database[one].find().to_list(None) for one in ("webhook_endpoints", "webhook_calls", "webhook_events")
    ]
    await mongo.close()
    read = [str(said), str(kept), *logs(desk)]
    assert made["id"] in read[1]
    for one in (secret, rotated["secret"]):
        assert not any(one in text or one.removeprefix("whsec_") in text for text in read)
    await admin.client.delete(path)


def logs(desk: Desk) -> list[str]:
    """Of every process, where the desk keeps them in files."""
    return [file.read_text(errors="replace") for file in (Path(desk.smtp_sink_maildir).parent / "logs").glob("*.log")]


# ── in ───────────────────────────────────────────────────────────────────────────────────────────
def call(token: Any, call_id: int, **about: Any) -> dict[str, Any]:
    data = {"id": call_id, "direction": "inbound", "raw_digits": "+1 415-555-0137", "number": LINE}
    sent = {"resource": "call", "event": "call.created", "timestamp": int(time.time()), "token": token, "data": data}
    return {**sent, **about}


def wrong(token: str) -> list[Any]:
    swapped = token[:-1] + ("A" if token[-1] != "A" else "B")
    made_up: list[Any] = ["", None, 7, True, [], [token], {}, {"$ne": ""}, "é" * 20, "\ud800"]
    return [*made_up, token[:-1], token + "x", f" {token}", token.swapcase(), swapped]


async def test_a_call_without_the_token_is_refused_and_leaves_nothing(desk: Desk, program: httpx.AsyncClient) -> None:
    call_id = random.randrange(10**10, 10**11)
    bare = {name: value for name, value in call("", call_id).items() if name != "token"}
    bodies = [json.dumps(one) for one in (bare, *(call(token, call_id) for token in wrong(desk.aircall_token)))]
    for body in bodies:
        for query in ({}, {"token": desk.aircall_token}):
            headers = {"Content-Type": "application/json", **bearer(desk.aircall_token)}
            answer = await program.post(f"{desk.ingest}/aircall", content=body, params=query, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "aircall_token"), (body, answer.text)
    right = await program.post(f"{desk.ingest}/aircall", json=call(desk.aircall_token, call_id))
    assert (right.status_code, right.json()["status"], right.json()["duplicate"]) == (200, "accepted", False)


async def test_a_call_told_again_is_remembered_however_late_and_in_whatever_order(
    desk: Desk, admin: Agent, program: httpx.AsyncClient
) -> None:
    """Aircall signs no time: what is old may be a retry, so it is known by what it says, for as long as inputs are."""
    call_id, old = random.randrange(10**10, 10**11), int(time.time()) - 9 * 3600
    body = call(desk.aircall_token, call_id, timestamp=old)
    first = (await program.post(f"{desk.ingest}/aircall", json=body)).json()
    turned = json.dumps(dict(reversed(body.items())), indent=3)
    for again in (json.dumps(body), turned):
        said = (await program.post(f"{desk.ingest}/aircall", content=again)).json()
        assert (said["duplicate"], said["input_id"]) == (True, first["input_id"])
    altered = call("wrong", call_id, timestamp=old, event="call.ended")
    assert (await program.post(f"{desk.ingest}/aircall", json=altered)).status_code == 401

    async def there() -> list[Any]:
        answer = await admin.client.get(f"/api/tickets/conversations/{first['conversation_id']}/timeline")
        return list(answer.json()["items"]) if answer.status_code == 200 else []

    told = [one["type"] for one in await until(there)]
    assert sum(told.count(one) for one in ("ConversationStarted", "CustomerReplied", "CallUpdated")) == 1, told


async def test_what_must_be_tried_again_or_is_ours_to_mend_is_never_forbidden(
    desk: Desk, program: httpx.AsyncClient
) -> None:
    """A provider ends its webhook at a 403 or 406 (Mailgun) or after some refusals (Aircall)."""
    token, call_id = desk.aircall_token, random.randrange(10**10, 10**11)
    broken: list[dict[str, Any]] = [
        {"token": token},
        {"token": token, "event": "call.created"},
        {"token": token, "event": {"$gt": ""}, "data": 1},
        {"token": token, "event": "call.created", "data": {"id": {}}},
        call(token, call_id, data={"id": call_id}),
        call(token, call_id, data={"id": call_id, "number": {"digits": "+1 310 555 0999"}}),
        call(token, call_id, timestamp="yesterday"),
        call(token, call_id, timestamp=1e300),
        call(token, call_id, event="call." + "x" * 5000),
    ]
    for body in broken:
        answer = await program.post(f"{desk.ingest}/aircall", json=body, headers={"Accept": "image/png"})
        assert answer.status_code == 200, (body, answer.text)
    for raw in (b"", b"no", b"[]", b"[" * 100_000, b"\xff\xfe", b'{"token": NaN'):
        answer = await program.post(f"{desk.ingest}/aircall", content=raw)
        assert answer.status_code in (401, 422), answer.text


def event_headers(event_id: str, token: str | None) -> dict[str, Any]:
    ce = {"ce-specversion": "1.0", "ce-id": event_id, "ce-source": "/attack", "Content-Type": "application/json"}
    ce |= {"ce-type": "switchboard.integrations.MessagePosted.v1"}
    return {**ce, **(bearer(token) if token else {})}


async def test_an_integrations_event_needs_the_token_and_comes_once(desk: Desk, program: httpx.AsyncClient) -> None:
    event_id = uuid.uuid4().hex
    body = {"channel": "whatsapp", "brand": "earth-echo", "thread": event_id, "sender": {"id": "1"}, "text": "Hi"}
    url, token = f"{desk.ingest}/events", desk.integration_token
    for given in (
        None,
        *(one for one in wrong(token) if isinstance(one, str) and one.isascii() and one.strip() == one),
    ):
        for path in ("/events", "/mail"):
            headers = event_headers(event_id, given)
            answer = await program.post(desk.ingest + path, json=body, headers=headers, params={"token": token})
            assert (answer.status_code, answer.json()["code"]) == (401, "integration_token"), (given, answer.text)
    odd = {**event_headers(event_id, None), "Authorization": "Bearer \xff\xfe".encode("latin-1")}
    assert (await program.post(url, json=body, headers=odd)).status_code == 401
    first = (await program.post(url, json=body, headers=event_headers(event_id, token))).json()
    assert first["duplicate"] is False
    for again in (body, {**body, "text": "Something else"}):
        said = (await program.post(url, json=again, headers=event_headers(event_id, token))).json()
        assert (said["duplicate"], said["input_id"]) == (True, first["input_id"])


async def test_a_token_that_nearly_fits_stands_in_no_log(desk: Desk, program: httpx.AsyncClient) -> None:
    """A wrong token is mostly somebody's right one of yesterday, or one with a letter missing."""
    near = f"nearly{uuid.uuid4().hex}"
    await program.post(f"{desk.ingest}/aircall", json=call(near, 1), params={"token": near})
    for path in ("/events", "/mail"):
        await program.post(f"{desk.ingest}{path}?token={near}", json={}, headers=event_headers(near, near))
    right = {desk.aircall_token, desk.integration_token}
    for text in logs(desk):
        assert not any(one in text for one in (near, *right))


def test_secrets_are_compared_in_constant_time() -> None:
    """No `==` between two values of which one is named as a secret or a signature is; the doors use compare_digest."""
    secret = re.compile(r"\b(token|mac|hmac|sig|signature|secret|digest|password|expected_token|user_hash)\b", re.I)
    found = []
    files = [file for folder in ("services", "shared") for file in (ROOT / folder).rglob("*.py")]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Compare) and any(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops):
                sides = [one for one in (node.left, *node.comparators) if not isinstance(one, ast.Constant)]
                if len(sides) > 1 and any(secret.search(ast.unparse(one)) for one in sides):
                    found.append(f"{file.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}")
    assert found == []
    for door in ("services/ingest/api/inputs.py", "services/ingest/api/parts.py", "shared/signing.py"):
        assert "hmac.compare_digest(" in (ROOT / door).read_text()
