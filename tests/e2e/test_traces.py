"""One trace id goes the whole way: from an integrator's header to what routing decided, from an agent's to the mail."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.desk import Desk
from tests.e2e.outside import PARTITIONS, Agent, mail, send_mail, until

TOPICS = ("ingest.messages.v1", "tickets.conversations.v1", "routing.decisions.v1", "notifications.deliveries.v1")


async def traces(desk: Desk, conversation_id: str) -> dict[str, set[str]]:
    """Event name → the trace ids that events of this name have in one conversation."""
    consumer = AIOKafkaConsumer(bootstrap_servers=desk.kafka)
    await consumer.start()
    found: dict[str, set[str]] = {}
    try:
        partitions = [TopicPartition(f"{desk.prefix}{topic}", n) for topic in TOPICS for n in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(one) < ends[one] for one in partitions]):
            for records in (await asyncio.wait_for(consumer.getmany(timeout_ms=300), 20)).values():
                for record in records:
                    if record.key == conversation_id.encode():
                        _, name, trace = _said(record)
                        found.setdefault(name, set()).add(trace)
    finally:
        await consumer.stop()
    return found


def _said(record: Any) -> tuple[str, str, str]:
    headers = {name: value.decode() for name, value in record.headers}
    version, trace, parent, flags = headers["traceparent"].split("-")
    assert (version, len(trace), len(parent), flags) == ("00", 32, 16, "01")
    return headers["ce_id"], headers["ce_type"].split(".")[2], trace


async def test_an_integrators_trace_is_on_everything_that_its_message_led_to(desk: Desk) -> None:
    trace, name = uuid.uuid4().hex, uuid.uuid4().hex
    body = {"channel": "whatsapp", "brand": "earth-echo", "thread": name, "sender": {"id": name}, "text": f"Hi {name}"}
    headers = {
        "Authorization": f"Bearer {desk.integration_token}",
        "Content-Type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": name,
        "ce-source": "/bridge",
        "ce-type": "switchboard.integrations.MessagePosted.v1",
        "traceparent": f"00-{trace}-00f067aa0ba902b7-01",
    }
    async with httpx.AsyncClient(base_url=desk.ingest, timeout=20) as client:
        answer = await client.post("/events", content=json.dumps(body), headers=headers)
    assert answer.status_code == 202, answer.text
    conversation_id = answer.json()["conversation_id"]

    async def decided() -> dict[str, set[str]]:
        found = await traces(desk, conversation_id)
        return found if {"MessageReceived", "ConversationStarted", "Decided"} <= set(found) else {}

    found = await until(decided)
    assert {trace} == set().union(*found.values())


async def test_an_agents_trace_goes_out_with_the_answer_and_comes_back_with_its_delivery(desk: Desk) -> None:
    subject, trace = f"Traced {uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    await send_mail(desk.smtp, mail(to="support@paleohacks.example", subject=subject, text="Hello"))
    async with Agent(desk.web, desk.account("lead")) as agent:
        head = await until(lambda: agent.find(subject))
        path = f"/api/tickets/conversations/{head['id']}/reply"
        headers = {"Idempotency-Key": uuid.uuid4().hex, "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
        answer = await agent.client.post(path, json={"html": "<p>Hello</p>"}, headers=headers)
        assert answer.status_code < 300, answer.text

    async def delivered() -> dict[str, set[str]]:
        found = await traces(desk, head["id"])
        return found if {"ReplySent", "DeliverySent", "DeliveryUpdated"} <= set(found) else {}

    found = await until(delivered)
    assert found["ReplySent"] == found["DeliverySent"] == {trace}
    assert trace in found["DeliveryUpdated"]
    (incoming,) = found["MessageReceived"]
    assert incoming != trace
    assert found["ConversationStarted"] == {incoming}
