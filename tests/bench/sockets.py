"""WebSockets on one process of notifications, each getting one event a second of its own.

The process has the role `http` alone, as replicas for browsers do; what the consumer would write into the Redis stream
is written by this program, in the consumer's own form. A number of sockets holds when all got everything and 99 of
100 frames within a second; beside it stands what the process took of a core, and its memory.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta

import psutil

from services.notifications.live.frames import Entry
from services.notifications.live.stream import StreamWriter
from services.notifications.settings import NotificationsSettings
from shared import clock, redis
from shared.scope import Standing
from shared.setup import create_topics
from shared.signing import Signer, Visitor
from tests.bench import running
from tests.bench.browsers import Browser, open_all
from tests.bench.pages import percentile
from tests.bench.row import Row, alone
from tests.servers import Servers

SIZES = (2_000, 10_000)
SECONDS = 10
LATE_S = 20.0
TURNS = 20
"""In how many parts a second's events are written."""
BRAND = "paleo-hacks"
TEXT = "Your parcel is on its way, it should be with you tomorrow. " * 5


@dataclass(frozen=True)
class Held:
    """`cores` as a share of one; `lost` frames did not come."""

    sockets: int
    lost: int
    p50_ms: float
    p99_ms: float
    cores: float
    memory_mib: float

    @property
    def holds(self) -> bool:
        return self.lost == 0 and self.p99_ms <= 1000


@dataclass
class Ear:
    """When each socket's frames came, against when they were written."""

    got: list[int]
    late_ms: list[float] = field(default_factory=list)

    def heard(self, number: int, text: bytes) -> None:
        sent_at = text.partition(b'"sent_at":')[2].partition(b",")[0]
        if sent_at:
            self.got[number] += 1
            self.late_ms.append((time.monotonic() - float(sent_at)) * 1000)


class Feeder(StreamWriter):
    """What the consumer's part does, for entries that are made here."""

    async def write(self, entries: Sequence[Entry]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for entry in entries:
            self.add(pipeline, entry)
        await pipeline.execute()


async def run(servers: Servers, *, repetitions: int) -> list[Row]:
    """The most sockets that held, of each repetition; a smaller number is tried first."""
    turns = [await ascend(servers) for _ in range(repetitions)]
    most = [float(max((one.sockets for one in held if one.holds), default=0)) for held in turns]
    memory = [held[0].memory_mib for held in turns]
    beside = {"held": [asdict(one) for held in turns for one in held]}
    first, then = SIZES
    return [
        alone("WebSockets on one process", most, unit="sockets", first=first, then=then, beside=beside),
        alone(f"memory with {first:,} of them", memory, unit="MiB", first=250, then=160, at_most=True),
    ]


async def ascend(servers: Servers, *, sizes: Sequence[int] = SIZES, seconds: int = SECONDS) -> list[Held]:
    room_for(max(sizes))
    found = []
    for size in sizes:
        prefix = running.new_prefix()
        await create_topics(running.settings(servers, prefix))
        env = {"SWITCHBOARD_ROLES": '["http"]', **all_from_here(size)}
        try:
            with running.service("notifications", servers, prefix, env) as service:
                found.append(await hold(servers, prefix, service, size, seconds))
        finally:
            running.drop(servers, prefix)
        one = found[-1]
        print(
            f"  {one.sockets:6,} sockets   lost {one.lost}   p50 {one.p50_ms:.0f} p99 {one.p99_ms:.0f} ms   "
            f"{one.cores:.2f} of a core   {one.memory_mib:.0f} MiB   {'holds' if one.holds else 'does not hold'}",
            flush=True,
        )
    return found


def room_for(sockets: int) -> None:
    """Files that this program and those that it starts may open."""
    most = sockets + 1000
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, max(most, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))


def all_from_here(sockets: int) -> dict[str, str]:
    """Settings of a process that takes so many from one address."""
    return {
        "SWITCHBOARD_LIVE_SOCKETS": str(sockets),
        "SWITCHBOARD_LIVE_SOCKETS_PER_ADDRESS": str(sockets),
    }


def visitor_tokens(count: int) -> list[str]:
    signer, until = Signer(running.SECRET), clock.now() + timedelta(hours=1)
    return [signer.visitor_token(Visitor(f"visitor-{n}", BRAND), until) for n in range(count)]


async def hold(servers: Servers, prefix: str, service: running.Running, size: int, seconds: int) -> Held:
    ear = Ear([0] * size)
    browsers = await open_all(service.port, "/live/messenger", visitor_tokens(size), ear.heard)
    process = psutil.Process(service.pid)
    cpu, began = sum(process.cpu_times()[:2]), time.monotonic()
    try:
        await _feed(servers, prefix, size, seconds)
        late = time.monotonic() + LATE_S
        while sum(ear.got) < size * seconds and time.monotonic() < late and not _any_closed(browsers):
            await asyncio.sleep(0.1)
        cores = (sum(process.cpu_times()[:2]) - cpu) / (time.monotonic() - began)
        lost = size * seconds - sum(ear.got)
        return Held(size, lost, percentile(ear.late_ms, 50), percentile(ear.late_ms, 99), cores, service.memory_mib())
    finally:
        for one in browsers:
            one.close()


def _any_closed(browsers: Sequence[Browser]) -> bool:
    return any(one.closed for one in browsers)


async def _feed(servers: Servers, prefix: str, size: int, seconds: int) -> None:
    settings = NotificationsSettings.model_validate(
        {**running.settings(servers, prefix).model_dump(exclude_unset=True), "live_stream_entries": 4 * size}
    )
    client = redis.connect(settings)
    feeder = Feeder(settings, client, lambda file_id: file_id)
    began = time.monotonic()
    for turn in range(seconds * TURNS):
        await asyncio.sleep(max(0.0, began + turn / TURNS - time.monotonic()))
        mine = range(turn % TURNS, size, TURNS)
        await feeder.write([_entry(n, 1 + turn // TURNS) for n in mine])
    await client.aclose()


def _entry(number: int, seq: int) -> Entry:
    frame = (
        f'{{"type":"message","sent_at":{time.monotonic()},"conversation_id":"c{number}",'
        f'"message":{{"entry_id":"e{seq}","direction":"out","author_name":"Maya","text":"{TEXT}","html":null,'
        '"attachments":[],"at":"2026-05-04T12:00:00Z"}}'
    )
    return Entry(
        of=f"conversation:c{number}",
        seq=seq,
        standing=Standing(BRAND, "chat"),
        visitor_id=f"visitor-{number}",
        agents="",
        visitors=frame,
    )
