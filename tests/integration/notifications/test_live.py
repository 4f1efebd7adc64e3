"""WebSockets on real Redis behind a real uvicorn: who is let in, what they get, and how they are let go."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from ipaddress import ip_network
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from deploy.local.ports import HOST
from services.notifications.live.hub import Hub
from services.notifications.live.protocol import TOKENS_PER_MINUTE
from services.notifications.live.replay import Replay, id_of
from services.notifications.live.sockets import Sockets
from services.notifications.live.stream import BYTES_EVERY, StreamReader, StreamWriter, stream_key
from services.notifications.settings import NotificationsSettings
from shared import clock, redis
from shared.access import Access
from shared.contracts.conversations import ConversationEvent, NoteAdded, ReplySent
from shared.contracts.routing import StatusChanged
from shared.directory import Directory
from shared.http import http_app
from shared.signing import Signer, Visitor
from tests.integration.notifications.world import SECRET, Desk, listening, until
from tests.unit.notifications.examples import AT, ENTRY, MAYA, chat_head, head, message, received

VISITOR = Visitor("visitor-1", "paleo-hacks")


@dataclass
class Replica:
    """One process's worth of live updates."""

    settings: NotificationsSettings
    desk: Desk
    cache: Redis
    directory: Directory
    hub: Hub
    reader: StreamReader
    sockets: Sockets
    writer: StreamWriter
    http: FastAPI
    port: int = 0

    async def write(self, *events: ConversationEvent | StatusChanged) -> None:
        topics = ["routing" if isinstance(one, StatusChanged) else "tickets" for one in events]
        names = {"routing": "routing.availability.v1", "tickets": "tickets.conversations.v1"}
        await self.writer.on_events(
            [received(one, f"e{one.seq}", names[topic]) for one, topic in zip(events, topics, strict=True)]
        )

    async def open(self, path: str = "/live", **options: Any) -> ClientConnection:
        return await connect(f"ws://{HOST}:{self.port}{path}", **({"compression": None} | options))

    async def agent(self, agent_id: str = "maya", last_id: str | None = None, **options: Any) -> ClientConnection:
        socket = await self.open(**options)
        await say(socket, type="hello", token=self.desk.token(agent_id), last_id=last_id)
        return socket

    async def visitor(self, visitor: Visitor = VISITOR, last_id: str | None = None) -> ClientConnection:
        socket = await self.open("/live/messenger")
        token = Signer(SECRET).visitor_token(visitor, clock.now() + timedelta(minutes=5))
        await say(socket, type="hello", token=token, last_id=last_id)
        return socket


async def say(socket: ClientConnection, **frame: Any) -> None:
    await socket.send(json.dumps(frame))


async def hear(socket: ClientConnection, *, within_s: float = 5) -> dict[str, Any]:
    async with asyncio.timeout(within_s):
        frame: dict[str, Any] = json.loads(await socket.recv())
        return frame


async def ends(socket: ClientConnection, *, within_s: float = 10) -> int | None:
    """The close code, whatever is said before it."""
    async with asyncio.timeout(within_s):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


def put_together(settings: NotificationsSettings, desk: Desk) -> Replica:
    directory = Directory(settings)
    for _, event in desk.events():
        directory.learn(event)
    directory._whole = True
    cache, signer = redis.connect(settings), Signer(SECRET)
    hub = Hub(Replay(1_000_000), queue=settings.live_queue, per_person=5)
    sockets = Sockets(settings, hub, directory, Access(directory, clock.now), signer, clock.now)
    http = http_app(service="notifications", title="t", about="", settings=settings)
    http.state.websockets |= sockets.by_path()
    reader, writer = StreamReader(settings, cache, hub), StreamWriter(settings, cache, lambda file_id: file_id)
    return Replica(settings, desk, cache, directory, hub, reader, sockets, writer, http)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def running(made: Replica) -> AsyncIterator[Replica]:
    await made.reader.start()
    await made.sockets.start()

    async def ready() -> bool:
        return await made.reader.ready() is None

    await until(ready)
    async with listening(made.http) as made.port:
        yield made
        await made.sockets.stop()
    await made.reader.stop()
    await made.cache.aclose()


@pytest_asyncio.fixture
async def replica(settings: NotificationsSettings, desk: Desk) -> AsyncIterator[Replica]:
    async for one in running(put_together(settings, desk)):
        yield one


@pytest_asyncio.fixture
async def second(settings: NotificationsSettings, desk: Desk) -> AsyncIterator[Replica]:
    async for one in running(put_together(settings, desk)):
        yield one


