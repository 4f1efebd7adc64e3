"""A process that simulates on some partitions of the topic, so that routing itself goes on meanwhile. Writes nothing.

Started by `run`, told and answering by lines of JSON on stdin and stdout:

    in    an Order                               which partitions, which rules
    out   {"found": [...]}                       when the newest conversations ended, in ms, the latest first
    in    a number                               so many of them are looked at
    out   {"read": 5, "differ": 2}               now and then
    out   {"tally": {...}}                       the end; or {"failed": "a sentence"}
"""

from __future__ import annotations

import asyncio
import heapq
import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from services.routing.recorded import Followed, Offsets, Recorded, Stretch, begins, glance_at, key_of, kind_of
from services.routing.rules.facts import Facts, message_of, with_score
from services.routing.settings import RoutingSettings
from services.routing.simulate.compare import Compared, Sides, why
from services.routing.simulate.job import Job
from services.routing.simulate.report import Counting, Example, example
from services.routing.sla.hours import OpeningHours
from services.routing.store.contacts import Contacts
from services.routing.store.spam import SpamBooks
from shared import mongo
from shared.contracts.base import Value
from shared.contracts.common import ConversationStatus, Spam
from shared.contracts.contacts import Contact
from shared.contracts.conversations import ConversationEvent
from shared.errors import is_away
from shared.kafka import RawRecord

SAY_EVERY_S = 0.3
NICER = 5
"""What routes live conversations goes first."""
AWAY = "Kafka or MongoDB does not answer. Start the simulation again later."
FAILED = "The simulation failed. An admin finds the reason in routing's log."


class Order(Value):
    """`settings` as `RoutingSettings` takes them; they come by the pipe, so that no secret stands in a command line."""

    settings: dict[str, Any]
    partitions: tuple[int, ...]
    job: Job


