"""The directory on a real Kafka: whole before it is ready, then followed, and not to be stopped by a bad record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio

from shared import clock, mongo
from shared.cloudevents import encode_headers
from shared.contracts.base import Event
from shared.contracts.directory import AgentChanged, RoleChanged, SigningKeyChanged, TeamChanged
from shared.directory import Directory, DirectoryCopy, part
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


@pytest_asyncio.fixture
async def copy(settings: Settings) -> AsyncIterator[DirectoryCopy]:
    client = mongo.connect(settings)
    yield DirectoryCopy(mongo.database(client, settings, "ingest"))
    await client.close()


@asynccontextmanager
async def following(settings: Settings, copy: DirectoryCopy | None = None) -> AsyncIterator[Directory]:
    directory = Directory(settings, copy)
    await directory.start()
    try:
        await until(lambda: _ready(directory), 20)
        yield directory
    finally:
        await directory.stop()


def away(settings: Settings) -> Settings:
    # Made anew: a copy would take `kafka_servers` along, which is worked out once.
    return Settings.model_validate({**settings.model_dump(), "kafka": "127.0.0.1:1"})


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
        assert {name: key.jwk for name, key in directory.keys.items()} == {"k": {"kty": "OKP"}}


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
    directory = Directory(away(settings))
    await directory.start()
    await asyncio.sleep(0)
    assert await directory.ready() == "the directory is not read yet"
    assert directory.alive()
    await directory.stop()


async def test_an_entry_that_is_gone_from_the_topic_is_gone(settings: Settings, kafka: Kafka) -> None:
    await tell(kafka, "agent:agent-1", agent(1))
    await tell(kafka, "agent:agent-2", agent(2))
    await put(kafka, "agent:agent-1", None, [])
    async with following(settings) as directory:
        assert list(directory.agents) == ["agent-2"]
        told: list[Event] = []
        directory.on_change(told.append)
        await put(kafka, "agent:agent-2", None, [])
        await until(lambda: _is(lambda: not directory.agents))
        assert told == [agent(2)]


# ── the copy that stands in ──────────────────────────────────────────────────────────────────────


async def test_what_was_known_stands_in_while_kafka_is_away(
    settings: Settings, kafka: Kafka, copy: DirectoryCopy
) -> None:
    await tell(kafka, "agent:agent-1", agent(1))
    await tell(kafka, "agent:agent-2", agent(2))
    await tell(kafka, "key:k", SigningKeyChanged(key_id="k", seq=1, jwk={"kty": "OKP"}))
    async with following(settings, copy):
        await tell(kafka, "agent:agent-1", agent(1, seq=2, name="Newer"))
        await put(kafka, "agent:agent-2", None, [])
        await until(lambda: _keeps(copy, {"agent:agent-1": 2, "key:k": 1}))
    async with following(away(settings), copy) as directory:
        assert directory.agents == {"agent-1": agent(1, seq=2, name="Newer")}
        assert {name: key.jwk for name, key in directory.keys.items()} == {"k": {"kty": "OKP"}}
        assert directory.missing()  # what is not in a copy may exist all the same
        assert not directory.whole


async def test_without_a_copy_and_without_kafka_it_is_not_ready_and_says_why(
    settings: Settings, copy: DirectoryCopy
) -> None:
    directory = Directory(away(settings), copy)
    await directory.start()
    wanted = "the directory is not read yet: Kafka does not answer, and this service has no copy of it"
    await until(lambda: _says(directory, wanted), 20)
    await directory.stop()


async def test_the_topic_replaces_what_stood_in_for_it_even_with_older_entries(
    settings: Settings, kafka: Kafka, copy: DirectoryCopy
) -> None:
    """After tickets was restored to an earlier time, the copy says more than is true."""
    await copy.keep({"agent:agent-1": agent(1, seq=8), "agent:agent-2": agent(2), "agent:agent-3": agent(3)})
    for seq in (1, 2, 5):
        await tell(kafka, "agent:agent-1", agent(1, seq=seq))
    await tell(kafka, "agent:agent-3", agent(3, seq=2))
    directory = Directory(settings, copy)
    await directory._stand_in(copy)
    seen: list[int] = []
    directory.on_change(lambda _: seen.append(directory.agents["agent-1"].seq))
    await directory.start()
    await until(lambda: _is(lambda: directory.whole))
    assert {one.agent_id: one.seq for one in directory.agents.values()} == {"agent-1": 5, "agent-3": 2}
    assert set(seen) <= {8, 5}, "an older state was shown on the way"
    await until(lambda: _keeps(copy, {"agent:agent-1": 5, "agent:agent-3": 2}))
    await directory.stop()


async def test_a_slower_replica_does_not_write_an_older_entry(copy: DirectoryCopy) -> None:
    await copy.keep({"agent:agent-1": agent(1, seq=5, name="New"), "agent:agent-2": agent(2)})
    await copy.keep({"agent:agent-1": agent(1, seq=4, name="Old"), "agent:agent-2": None})
    assert await copy.load() == {"agent:agent-1": agent(1, seq=5, name="New")}


async def test_an_empty_topic_does_not_wipe_what_is_known_and_is_filled_again(
    settings: Settings, kafka: Kafka, copy: DirectoryCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka lost its data: nobody is refused for good until the topic is rebuilt from the log."""
    monkeypatch.setattr(part, "REFILL_S", 3.0)
    await copy.keep({f"agent:agent-{n}": agent(n) for n in range(3)})
    async with following(settings, copy) as directory:
        assert (len(directory.agents), directory.whole) == (3, False)
        # All partitions have their leaders: a second without news is the end of the filling, and none takes as long.
        assert await kafka.read("tickets.directory.v1") == []
        await asyncio.gather(*(tell(kafka, f"agent:agent-{n}", agent(n)) for n in range(1, 4)))
        await until(lambda: _is(lambda: directory.whole))
        assert sorted(directory.agents) == ["agent-1", "agent-2", "agent-3"]


