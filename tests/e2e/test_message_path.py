"""The path of one email, from the socket to the screen and back. docs/message-path.md tells the same story."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import websockets

from tests.desk import Desk
from tests.e2e.outside import Agent, Sink, Topics, mail, send_mail, until

ADDRESS = "support@paleohacks.example"


async def test_one_email_from_the_socket_to_the_screen_and_back(desk: Desk) -> None:
    subject = f"Where is my parcel {uuid.uuid4().hex[:6]}"
    first = mail(to=ADDRESS, subject=subject, text="Hello, it should have been here on Friday.\n\nAnn")
    topics = Topics(desk.kafka, desk.prefix)
    async with Agent(desk.web, desk.account("lead")) as agent:
        listening = asyncio.Event()
        live = asyncio.create_task(_hear(desk, agent.token, subject, listening))
        await asyncio.wait_for(listening.wait(), 30)

        # 1 ingest accepts it: 250 only after it is durable
        await send_mail(desk.smtp, first)

        # 2 tickets makes a conversation of it, and it is in the inbox
        head = await until(lambda: agent.find(subject))
        conversation_id = head["id"]
        assert head["handle"]["value"] == "ann@customer.example"
        (received,) = await topics.read("ingest.messages.v1", conversation_id)
        assert (received["type"], received["brand_id"]) == ("MessageReceived", "paleo-hacks")

        # 3 routing decides, with the rule that did it
        async def assigned() -> object:
            events = await agent.timeline(conversation_id)
            return next((one for one in events if one["type"] == "Assigned" and one["data"]["assignee_id"]), None)

        assignment = await until(assigned)
        assert assignment["by"]["kind"] == "rule"
        decision = await agent.get(f"/api/routing/decisions/{assignment['decision_id']}")
        assert decision
        (decided,) = await topics.read("routing.decisions.v1", conversation_id)
        assert decided["decision_id"] == assignment["decision_id"]
        agents = {one["agent_id"]: one for one in (await agent.get("/api/tickets/directory"))["agents"]}
        assert "email-support" in agents[assignment["data"]["assignee_id"]]["team_ids"]

        # 4 notifications pushes it to the browser
        assert (await asyncio.wait_for(live, 30))["conversation_id"] == conversation_id

        # 5 the agent answers
        answer = await agent.post(
            f"/api/tickets/conversations/{conversation_id}/reply",
            html="<p>Hello Ann, it is with the courier.</p>",
            cc=[{"address": "depot@warehouse.example", "name": "Depot"}],
        )
        assert answer["head"]["waiting_since"] is None

        # 6 the answer leaves by mail
        sent = (await until(lambda: Sink(desk.smtp_sink_http).to("ann@customer.example", subject)))[0]
        assert ADDRESS in sent["From"]
        assert "ann@customer.example" in sent["To"]
        assert "depot@warehouse.example" in sent["Cc"]
        assert sent["In-Reply-To"] == first["Message-ID"]
        assert first["Message-ID"] in sent["References"]
        assert sent.get_body(("plain",)).get_content().strip() == "Hello Ann, it is with the courier."
        assert "with the courier" in sent.get_body(("html",)).get_content()

        # 7 its delivery is on the timeline
        async def delivered() -> bool:
            events = await agent.timeline(conversation_id)
            return any(one["type"] == "DeliveryUpdated" and one["data"]["state"] == "sent" for one in events)

        await until(delivered)

        # 8 her reply to it lands in the same conversation; sending a mail again changes nothing
        second = mail(to=ADDRESS, subject=f"Re: {subject}", text="Thank you!")
        second["In-Reply-To"] = sent["Message-ID"]
        second["References"] = f"{first['Message-ID']} {sent['Message-ID']}"
        for message in (second, second, first):
            await send_mail(desk.smtp, message)

        async def told() -> list[dict[str, Any]]:
            events = await topics.read("tickets.conversations.v1", conversation_id)
            return events if any(one["type"] == "CustomerReplied" for one in events) else []

        events = await until(told)
        assert any(one["type"] == "CustomerReplied" for one in await agent.timeline(conversation_id))
        kinds = [one["type"] for one in events]
        assert kinds.count("CustomerReplied") == 1
        assert kinds.count("ConversationStarted") == 1
        assert [one["sequence"] for one in events] == list(range(1, len(events) + 1))
        assert all(one["head"]["seq"] == one["sequence"] for one in events)


async def _hear(desk: Desk, token: str, subject: str, listening: asyncio.Event) -> dict[str, object]:
    """The first live event of the conversation with this subject."""
    url = desk.web.replace("http", "ws", 1) + "/live"
    async with websockets.connect(url, origin=desk.web) as socket:
        await socket.send(json.dumps({"type": "hello", "token": token, "last_id": None}))
        async for raw in socket:
            frame = json.loads(raw)
            if frame["type"] == "ready":
                listening.set()
            if frame["type"] == "event" and frame["head"]["subject"] == subject:
                return {"conversation_id": frame["head"]["id"]}
    raise AssertionError("the socket closed")
