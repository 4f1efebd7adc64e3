"""ingest as it runs, on real servers: its parts started in this process, its HTTP asked without a socket."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import httpx
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from joserfc import jwt
from joserfc.jwk import OKPKey

from deploy.local.ports import MAIL_SERVER, OUTSIDE
from services.ingest.app import build_app
from services.ingest.settings import IngestSettings
from services.ingest.smtp import SmtpListener
from shared import clock, mongo
from shared.contracts.base import Event
from shared.contracts.common import Address
from shared.contracts.directory import AgentChanged, BrandChanged, RoleChanged, SigningKeyChanged
from shared.ids import random_id
from shared.service import Service
from shared.setup import create_topics
from shared.signing import Signer
from shared.topics import DIRECTORY, PARTITIONS
from tests.servers import Servers

SECRET = "a secret of at least thirty-two characters"
INTEGRATION = "integration-token-for-tests"
AIRCALL = "aircall-token-for-tests"
PALEO = "support@paleohacks.example"
BRIGHT = "support@brightnaturals.example"
LINE = "+13105550104"
DEADLINE_S = 20.0


def brand(brand_id: str, name: str, addresses: Sequence[str], lines: Sequence[str] = ()) -> BrandChanged:
    boxes = tuple(Address(address=one, name=name) for one in addresses)
    return BrandChanged(brand_id=brand_id, seq=1, name=name, color="#204060", addresses=boxes, lines=tuple(lines))


@dataclass
class Desk:
    """The running service, and what a test asks it from outside."""

    settings: IngestSettings
    service: Service
    http: httpx.AsyncClient
    key: OKPKey
    signer: Signer

    @property
    def smtp(self) -> SmtpListener:
        return next(part for part in self.service.parts if isinstance(part, SmtpListener))

    @property
    def database(self) -> mongo.Database:
        return mongo.database(self._client, self.settings, "ingest")

    def __post_init__(self) -> None:
        self._client = mongo.connect(self.settings)

    def agent(self, agent_id: str) -> dict[str, str]:
        """Headers of a signed-in agent."""
        claims = {"sub": agent_id, "aud": "desk", "exp": int(time.time()) + 600}
        token = jwt.encode({"alg": "Ed25519", "kid": "k1"}, claims, self.key, algorithms=["Ed25519"])
        return {"Authorization": f"Bearer {token}"}

    async def events(self, conversation_id: str | None = None) -> list[dict[str, Any]]:
        """What the log says, as it was written: two events of one request may carry the same millisecond."""
        query = {} if conversation_id is None else {"key": conversation_id}
        return await self.database.get_collection("log").find(query).sort("$natural", 1).to_list(None)

    async def published(self, topic: str, wanted: int) -> list[Any]:
        """The first `wanted` records of a topic, waiting for them."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.settings.kafka, auto_offset_reset="earliest", isolation_level="read_committed"
        )
        await consumer.start()
        try:
            name = f"{self.settings.prefix}{topic}"
            partitions = [TopicPartition(name, n) for n in range(PARTITIONS)]
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            found: list[Any] = []
            until = time.monotonic() + DEADLINE_S
            while len(found) < wanted and time.monotonic() < until:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found.extend(records)
            return found
        finally:
            await consumer.stop()

    async def close(self) -> None:
        await self._client.close()


async def until(asked: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something to become true, or fail at the deadline."""
    end = time.monotonic() + DEADLINE_S
    while not await asked():
        assert time.monotonic() < end, "did not happen in time"
        await asyncio.sleep(0.05)


def ingest_settings(servers: Servers, **more: Any) -> IngestSettings:
    return IngestSettings(
        kafka=servers.kafka,
        mongo=servers.mongo,
        redis=servers.redis,
        secret=SECRET,
        prefix=more.pop("prefix", f"t{uuid.uuid4().hex[:10]}-"),
        smtp_port=0,
        integration_token=INTEGRATION,
        aircall_token=AIRCALL,
        trusted_authserv_id=MAIL_SERVER,
        outside_networks=(ip_network(f"{OUTSIDE}/32"),),
        image_s=1.0,
        image_limit_bytes=100_000,
        **more,
    )


async def tell_directory(settings: IngestSettings, events: Sequence[tuple[str, Event]]) -> None:
    """Publish as tickets does."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, enable_idempotence=True)
    await producer.start()
    try:
        for key, event in events:
            headers = [
                ("ce_specversion", b"1.0"),
                ("ce_id", random_id().encode()),
                ("ce_type", DIRECTORY.type_of(type(event)).encode()),
                ("ce_source", b"/switchboard/tickets"),
            ]
            value = event.model_dump_json().encode()
            await producer.send_and_wait(f"{settings.prefix}{DIRECTORY.name}", value, key.encode(), headers=headers)
    finally:
        await producer.stop()


@pytest_asyncio.fixture(scope="module")
async def desk(servers: Servers) -> AsyncIterator[Desk]:
    settings = ingest_settings(servers)
    await create_topics(settings)
    key = OKPKey.generate_key("Ed25519")
    jwk = {name: str(value) for name, value in key.as_dict(private=False).items()}
    await tell_directory(
        settings,
        [
            ("brand:paleo-hacks", brand("paleo-hacks", "Paleo Hacks", [PALEO, "hello@paleohacks.example"], [LINE])),
            ("brand:bright-naturals", brand("bright-naturals", "Bright Naturals", [BRIGHT])),
            ("key:k1", SigningKeyChanged(key_id="k1", seq=1, jwk=jwk)),
            (
                "role:admin",
                RoleChanged(
                    role_id="admin", seq=1, name="Admin", permissions=("operations.manage", "conversations.reply")
                ),
            ),
            ("role:observer", RoleChanged(role_id="observer", seq=1, name="Observer", permissions=())),
            ("agent:ada", AgentChanged(agent_id="ada", seq=1, name="Ada", email="ada@x.example", role_id="admin")),
            ("agent:obi", AgentChanged(agent_id="obi", seq=1, name="Obi", email="obi@x.example", role_id="observer")),
        ],
    )
    service = build_app(settings)
    await service.start()
    transport = httpx.ASGITransport(app=service.http, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://ingest") as http:
        made = Desk(settings, service, http, key, Signer(SECRET))
        await until(lambda: _ready(service))
        yield made
        await service.stop()
        await service.close()
        client = mongo.connect(settings)
        await client.drop_database(settings.database("ingest"))
        await client.close()
        await made.close()


async def _ready(service: Service) -> bool:
    return not await service.not_ready()


def now_id() -> str:
    return f"{clock.now().timestamp()}-{uuid.uuid4().hex}"