@pytest.mark.parametrize("comes_back", [True, False])
async def test_a_lost_topic_that_is_filled_again_in_parts_is_whole_when_all_are_back(
    settings: Settings, kafka: Kafka, copy: DirectoryCopy, monkeypatch: pytest.MonkeyPatch, comes_back: bool
) -> None:
    """Who comes with a later part is not gone meanwhile; who does not come back at all is gone in the end."""
    await copy.keep({f"agent:agent-{n}": agent(n) for n in (1, 2)})
    monkeypatch.setattr(part, "REFILL_S", 3600.0 if comes_back else 3.0)
    async with following(settings, copy) as directory:
        await until(lambda: _is(lambda: len(directory._not_back) == 2))
        await tell(kafka, "agent:agent-1", agent(1))
        await until(lambda: _is(lambda: directory._not_back == {"agent:agent-2"}))
        # Longer than the second that ends the reading.
        await asyncio.sleep(2.5 if comes_back else 0)
        assert not directory.whole
        assert sorted(directory.agents) == ["agent-1", "agent-2"]
        if comes_back:
            await tell(kafka, "agent:agent-2", agent(2, seq=2, name="Anew"))
        await until(lambda: _is(lambda: directory.whole))
        assert sorted(directory.agents) == (["agent-1", "agent-2"] if comes_back else ["agent-1"])


async def _is(look: Callable[[], bool]) -> bool:
    return look()


async def _ready(directory: Directory) -> bool:
    return await directory.ready() is None


async def _says(directory: Directory, wanted: str) -> bool:
    return await directory.ready() == wanted


async def _keeps(copy: DirectoryCopy, seqs: dict[str, int]) -> bool:
    return {key: event.model_dump()["seq"] for key, event in (await copy.load()).items()} == seqs


async def _named(directory: Directory, name: str) -> bool:
    return directory.agents["agent-1"].name == name


async def _known(directory: Directory, agent_id: str) -> bool:
    return agent_id in directory.agents


async def _heard(told: list[Event], count: int) -> bool:
    return len(told) == count
