"""The directory on a real Kafka: whole before it is ready, then followed, and not to be stopped by a bad record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared import clock
from shared.cloudevents import encode_headers
from shared.contracts.base import Event
from shared.contracts.directory import AgentChanged, RoleChanged, SigningKeyChanged, TeamChanged
from shared.directory import Directory
from shared.settings import Settings
from shared.topics import DIRECTORY
from tests.integration.shared.world import Kafka, until


def agent(n: int, seq: int = 1, name: str = "") -> AgentChanged:
    return AgentChanged(
        agent_id=f"agent-{n}", seq=seq, name=name or f"Agent {n}", email=f"{n}@x.example", role_id="agent"
    )


async def tell(kafka: Kafka, key: str, event: Event) -> None:
    headers = encode_headers(
        id=f"{key}.{event.model_dump()['seq']}",
        type=DIRECTORY.type_of(type(event)),
        source="/switchboard/tickets",
        subject=key,
        time=clock.now(),
        sequence=1,
        correlation_id="c",
        causation_id="c",
        traceparent="",
    )
    await put(kafka, key, event.model_dump_json().encode(), headers)


async def put(kafka: Kafka, key: str, value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
    await kafka.producer.send_and_wait(
        f"{kafka.prefix}{DIRECTORY.name}", value=value, key=key.encode(), headers=headers
    )


@asynccontextmanager
async def following(settings: Settings) -> AsyncIterator[Directory]:
    directory = Directory(settings)
    await directory.start()
    try:
        await until(lambda: _whole(directory), 20)
        yield directory
    finally:
        await directory.stop()


async def test_it_is_whole_before_it_is_ready(settings: Settings, kafka: Kafka) -> None:
    await asyncio.gather(*(tell(kafka, f"agent:agent-{n}", agent(n)) for n in range(300)))
    async with following(settings) as one, following(settings) as two:
        assert len(one.agents) == len(two.agents) == 300
        assert one.alive()


async def test_an_empty_one_is_ready(settings: Settings) -> None:
    async with following(settings) as directory:
        assert directory.agents == {}


async def test_it_follows_and_tells_of_news_once(settings: Settings, kafka: Kafka) -> None:
    await tell(kafka, "agent:agent-1", agent(1, seq=5, name="New"))
    async with following(settings) as directory:
        told: list[Event] = []
        directory.on_change(told.append)
        await tell(kafka, "agent:agent-1", agent(1, seq=4, name="Old"))
        await tell(kafka, "team:t", TeamChanged(team_id="t", seq=1, name="T"))
        await tell(kafka, "role:agent", RoleChanged(role_id="agent", seq=1, name="A", permissions=()))
        await tell(kafka, "key:k", SigningKeyChanged(key_id="k", seq=1, jwk={"kty": "OKP"}))
        await tell(kafka, "agent:agent-1", agent(1, seq=6, name="Newer"))
        await until(lambda: _named(directory, "Newer"))
        await until(lambda: _heard(told, 4))
        assert {type(one) for one in told} == {AgentChanged, TeamChanged, RoleChanged, SigningKeyChanged}
        assert directory.keys == {"k": {"kty": "OKP"}}


async def test_a_record_that_cannot_be_read_is_passed_over(settings: Settings, kafka: Kafka) -> None:
    """One bad record must not keep everybody from signing in."""
    await put(kafka, "agent:agent-1", None, [])
    await put(kafka, "agent:agent-1", b"{", [("ce_id", b"\xff")])
    await put(kafka, "agent:agent-1", b"{}", [("ce_id", b"1"), ("ce_type", b"something.new"), ("ce_source", b"/x")])
    await tell(kafka, "agent:agent-2", agent(2))
    async with following(settings) as directory:
        assert list(directory.agents) == ["agent-2"]
        await put(kafka, "agent:agent-3", b"[" * 100_000, [("ce_id", b"1")])
        await tell(kafka, "agent:agent-3", agent(3))
        await until(lambda: _known(directory, "agent-3"))
        assert directory.alive()


async def test_while_kafka_is_away_it_is_not_ready_and_lives(settings: Settings) -> None:
    directory = Directory(settings.model_copy(update={"kafka": "127.0.0.1:1"}))
    await directory.start()
    await asyncio.sleep(0)
    assert await directory.ready() == "the directory is not read yet"
    assert directory.alive()
    await directory.stop()


async def _whole(directory: Directory) -> bool:
    return await directory.ready() is None


async def _named(directory: Directory, name: str) -> bool:
    return directory.agents["agent-1"].name == name


async def _known(directory: Directory, agent_id: str) -> bool:
    return agent_id in directory.agents


async def _heard(told: list[Event], count: int) -> bool:
    return len(told) == count
