"""The Redis stream between the consumer that writes it and the replicas that read it.

Redis holds nothing here that is not also in Kafka and MongoDB: when it is lost, browsers fetch anew.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError

from services.notifications.live.frames import Entry, Link, entry_of
from services.notifications.live.hub import Hub
from services.notifications.live.replay import START, Place, id_of, place_of
from services.notifications.settings import NotificationsSettings
from shared import metrics, redis
from shared.cloudevents import Received
from shared.contracts.base import Event
from shared.logs import get_logger
from shared.loop import Listener
from shared.scope import Standing

log = get_logger(__name__)

Row = tuple[str, dict[str, str]]

REMEMBER_S = 24 * 3600
READ_MS = 2000
READ_ENTRIES = 500
BYTES_EVERY = 64
STALL_S = 60.0
_STANDING = ("brand_id", "channel", "team_id", "assignee_id", "created_by")

# KEYS: the stream, the counter of entries, the counter of bytes, the last seq of this conversation or agent.
# ARGV: seq, how long to remember it, how many entries and how many bytes to keep, then the fields of the entry.
# `n` counts without a gap, so a reader sees at once when anything between two entries is gone. `b` is how many bytes
# were ever written, this entry's too: the newest less the oldest is what the stream holds. It is looked at once in
# BYTES_EVERY entries, as that reads the oldest; an entry of the version before has none and counts as the first.
ADD = """
local seen = tonumber(redis.call('GET', KEYS[4]) or '0')
if tonumber(ARGV[1]) <= seen then return 0 end
redis.call('SET', KEYS[4], ARGV[1], 'EX', ARGV[2])
local size = 0
for i = 5, #ARGV do size = size + #ARGV[i] end
local n, b = redis.call('INCR', KEYS[2]), redis.call('INCRBY', KEYS[3], size)
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 'n', n, 'b', b, unpack(ARGV, 5))
if n % @every ~= 0 then return n end
while true do
  local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
  local before = oldest and oldest[2][3] == 'b' and tonumber(oldest[2][4]) or 0
  if not oldest or b - before <= tonumber(ARGV[4]) then return n end
  redis.call('XTRIM', KEYS[1], 'MAXLEN', math.floor(redis.call('XLEN', KEYS[1]) * 0.9))
