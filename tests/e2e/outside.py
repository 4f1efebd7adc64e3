"""Clients as people outside have them: mail, HTTP, Kafka, WebSocket. Imports nothing of the product."""

from __future__ import annotations

import asyncio
import json
import smtplib
import time
import uuid
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

PARTITIONS = 12


async def until(check: Callable[[], Awaitable[Any]], seconds: float = 30) -> Any:
    """Poll until the check gives something true."""
    deadline = time.monotonic() + seconds
    answer: Any = None
    while time.monotonic() < deadline:
        answer = await check()
        if answer:
            return answer
        await asyncio.sleep(0.1)
    raise AssertionError(f"not so within {seconds} s; last: {answer!r}")


def mail(*, to: str, subject: str, text: str, sender: str = "Ann Lee <ann@customer.example>") -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = f"<{uuid.uuid4().hex}@customer.example>"
    message["Date"] = "Mon, 04 May 2026 09:00:00 +0200"
    message.set_content(text)
    return message


async def send_mail(address: str, message: EmailMessage) -> None:
    host, port = address.split(":")

    def send() -> None:
        with smtplib.SMTP(host, int(port), timeout=20) as smtp:
            smtp.send_message(message)

    await asyncio.to_thread(send)


class Sink:
    """The mail sink's own view of what the desk sent."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def to(self, address: str, subject: str) -> list[EmailMessage]:
        """Mails to an address whose subject contains the text, oldest first."""
        async with httpx.AsyncClient(base_url=self._url, timeout=20) as client:
            listed = (await client.get("/messages")).json()
            found = [one for one in listed if subject in one["subject"] and address in json.dumps(one)]
            raw = [(await client.get(f"/messages/{one['id']}")).content for one in reversed(found)]
        return [BytesParser(policy=default).parsebytes(one) for one in raw]


class Agent:
    """An agent's HTTP client, signed in through the one web address."""

    def __init__(self, web: str, account: dict[str, Any]) -> None:
        self.client = httpx.AsyncClient(base_url=web, timeout=20)
        self._account = account
        self.token = ""

    async def __aenter__(self) -> Agent:
        body = {"email": self._account["email"], "password": self._account["password"]}
        answer = await self.client.post("/api/tickets/session", json=body)
        answer.raise_for_status()
        self.token = answer.json()["access_token"]
        self.client.headers["Authorization"] = f"Bearer {self.token}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.client.get(path, params=params)
        answer.raise_for_status()
        return answer.json()

    async def post(self, path: str, **body: Any) -> Any:
        answer = await self.client.post(path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex})
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    async def find(self, subject: str, inbox: str = "all") -> dict[str, Any] | None:
        """The newest conversation with this subject."""
        listed = await self.get("/api/tickets/conversations", inbox=inbox, status="all", sort="newest", limit=50)
        return next((one["head"] for one in listed["items"] if one["head"]["subject"] == subject), None)

    async def assigned(self, subject: str) -> dict[str, Any] | None:
        """The same, once routing has given it to somebody."""
        head = await self.find(subject)
        return head if head and head["assignee_id"] else None

    async def finds(self, words: str) -> bool:
        """Whether a search has found that."""
        return bool((await self.get("/api/tickets/search", q=words))["items"])

    async def timeline(self, conversation_id: str) -> list[dict[str, Any]]:
        answer = await self.get(f"/api/tickets/conversations/{conversation_id}/timeline", limit=200)
        return list(answer["items"])


class Topics:
    """A plain Kafka client."""

    def __init__(self, servers: str, prefix: str) -> None:
        self._servers = servers
        self._prefix = prefix

    async def read(self, topic: str, key: str) -> list[dict[str, Any]]:
        """Everything on a topic with this key, in order: {"type", "id", "sequence", **body}."""
        return [_event(record) for record in await self._records(topic, key)]

    async def repeat(self, topic: str, key: str) -> None:
        """The same records once more, as a relay does that dies before it has noted what it has told."""
        async with AIOKafkaProducer(bootstrap_servers=self._servers) as producer:
            for one in await self._records(topic, key):
                await producer.send_and_wait(one.topic, one.value, one.key, one.partition, headers=list(one.headers))

    async def _records(self, topic: str, key: str) -> list[Any]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self._servers, auto_offset_reset="earliest")
        await consumer.start()
        try:
            partitions = [TopicPartition(f"{self._prefix}{topic}", one) for one in range(PARTITIONS)]
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            ends = await consumer.end_offsets(partitions)
            found: list[Any] = []
            for one in partitions:
                while await consumer.position(one) < ends[one]:
                    for records in (await consumer.getmany(one, timeout_ms=200)).values():
                        found += [record for record in records if record.key == key.encode()]
        finally:
            await consumer.stop()
        return found

    async def publish(self, topic: str, *, type: str, source: str, id: str, body: dict[str, Any]) -> None:
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", id.encode()),
            ("ce_source", source.encode()),
            ("ce_type", type.encode()),
            ("content-type", b"application/json"),
        ]
        await self.put(topic, json.dumps(body).encode(), headers)

    async def put(self, topic: str, value: bytes, headers: list[tuple[str, bytes]]) -> None:
        """A record as it is, whether anybody can read it or not."""
        async with AIOKafkaProducer(bootstrap_servers=self._servers) as producer:
            await producer.send_and_wait(f"{self._prefix}{topic}", value, headers=headers)


def _event(record: Any) -> dict[str, Any]:
    headers = {name: value.decode() for name, value in record.headers}
    return {
        "id": headers["ce_id"],
        "type": headers["ce_type"].split(".")[2],
        "sequence": int(headers["ce_sequence"]),
        **json.loads(record.value),
    }