def note(seq: int, text: str = "for us", **about: Any) -> NoteAdded:
    fields = {"conversation_id": "c1", "seq": seq, "at": AT, "by": MAYA, "entry_id": ENTRY, "text": text, "html": text}
    return NoteAdded(**fields, head=head(**({"id": "c1", "seq": seq} | about)))


def chat(seq: int, visitor_id: str = "visitor-1") -> ReplySent:
    about = chat_head(visitor_id, id="c2", seq=seq)
    return ReplySent(conversation_id="c2", seq=seq, at=AT, by=MAYA, head=about, message=message())


async def test_every_replica_tells_its_own_sockets_each_event_once(replica: Replica, second: Replica) -> None:
    sockets = [await replica.agent("maya"), await second.agent("admin"), await second.agent("echo")]
    assert [(await hear(one))["type"] for one in sockets] == ["ready"] * 3
    await replica.write(note(1), note(2))
    await second.write(note(1), note(2), note(3))  # Kafka delivers at least once
    await replica.write(StatusChanged(agent_id="maya", seq=1, at=AT, status="away", reason="Lunch"))
    for one in sockets[:2]:
        frames = [await hear(one) for _ in range(4)]
        assert [frame.get("event", {}).get("seq") for frame in frames] == [1, 2, 3, None]
        assert (frames[3]["type"], frames[3]["status"]) == ("availability", "away")
    assert (await hear(sockets[2]))["type"] == "availability"


@pytest.mark.parametrize("path", ["/live", "/api/notifications/live"])
async def test_both_paths_lead_here(replica: Replica, path: str) -> None:
    socket = await replica.open(path, origin="https://desk.example")
    await say(socket, type="hello", token=replica.desk.token("maya"), last_id=None)
    ready = await hear(socket)
    assert (ready["type"], ready["resumed"]) == ("ready", False)


async def test_a_visitor_hears_answers_and_never_a_note(replica: Replica) -> None:
    mine, theirs = await replica.visitor(), await replica.visitor(Visitor("visitor-2", "paleo-hacks"))
    assert [(await hear(one))["type"] for one in (mine, theirs)] == ["ready", "ready"]
    about = chat_head(id="c2", seq=1)
    await replica.write(
        NoteAdded(conversation_id="c2", seq=1, at=AT, by=MAYA, entry_id=ENTRY, text="x", html="x", head=about),
        chat(2),
        chat(3, "visitor-2"),
    )
    first = await hear(mine)
    assert (first["type"], first["message"]["text"]) == ("message", "It left this morning.")
    await replica.write(chat(4))
    assert [(await hear(mine))["type"], (await hear(theirs))["type"]] == ["message", "message"]
    with pytest.raises(TimeoutError):
        await hear(theirs, within_s=0.3)


async def test_what_was_missed_comes_after_reconnecting_even_elsewhere(replica: Replica, second: Replica) -> None:
    socket = await replica.agent()
    await hear(socket)
    await replica.write(note(1))
    last_id = (await hear(socket))["id"]
    await socket.close()
    await replica.write(note(2), note(3))

    async def caught_up() -> bool:
        newest = await second.cache.xrevrange(stream_key(second.settings), count=1)
        return bool(newest) and newest[0][0] == id_of(second.hub.replay.current)

    await until(caught_up)
    again = await second.agent(last_id=last_id)
    frames = [await hear(again) for _ in range(3)]
    assert frames[0]["resumed"] is True
    assert [frame["event"]["seq"] for frame in frames[1:]] == [2, 3]


async def test_a_new_replica_knows_what_was_before_it(replica: Replica, settings: NotificationsSettings) -> None:
    socket = await replica.agent()
    await hear(socket)
    await replica.write(*[note(seq) for seq in range(1, 6)])
    ids = [(await hear(socket))["id"] for _ in range(5)]
    async for fresh in running(put_together(settings, replica.desk)):
        again = await fresh.agent(last_id=ids[1])
        assert [(await hear(again)).get("event", {}).get("seq") for _ in range(4)] == [None, 3, 4, 5]
        gone = await fresh.agent("admin", last_id="1-0")
        assert [(await hear(gone))["type"] for _ in range(2)] == ["ready", "resync"]


