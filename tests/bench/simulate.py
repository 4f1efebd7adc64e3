"""A draft set over 100,000 recorded conversations: seconds from its order to the report, on a topic of its own."""

from __future__ import annotations

import asyncio
import random
import resource
import time
from collections.abc import Iterator
from datetime import timedelta

from aiokafka import AIOKafkaProducer

from services.routing.rules.schema import Rule
from services.routing.settings import RoutingSettings
from services.routing.simulate.drafts import instead
from services.routing.simulate.job import Job
from services.routing.simulator.run import Run
from shared import mongo
from shared.contracts.common import Actor
from shared.contracts.conversations import (
    Assigned,
    Closed,
    ConversationEvent,
    ConversationStarted,
    CustomerReplied,
    ReplySent,
    Tagged,
)
from shared.ids import derived
from shared.setup import create_topics
from shared.topics import CONVERSATIONS
from tests.bench import running
from tests.bench.row import Row, alone
from tests.bench.rules import AT, Document, facts, rules
from tests.records import record
from tests.servers import Servers

COUNT = 100_000
RULES = 50
CHANGED = 5
AGENT = Actor(kind="agent", id="maya", name="Maya")
STORY: tuple[type[ConversationEvent], ...] = (
    ConversationStarted,
    Tagged,
    Assigned,
    ReplySent,
    CustomerReplied,
    Closed,
)


async def run(servers: Servers, *, repetitions: int, count: int = COUNT) -> list[Row]:
    settings = RoutingSettings(**running.settings(servers, running.new_prefix()).model_dump())
    await create_topics(settings)
    records = await _publish(settings, count)
    job, seconds = _job(count), list[float]()
    for _ in range(repetitions):
        began = time.monotonic()
        report = await Run(settings, job).result()
        seconds.append(time.monotonic() - began)
        found = f"{report.conversations:,} conversations of {records:,} events, {report.differ:,} differ"
        print(f"  {found}: {seconds[-1]:.1f} s", flush=True)
    client = mongo.connect(settings)
    await client.drop_database(settings.database("routing"))
    await client.close()
    beside = {"records": records, "rules": RULES, "mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024}
    name = f"a draft simulated, {count:,} conversations"
    return [alone(name, seconds, unit="s", first=60.0, then=30.0, at_most=True, beside=beside)]


def _job(count: int) -> Job:
    """A tenth of the rules ask otherwise than those in force."""
    before = [_rule(draft, n) for n, draft in enumerate(rules(RULES))]
    other = rules(RULES, seed=8)
    drafts = [_rule(other[n], n) for n in range(0, RULES, RULES // CHANGED)]
    after = instead(before, drafts, (), [one.id for one in before])
    named = tuple(one.id for one in drafts)
    return Job(before=tuple(before), after=tuple(after), named=named, conversations=count)


def _rule(draft: Document, n: int) -> Rule:
    kept = {"version": 1, "saved_at": AT, "when": ["ConversationStarted", "CustomerReplied"]}
    then = [{"kind": "add_tags", "tags": [f"tag-{n}"]}]
    return Rule.model_validate({**kept, **draft, "id": f"r{n}", "name": f"Rule {n}", "then": then})


def _stories(count: int) -> Iterator[ConversationEvent]:
    """As many conversations; a hundred are under way at once, as events of different ones come mixed."""
    chance, templates = random.Random(7), [_events(one.head, one.message) for one in facts()]
    for first in range(0, count, 100):
        some = [(f"c{n:07}", chance.choice(templates)) for n in range(first, min(first + 100, count))]
        for seq in range(len(STORY)):
            for id_, events in some:
                event = events[seq]
                head = event.head.model_copy(update={"id": id_, "seq": seq + 1})
                yield event.model_copy(update={"conversation_id": id_, "head": head})


def _events(head: object, message: object) -> list[ConversationEvent]:
    own: dict[type[ConversationEvent], Document] = {
        ConversationStarted: {"message": message},
        CustomerReplied: {"message": message},
        ReplySent: {"message": message},
        Tagged: {"added": ("vip",)},
        Assigned: {"team_id": "team-1", "assignee_id": "maya", "previous_team_id": None, "previous_assignee_id": None},
    }
    common = {"conversation_id": "c", "by": AGENT, "head": head}
    return [
        kind.model_validate({**common, "seq": n + 1, "at": AT + timedelta(minutes=n), **own.get(kind, {})})
        for n, kind in enumerate(STORY)
    ]


async def _publish(settings: RoutingSettings, count: int) -> int:
    options = {"linger_ms": 20, "max_batch_size": 512 * 1024}
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, enable_idempotence=True, **options)
    await producer.start()
    sent, waits = 0, list[asyncio.Future[object]]()
    try:
        for event in _stories(count):
            key, id_ = event.conversation_id, derived("bench", event.conversation_id, str(event.seq))
            made = record(settings, CONVERSATIONS, key, event, id_=id_, at=event.at, seq=event.seq)
            waits.append(await producer.send(**made))
            sent += 1
            if len(waits) == 5_000:
                await asyncio.gather(*waits)
                waits.clear()
        await asyncio.gather(*waits)
    finally:
        await producer.stop()
    return sent
