"""Phone calls and custom channels, by outside clients that know only what is documented."""

from __future__ import annotations

import random
import time
import uuid
from typing import Any

import httpx

from tests.desk import Desk
from tests.e2e.outside import Agent, Topics, until

LINE = "+1 310 555 0104"
CUSTOMER = "+1 415-555-0137"


def _webhook(desk: Desk, event: str, call: dict[str, Any], at: int) -> dict[str, Any]:
    return {"resource": "call", "event": event, "timestamp": at, "token": desk.aircall_token, "data": call}


async def test_a_call_told_twice_and_out_of_order_is_one_conversation(desk: Desk) -> None:
    call_id, now = random.randrange(10**9, 10**10), int(time.time())
    base = {
        "id": call_id,
        "direct_link": f"https://api.aircall.io/v1/calls/{call_id}",
        "direction": "inbound",
        "status": "initial",
        "started_at": now,
        "answered_at": None,
        "ended_at": None,
        "raw_digits": CUSTOMER,
        "number": {"id": 1, "name": "Paleo Hacks", "digits": LINE, "country": "US"},
        "user": None,
        "comments": [],
        "tags": [],
    }
    user = {"id": 5, "name": "Leo Martin", "email": "leo@switchboard.example"}
    answered = base | {"status": "answered", "answered_at": now + 8, "user": user}
    ended = answered | {
        "status": "done",
        "ended_at": now + 98,
        "duration": 98,
        "recording": f"https://recordings.example/{call_id}.mp3",
    }
    hooks = [
        _webhook(desk, "call.created", base, now),
        _webhook(desk, "call.ringing_on_agent", base | {"user": user}, now + 2),
        _webhook(desk, "call.answered", answered, now + 8),
        _webhook(desk, "call.ended", ended, now + 98),
    ]
    order = hooks * 2
    random.Random(call_id).shuffle(order)
    async with httpx.AsyncClient(base_url=desk.ingest, timeout=20) as client:
        for hook in order:
            assert (await client.post("/aircall", json=hook)).status_code == 200
        wrong = await client.post("/aircall", json=hooks[0] | {"token": "guess"})
        assert wrong.status_code == 401
    async with Agent(desk.web, desk.account("lead")) as agent:

        async def finished() -> Any:
            listed = await agent.get("/api/tickets/conversations", inbox="all", status="all", sort="newest", limit=50)
            heads = [one["head"] for one in listed["items"]]
            mine = [one for one in heads if one["call"] and one["call"]["call_id"] == str(call_id)]
            return mine if mine and mine[0]["call"]["state"] == "ended" and mine[0]["call"]["recording_url"] else None

        (head,) = await until(finished)
        assert head["handle"] == {"kind": "phone", "value": "+14155550137", "name": head["handle"]["name"]}
        assert head["channel"] == "phone"

        # A step that came late tells nothing new, so there may be fewer events than webhooks, never more.
        events = await Topics(desk.kafka, desk.prefix).read("tickets.conversations.v1", head["id"])
        calls = [one for one in events if one["type"] in ("ConversationStarted", "CallUpdated")]
        assert 1 <= len(calls) <= len(hooks)
        assert [one["type"] for one in events].count("ConversationStarted") == 1
        assert [one["sequence"] for one in events] == list(range(1, len(events) + 1))
        final = calls[-1]["call"]
        assert final["agent_name"] == "Leo Martin"
        assert final["recording_url"].endswith(".mp3")


async def test_an_event_of_an_integrator_is_a_conversation_and_the_reply_leaves_as_an_event(desk: Desk) -> None:
    topics, thread = Topics(desk.kafka, desk.prefix), uuid.uuid4().hex
    body = {
        "channel": "whatsapp",
        "brand": "earth-echo",
        "thread": thread,
        "sender": {"id": f"wa-{thread}", "name": "Zoë Ångström"},
        "text": f"Är paketet skickat? {thread}",
    }
    for _ in range(2):  # integrators repeat themselves
        await topics.publish(
            "integrations.inbound.v1",
            type="switchboard.integrations.MessagePosted.v1",
            source="/whatsapp-bridge",
            id=thread,
            body=body,
        )
    async with Agent(desk.web, desk.account("lead")) as agent:

        async def arrived() -> Any:
            listed = await agent.get(
                "/api/tickets/conversations", inbox="brand:earth-echo", status="all", sort="newest"
            )
            return [one["head"] for one in listed["items"] if thread in one["head"]["description"]]

        (head,) = await until(arrived)
        assert (head["channel"], head["contact_name"]) == ("custom", "Zoë Ångström")
        await agent.post(f"/api/tickets/conversations/{head['id']}/reply", html="<p>Ja, i går.</p>")

        async def left() -> Any:
            events = await topics.read("tickets.conversations.v1", head["id"])
            return [one for one in events if one["type"] == "ReplySent"]

        (reply,) = await until(left)
        assert reply["message"]["text"].strip() == "Ja, i går."
        assert reply["head"]["handle"]["value"] == f"whatsapp:wa-{thread}"