async def test_when_redis_loses_the_stream_everybody_fetches_anew(replica: Replica) -> None:
    socket = await replica.agent()
    await hear(socket)
    await replica.write(note(1))
    last_id = (await hear(socket))["id"]
    names = [name async for name in replica.cache.scan_iter(match=f"{replica.settings.prefix}*")]
    await replica.cache.delete(*names)
    await replica.write(note(2))
    assert [(await hear(socket))["type"] for _ in range(2)] == ["resync", "event"]
    late = await replica.agent("admin", last_id=last_id)
    assert [(await hear(late))["type"] for _ in range(2)] == ["ready", "resync"]


async def test_redis_keeps_no_more_bytes_of_the_stream_than_it_may(replica: Replica) -> None:
    """Messages may be a thousand times as large as most are."""
    few = replica.settings.model_copy(update={"live_stream_bytes": 1024 * 1024})
    writer = StreamWriter(few, replica.cache, lambda file_id: file_id)
    text = "x" * 10_000
    for seq in range(1, 4 * BYTES_EVERY + 1):
        said = ReplySent(
            conversation_id=head().id, seq=seq, at=AT, by=MAYA, head=head(seq=seq), message=message(text=text)
        )
        await writer.on_events([received(said, f"e{seq}")])
    rows = await replica.cache.xrange(stream_key(few))
    held = sum(len(field) for _, fields in rows for field in (*fields.keys(), *fields.values()))
    assert 0.5 * few.live_stream_bytes < held < 1.1 * few.live_stream_bytes
    assert [int(fields["seq"]) for _, fields in rows] == list(
        range(4 * BYTES_EVERY + 1 - len(rows), 4 * BYTES_EVERY + 1)
    )