class Reader:
    """One run over the partitions of an order."""

    def __init__(self, recorded: Recorded, job: Job, contacts: Contacts, books: SpamBooks) -> None:
        self._recorded = recorded
        self._job = job
        self._contacts = contacts
        self._books = books
        self._sides = Sides(job.before, job.after)
        self._named = frozenset(job.named)
        self._counting = Counting()
        self._follows = self._sides.ask_changes or self._sides.ask_moments
        self._followed: dict[str, Followed] = {}
        self._hours = job.world.hours() if self._sides.ask_hours else OpeningHours()
        self._said_at = 0.0

    async def find(self) -> tuple[dict[str, tuple[int, int]], Stretch]:
        """The newest conversations with the time (ms) and the offset of their last event, and the stretch that was
        read to find them."""
        newest: dict[str, tuple[int, int]] = {}
        elsewhere: set[str] = set()
        starts, ends = Offsets(), Offsets()
        async for stretch in self._recorded.back(int(time.time() * 1000)):
            starts, ends = stretch.starts, ends or stretch.ends
            async for records in self._recorded.read(stretch):
                for raw in records:
                    key = key_of(raw)
                    if key in newest:
                        newest[key] = max(newest[key], (raw.timestamp, raw.offset), key=lambda one: one[1])
                    elif key not in elsewhere:
                        if self._may_see(raw):
                            newest[key] = (raw.timestamp, raw.offset)
                        else:
                            elsewhere.add(key)
            if len(newest) >= self._job.conversations:
                break
        return newest, Stretch(starts, ends)

    def _may_see(self, raw: RawRecord) -> bool:
        if not self._job.brand_ids:
            return True
        glance = glance_at(raw)
        return glance is not None and glance.head.brand_id in self._job.brand_ids

    async def count(self, chosen: Mapping[str, tuple[int, int]], stretch: Stretch) -> dict[str, Any]:
        async for records in self._recorded.read(stretch):
            mine = [raw for raw in records if (last := chosen.get(key_of(raw))) and raw.offset <= last[1]]
            heard = {raw.offset: found for raw in mine if (found := self._heard(raw)) is not None}
            events = [event for _, event in heard.values()]
            customers, scores = await self._customers(events), await self._scores(events)
            for raw in mine:
                key, found = key_of(raw), heard.get(raw.offset)
                before = self._followed.get(key, Followed())
                if self._follows and (seen := found[1] if found else glance_at(raw)) is not None:
                    self._followed[key] = before.after(seen, began=begins(raw))
                if found:
                    self._look(*found, before.status, customers, scores)
                if raw.offset == chosen[key][1]:
                    self._counting.ended(key)
                    self._followed.pop(key, None)
            self._say_now_and_then()
        return self._counting.tally(self._shown).model_dump(mode="json")

    def _heard(self, raw: RawRecord) -> tuple[str, ConversationEvent] | None:
        """The event, if some rule is for it: most are for others, and to read a whole head is what costs."""
        kind = kind_of(raw)
        if kind is not None and kind not in self._sides.kinds:
            return None
        return self._recorded.understand(raw)

    async def _customers(self, events: Sequence[ConversationEvent]) -> Mapping[str, Contact]:
        if not self._sides.ask_contacts or not events:
            return {}
        return await self._contacts.read({one.head.contact_id for one in events})

    async def _scores(self, events: Sequence[ConversationEvent]) -> Mapping[str, Spam]:
        """What messages scored when they came, as long as that is kept."""
        if not self._sides.ask_spam:
            return {}
        return await self._books.scores({one.entry_id for event in events if (one := message_of(event))})

    def _look(
        self,
        event_id: str,
        event: ConversationEvent,
        status_before: ConversationStatus | None,
        customers: Mapping[str, Contact],
        scores: Mapping[str, Spam],
    ) -> None:
        head = event.head
        if self._job.brand_ids and head.brand_id not in self._job.brand_ids:
            return
        world, message = self._job.world, message_of(event)
        facts = Facts(
            head,
            with_score(message, scores.get(message.entry_id) if message else None),
            event,
            status_before,
            world.zone(head.brand_id),
            customers.get(head.contact_id),
            self._followed.get(head.id, Followed()).moments,
            self._hours.open_at(event.at),
            self._hours.teams_open_at(event.at),
        )
        compared = self._sides.compare(event_id, event, facts, world)
        if compared is not None:
            self._counting.saw(event, compared)

    def _shown(self, event: ConversationEvent, compared: Compared) -> Example:
        return example(event, compared, why(self._sides, event, compared, self._named))

    def _say_now_and_then(self) -> None:
        if time.monotonic() - self._said_at > SAY_EVERY_S:
            self._said_at = time.monotonic()
            say({"read": self._counting.conversations, "differ": self._counting.differ})


def say(word: dict[str, Any]) -> None:
    sys.stdout.buffer.write(to_json(word) + b"\n")
    sys.stdout.buffer.flush()


async def work(order: Order) -> None:
    settings = RoutingSettings(**order.settings)
    client = mongo.connect(settings)
    try:
        async with Recorded(settings, order.partitions) as recorded:
            database = mongo.database(client, settings, "routing")
            reader = Reader(recorded, order.job, Contacts(database), SpamBooks(database))
            newest, stretch = await reader.find()
            latest = heapq.nlargest(order.job.conversations, newest.items(), key=lambda one: (one[1][0], one[0]))
            say({"found": [ms for _, (ms, _) in latest]})
            take = int(sys.stdin.buffer.readline())
            say({"tally": await reader.count(dict(latest[:take]), stretch)})
    finally:
        await client.close()


def main() -> None:
    os.nice(NICER)
    order = Order.model_validate_json(sys.stdin.buffer.readline())
    try:
        asyncio.run(work(order))
    except Exception as error:
        say({"failed": AWAY if is_away(error) else FAILED})
        if not is_away(error):
            raise


if __name__ == "__main__":
    main()