end
""".replace("@every", str(BYTES_EVERY))


class StreamWriter:
    """Handler of group `notifications.live`. The braces keep all keys in one slot of a Redis cluster."""

    def __init__(self, settings: NotificationsSettings, client: Redis, link: Link) -> None:
        self._settings = settings
        self._client = client
        self._link = link

    async def on_events(self, batch: Sequence[Received[Event]]) -> None:
        """Consumes tickets.conversations.v1, tickets.tickets.v1, tickets.contacts.v1, StatusChanged and AgentNotified;
        writes each event once, in order.

        Idempotent by the event's `seq` in its conversation (or agent). Raises Redis' errors while it is away.
        """
        # All or none: of a conversation's events a later one that is taken would hide the one before it that was not.
        pipeline = self._client.pipeline(transaction=True)
        for received in batch:
            # Browsers had what is published once more, or fetch it: after a restore they all connect anew.
            entry = None if received.republished else entry_of(received, self._link)
            if entry is not None:
                self.add(pipeline, entry)
        if len(pipeline):
            await pipeline.execute()

    def add(self, pipeline: Pipeline, entry: Entry) -> None:
        """Write it when the pipeline is executed."""
        pipeline.eval(ADD, 4, *self._keys(entry), *self._arguments(entry))

    def _keys(self, entry: Entry) -> tuple[str, str, str, str]:
        return (
            stream_key(self._settings),
            count_key(self._settings),
            redis.key(self._settings, "{live}", "bytes"),
            redis.key(self._settings, "{live}", "seq", entry.of),
        )

    def _arguments(self, entry: Entry) -> tuple[str | int, ...]:
        fields: dict[str, str | int] = {
            "of": entry.of,
            "seq": entry.seq,
            **_standing_fields(entry.standing),
            "to": entry.to,
            "visitor_id": entry.visitor_id,
            "agents": entry.agents,
            "visitors": entry.visitors,
            "began": entry.began,
            "began_ms": entry.began_ms,
        }
        flat = [part for field in fields.items() for part in field]
        settings = self._settings
        return (entry.seq, REMEMBER_S, settings.live_stream_entries, settings.live_stream_bytes, *flat)


def stream_key(settings: NotificationsSettings) -> str:
    return redis.key(settings, "{live}", "stream")


def count_key(settings: NotificationsSettings) -> str:
    """How many entries were ever written."""
    return redis.key(settings, "{live}", "count")


class StreamReader(Listener):
    """A part, one in every process that has sockets: reads the stream from its end on and tells the hub.

    Breaks in the stream (Redis lost it, or we were too slow) make everybody fetch anew.
    """

    name = "live.stream"

    def __init__(self, settings: NotificationsSettings, client: Redis, hub: Hub) -> None:
        super().__init__()
        self._key = stream_key(settings)
        self._count_key = count_key(settings)
        self._client = client
        self._hub = hub
        self._n = 0
        self._reachable = False
        self._progressed_at = 0.0

    async def start(self) -> None:
        self._progressed_at = time.monotonic()
        await super().start()

    def alive(self) -> bool:
        return super().alive() and (self._task is None or time.monotonic() - self._progressed_at < STALL_S)

    async def ready(self) -> str | None:
        return None if self._reachable else "live updates wait for Redis"

    async def run(self) -> None:
        pause_s = 0.1
        loaded = False
        while True:
            self._progressed_at = time.monotonic()
            try:
                if not loaded:
                    await self._load()
                    loaded = True
                await self._read()
                self._reachable, pause_s = True, 0.1
            except (RedisError, OSError) as error:
                self._reachable = False
                log.warning("live stream waits", error=type(error).__name__)
                await asyncio.sleep(random.uniform(pause_s / 2, pause_s))  # noqa: S311
                pause_s = min(pause_s * 2, 5.0)

    async def _load(self) -> None:
        """Fill the replay with the newest unbroken part of the stream.

        An empty one begins now: what somebody saw before may have been followed by what Redis has lost.
        """
        now, written = await self._now(), int(await self._client.get(self._count_key) or 0)
        rows = _rows(await self._client.xrevrange(self._key, count=2 * READ_ENTRIES))
        unbroken: list[Row] = []
        for row in rows:
            if unbroken and _n(row) != _n(unbroken[-1]) - 1:
                break
            unbroken.append(row)
        self._reachable = True
        if not unbroken:
            self._begin(now, written)
            return
        oldest = unbroken.pop()
        self._begin(_place(oldest), _n(oldest))
        for row in reversed(unbroken):
            self._take(row)

    async def _read(self) -> None:
        after = id_of(self._hub.replay.current)
        # XRANGE's shape is the same in every protocol version, XREAD's is not: so XREAD only waits.
        waited: Any = await self._client.xread({self._key: after}, count=1, block=READ_MS)
        rows = _rows(await self._client.xrange(self._key, min=f"({after}", count=READ_ENTRIES)) if waited else []
        for row in rows:
            _measure(self._take(row))
        if not rows:
            await self._look_for_a_new_stream()

    async def _look_for_a_new_stream(self) -> None:
        """Redis came back empty, and its clock behind ours: all new ids would be smaller than the one we wait after."""
        rows = _rows(await self._client.xrevrange(self._key, count=1))
        if rows and _place(rows[0]) < self._hub.replay.current:
            log.warning("live stream began anew")
            self._n = _n(rows[0])
            self._hub.resync(_place(rows[0]))

    async def _now(self) -> Place:
        """The last place that Redis cannot give to an entry any more."""
        seconds, microseconds = await self._client.time()
        return int(seconds) * 1000 + int(microseconds) // 1000 - 1, 0

    def _begin(self, place: Place, n: int) -> None:
        self._n = n
        self._hub.replay.begin(place)

    def _take(self, row: Row) -> Entry:
        place, n, fields = _place(row), _n(row), row[1]
        if n != self._n + 1:
            log.warning("live stream has a gap", expected=self._n + 1, found=n)
            self._hub.resync(place)
        self._n = n
        entry = Entry(
            of=fields["of"],
            seq=int(fields["seq"]),
            standing=_standing(fields),
            to=fields.get("to", ""),
            visitor_id=fields["visitor_id"],
            agents=fields["agents"],
            visitors=fields["visitors"],
            # An entry of the version before has neither; the stream outlives a rolling update.
            began=fields.get("began", ""),
            began_ms=int(fields.get("began_ms", 0)),
        )
        self._hub.publish(place, entry)
        return entry


def _standing_fields(standing: Standing | None) -> dict[str, str]:
    return {name: getattr(standing, name, None) or "" for name in _STANDING}


def _standing(fields: dict[str, str]) -> Standing | None:
    """An entry of the version before has the brand alone; who is limited to more than brands does not get it."""
    brand_id, channel, *ids = (fields.get(name, "") for name in _STANDING)
    return Standing(brand_id, channel, *(one or None for one in ids)) if brand_id else None


def _measure(entry: Entry) -> None:
    """Its frames are in the sockets' queues now."""
    if entry.began:
        metrics.screen_seconds.labels(entry.began).observe(max(0.0, time.time() - entry.began_ms / 1000))


def _rows(answer: Any) -> list[Row]:
    return [(str(entry_id), dict(fields)) for entry_id, fields in answer or ()]


def _place(row: Row) -> Place:
    return place_of(row[0]) or START


def _n(row: Row) -> int:
    return int(row[1]["n"])