async def test_a_replica_that_starts_after_redis_lost_the_stream_resumes_nobody(
    replica: Replica, settings: NotificationsSettings
) -> None:
    """It found the stream empty, and took what came later for all that there was since any place before."""
    socket = await replica.agent()
    await hear(socket)
    await replica.write(note(1))
    last_id = (await hear(socket))["id"]
    await replica.write(note(2))  # lost: Redis forgets it before the next one is written
    names = [name async for name in replica.cache.scan_iter(match=f"{settings.prefix}*")]
    await replica.cache.delete(*names)
    async for fresh in running(put_together(settings, replica.desk)):
        await replica.write(note(3))
        seen = await fresh.agent()
        await hear(seen)
        await replica.write(note(4))
        assert (await hear(seen))["event"]["seq"] == 4  # so it has read the third
        again = await fresh.agent("admin", last_id=last_id)
        assert [(await hear(again))["type"] for _ in range(2)] == ["ready", "resync"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://desk.example.evil.example"])
@pytest.mark.parametrize("path", ["/live", "/live/messenger"])
async def test_a_foreign_origin_is_not_let_in(replica: Replica, path: str, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await replica.open(path, origin=origin)
    assert refused.value.response.status_code == 403


async def test_the_messenger_page_may_not_open_the_agents_socket(replica: Replica) -> None:
    with pytest.raises(InvalidStatus):
        await replica.open("/live", origin="https://messenger.example")
    socket = await replica.open("/live/messenger", origin="https://messenger.example")
    await socket.close()


async def test_whoever_is_not_known_hears_nothing_but_the_end(replica: Replica) -> None:
    visitor = Signer(SECRET).visitor_token(VISITOR, clock.now() + timedelta(minutes=5))
    tokens = ["", "x.y.z", replica.desk.token("nobody"), replica.desk.token("maya", lasts_s=-60), visitor]
    for token in tokens:
        socket = await replica.open()
        await say(socket, type="hello", token=token, last_id=None)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4401, "")
    assert replica.hub.count == 0


async def test_an_agents_token_opens_no_messenger(replica: Replica) -> None:
    socket = await replica.open("/live/messenger")
    await say(socket, type="hello", token=replica.desk.token("maya"), last_id=None)
    assert await ends(socket) == 4401


async def test_silence_instead_of_a_hello_is_cut_off(replica: Replica) -> None:
    assert await ends(await replica.open(), within_s=3) == 4401


@pytest.mark.parametrize(
    "frame", ["", "[]", "null", "{", '{"type":"subscribe"}', '{"type":"hello"}', b"\x00", "[" * 5000, "x" * 9000]
)
async def test_nonsense_is_cut_off_without_a_word(replica: Replica, frame: str | bytes) -> None:
    first = await replica.open()
    await first.send(frame)
    assert await ends(first) == 4400
    later = await replica.agent()
    await hear(later)
    await later.send(frame)
    assert await ends(later) == 4400


async def test_an_expired_token_ends_it_unless_renewed(replica: Replica) -> None:
    ended, kept = await replica.open(), await replica.open()
    for socket, lasts_s in ((kept, 7), (ended, 4)):
        await say(socket, type="hello", token=replica.desk.token("maya", lasts_s=lasts_s), last_id=None)
        await hear(socket)
    await say(kept, type="token", token=replica.desk.token("maya"))
    assert await ends(ended) == 4401
    await replica.write(note(1))
    assert (await hear(kept))["type"] == "event"
    await say(kept, type="token", token=replica.desk.token("admin"))
    assert await ends(kept) == 4401


async def test_rights_that_change_count_at_once(replica: Replica) -> None:
    moved, gone = await replica.agent("maya"), await replica.agent("admin")
    for socket in (moved, gone):
        await hear(socket)
    replica.directory.learn(Desk.agent("maya", brands=("earth-echo",), seq=2))
    replica.directory.learn(Desk.agent("admin", role_id="admin", seq=2, active=False))
    assert await ends(gone) == 4401
    await replica.write(note(1), note(2, brand_id="earth-echo"))
    assert (await hear(moved))["event"]["seq"] == 2


async def test_an_agent_who_signed_out_elsewhere_hears_nothing_more(replica: Replica) -> None:
    socket = await replica.agent("maya")
    await hear(socket)
    replica.directory.learn(Desk.agent("maya", seq=2).model_copy(update={"generation": 1}))
    assert await ends(socket) == 4401
    assert await ends(await replica.agent("maya")) == 4401


async def let_in(replica: Replica) -> bool:
    try:
        return bool(await replica.open())
    except InvalidStatus:
        return False


async def test_one_address_cannot_take_every_place(settings: NotificationsSettings, desk: Desk) -> None:
    """Not even by saying nothing; others come in all the while, and places that are left are free again."""
    few = settings.model_copy(
        update={"live_sockets_per_address": 3, "live_hello_s": 30.0, "trusted_proxies": (ip_network("127.0.0.0/8"),)}
    )
    async for replica in running(put_together(few, desk)):
        silent = [await replica.open() for _ in range(3)]
        with pytest.raises(InvalidStatus) as refused:
            await replica.open(additional_headers={"X-Forwarded-For": "127.0.0.1"})
        assert refused.value.response.status_code == 503
        other = await replica.agent("admin", additional_headers={"X-Forwarded-For": "203.0.113.9"})
        assert (await hear(other))["type"] == "ready"
        await silent[0].close()

        await until(partial(let_in, replica))


async def test_a_flood_of_tokens_ends_it(replica: Replica) -> None:
    """Each costs the check of a signature."""
    socket, token = await replica.agent(), replica.desk.token("maya")
    for _ in range(TOKENS_PER_MINUTE + 1):
        await say(socket, type="token", token=token)
    assert await ends(socket) == 4400


async def test_a_slow_reader_is_dropped_and_the_others_go_on(replica: Replica) -> None:
    # 20 MB are more than the operating system buffers, so that the server must wait.
    slow = await replica.agent("maya", max_queue=1)
    quick = await replica.agent("admin", max_size=None)
    await hear(quick)
    for seq in range(1, 101):
        await replica.write(note(seq, "x" * 200_000))
        assert (await hear(quick))["event"]["seq"] == seq

    async def dropped() -> bool:
        return replica.hub.count == 1

    await until(dropped)
    assert await ends(slow) == 4408


async def test_thousands_of_events_reach_many_sockets_in_order(replica: Replica) -> None:
    replica.hub._per_person = 1000
    sockets = [await replica.visitor(Visitor(f"visitor-{n}", "paleo-hacks")) for n in range(200)]
    for socket in sockets:
        await hear(socket)
    for seq in range(1, 6):
        await replica.write(
            *[
                ReplySent(
                    conversation_id=f"c{n}",
                    seq=seq,
                    at=AT,
                    by=MAYA,
                    head=chat_head(f"visitor-{n}", id=f"c{n}", seq=seq),
                    message=message(text=str(seq)),
                )
                for n in range(200)
            ]
        )
    for n, socket in enumerate(sockets):
        frames = [await hear(socket) for _ in range(5)]
        assert [frame["message"]["text"] for frame in frames] == ["1", "2", "3", "4", "5"]
        assert {frame["conversation_id"] for frame in frames} == {f"c{n}"}
    await asyncio.gather(*(socket.close() for socket in sockets))
