"""A service in its smallest form: counts messages per conversation. Run as a process, so that it can be killed.

`python -m tests.integration.shared.pattern_service [kill point]`: at the named point it kills itself with
SIGKILL, once it gets there. The points are between every two steps of the pattern.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from shared import clock, mongo
from shared.cloudevents import Received
from shared.consume import Consumer
from shared.contracts.base import Event
from shared.contracts.deliveries import DeliverySent
from shared.contracts.ingest import MessageReceived
from shared.log import Cause, Fact, Log
from shared.relay import Relay
from shared.settings import Settings
from shared.topics import DELIVERIES
from tests.integration.shared.relay_program import quick_leases

KILL_POINTS = (
    "before the transaction",
    "inside the transaction",
    "after the transaction",
    "after the commit of offsets",
    "relay has read",
    "relay has published",
    "relay has remembered",
)


class Pattern:
    """Consumes `ingest.messages.v1` as group `tickets.conversations` and logs one DeliverySent per message."""

    def __init__(self, settings: Settings, *, bug: Callable[[str], None] = lambda _: None) -> None:
        self.client = mongo.connect(settings)
        self.database = mongo.database(self.client, settings, "notifications")
        self.log = Log(self.database, clock.now)
        self.counts = self.database.get_collection("counts")
        self.bug = bug
        self.consumer = Consumer(settings, group="tickets.conversations", handle=self.handle)
        self.relay = Relay(settings, service="notifications", database=self.database, client=self.client)

    async def handle(self, everything: Sequence[Received[Event]]) -> None:
        batch = [one for one in everything if isinstance(one.data, MessageReceived)]

        async def work(session: AsyncClientSession) -> None:
            known = await self.log.already_applied([one.id for one in batch], session)
            fresh = {one.id: one for one in batch if one.id not in known}
            keys = list({one.data.conversation_id for one in fresh.values()})
            heads = {row["_id"]: row async for row in self.counts.find({"_id": {"$in": keys}}, session=session)}
            before = {key: heads.get(key, {"seq": 0})["seq"] for key in keys}
            now = dict(before)
            facts: list[Fact] = []
            for one in fresh.values():
                self.bug(one.data.message.text)
                key = one.data.conversation_id
                now[key] += 1
                event = DeliverySent(
                    delivery_id=one.id, conversation_id=key, entry_id=one.id, seq=now[key], at=clock.now()
                )
                facts.append(Fact.of(0, Cause.of(one), DELIVERIES, key, key, now[key], event.at, event))
            await self.log.append(facts, session)
            await self.log.remember(list(fresh), session)
            changes = [(before[key], {"_id": key, "seq": now[key]}) for key in keys]
            await mongo.replace_versions(self.counts, changes, session)

        await mongo.in_transaction(self.client, work)

    async def start(self) -> None:
        await self.log.ensure_indexes()
        await self.relay.start()
        await self.consumer.start()

    async def stop(self) -> None:
        await self.consumer.stop()
        await self.relay.stop()
        await self.client.close()


def _die_at(pattern: Pattern, point: str) -> None:
    """Wrap one step so that the process is killed before or after it, when it did something."""

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def around(owner: Any, name: str, *, after: bool) -> None:
        real: Callable[..., Awaitable[Any]] = getattr(owner, name)

        async def wrapped(*args: Any, **kwargs: Any) -> Any:
            if not after:
                die()
            answer = await real(*args, **kwargs)
            die()
            return answer

        setattr(owner, name, wrapped)

    match point:
        case "before the transaction":
            pattern.consumer._handle = _dead
        case "inside the transaction":
            around(pattern.log, "remember", after=True)
        case "after the transaction":
            around(pattern.consumer, "_commit", after=False)
        case "after the commit of offsets":
            around(pattern.consumer, "_commit", after=True)
        case "relay has read":
            around(pattern.relay, "_publish", after=False)
        case "relay has published":
            around(pattern.relay, "_remember", after=False)
        case "relay has remembered":
            around(pattern.relay, "_remember", after=True)


async def _dead(_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def main(point: str) -> None:
    quick_leases()
    pattern = Pattern(Settings())
    _die_at(pattern, point)
    await pattern.start()
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await stopping.wait()
    await pattern.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else ""))
