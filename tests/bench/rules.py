"""Events per second through rules of five conditions each, 1 to 200 of them, beside the same conditions by hand."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.schema import Rule
from shared.contracts.common import Actor, Handle, Message, Spam
from shared.contracts.conversations import Head
from tests.bench.load import WORDS
from tests.bench.reference.rules import written_out
from tests.bench.row import Row, row_of

SIZES = (1, 10, 50, 100, 200)
MOST = SIZES[-1]
SECONDS = 0.5
EVENTS = 400
AT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
CHANNELS = ("email", "chat", "phone", "custom")
TEAMS = tuple(f"team-{n}" for n in range(8))
TAGS = ("vip", "late", "refund", "gift", "wholesale")
DOMAINS = ("example.org", "example.com", "shop.example", "partner.example")

Document = dict[str, Any]


def rules(count: int, seed: int = 7) -> list[Document]:
    """Five conditions each, drawn from all kinds: what people ask about often is drawn often."""
    chance = random.Random(seed)
    return [_rule(chance, n) for n in range(count)]


def _rule(chance: random.Random, n: int) -> Document:
    conditions = [_condition(chance) for _ in range(5)]
    if n % 4 == 0:  # every fourth has a group within
        conditions = [*conditions[:3], {chance.choice(("any", "none")): conditions[3:]}]
    return {"if": {"all": conditions}}


def _condition(chance: random.Random) -> Document:
    field, operator, value = chance.choices(
        (
            ("conversation.channel", "is", chance.choice(CHANNELS)),
            ("conversation.team", "in", chance.sample(TEAMS, 3)),
            ("conversation.priority", "is", chance.random() < 0.5),
            ("conversation.messages", "greater", chance.randint(1, 6)),
            ("conversation.tags", "contains_any", chance.sample(TAGS, 2)),
            ("conversation.subject", "starts_with", chance.choice(WORDS)),
            ("contact.domain", "is", chance.choice(DOMAINS)),
            ("message.text", "contains", f"{chance.choice(WORDS)} {chance.choice(WORDS)}"),
            ("message.text", "not_contains", chance.choice(WORDS)),
            ("message.text", "matches", rf"\b{chance.choice(WORDS)} (the )?{chance.choice(WORDS)}\b"),
            ("message.attachments", "greater", 0),
            ("message.spam_score", "less", chance.choice((0.2, 0.5, 0.8))),
        ),
        (6, 3, 2, 2, 2, 2, 3, 6, 1, 1, 1, 1),
    )[0]
    return {"field": field, "operator": operator, "value": value}


def rule_set(drafts: Sequence[Document]) -> RuleSet:
    kept: Document = {"version": 1, "saved_at": AT, "when": ["CustomerReplied"], "then": []}
    named = ({**kept, **draft, "id": f"r{n}", "name": f"Rule {n}", "order": n} for n, draft in enumerate(drafts))
    return RuleSet([Rule.model_validate(one) for one in named])


def facts(count: int = EVENTS, seed: int = 7) -> list[Facts]:
    chance = random.Random(seed)
    return [_facts(chance, n) for n in range(count)]


def _facts(chance: random.Random, n: int) -> Facts:
    text = " ".join(chance.choices(WORDS, k=chance.randint(20, 120)))
    handle = Handle(kind="email", value=f"c{n}@{chance.choice(DOMAINS)}", name=f"Customer {n}")
    head = Head(
        id=f"c{n}",
        seq=n,
        brand_id="paleo-hacks",
        channel=chance.choice(CHANNELS),
        account="support@paleohacks.example",
        contact_id="k",
        contact_name=handle.name,
        handle=handle,
        subject=text[:40].title(),
        description=text[:200],
        preview=text[:200],
        priority=chance.random() < 0.2,
        team_id=chance.choice((*TEAMS, None)),
        tags=tuple(sorted(chance.sample(TAGS, chance.randrange(3)))),
        started_at=AT,
        last_activity_at=AT,
        waiting_since=AT,
        activity="CustomerReplied",
        message_count=chance.randint(1, 9),
    )
    message = Message(
        entry_id=f"e{n}",
        direction="in",
        author=Actor(kind="customer"),
        sender=handle,
        subject=text[:40].title(),
        text=text,
        html="",
        spam=Spam(score=chance.random()),
        received_at=AT,
    )
    return Facts(head, message)


def rate(work: Callable[[Facts], object], events: Sequence[Facts]) -> float:
    """By the CPU's time and not the clock's: one thread works, and others may use the machine too."""
    count, began = 0, time.process_time()
    while time.process_time() - began < SECONDS:
        for one in events:
            work(one)
        count += len(events)
    return count / (time.process_time() - began)


def pair(size: int, events: Sequence[Facts]) -> tuple[float, float]:
    """(by hand, by rules), one after the other."""
    drafts = rules(size)
    by_hand, ours = written_out(drafts), rule_set(drafts)
    floor = rate(lambda one: by_hand(one.head, one.message), events)
    return floor, rate(lambda one: ours.run("CustomerReplied", one), events)


def run(*, repetitions: int, sizes: Sequence[int] = (MOST,)) -> list[Row]:
    """A row for each number of rules, by hand and by rules in turns."""
    events = facts()
    found: dict[int, list[tuple[float, float]]] = {size: [] for size in sizes}
    for _ in range(repetitions):
        for size in sizes:
            floor, mine = pair(size, events)
            found[size].append((floor, mine))
            ratio = f"ratio {mine / floor:.2f}"
            print(f"  {size:4} rules {floor:9.0f}/s by hand   {mine:9.0f}/s routing   {ratio}", flush=True)
    return [
        row_of(f"events through {size} rules", *zip(*pairs, strict=True), first=0.3, then=1.0)
        for size, pairs in found.items()
    ]
