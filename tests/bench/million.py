"""Any number of conversations, as tickets keeps them, made from a seed: a large desk with a large backlog."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from services.tickets.store import inbox_indexes, standings
from tests.bench.load import WORDS

Document = dict[str, Any]

BRANDS = tuple(f"brand-{n:02}" for n in range(30))
TEAMS = tuple(f"team-{n:02}" for n in range(60))
AGENTS = tuple(f"agent-{n:03}" for n in range(300))
TAGS = tuple(f"tag-{n:03}" for n in range(100))
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
CHANNELS = {"email": 0.72, "chat": 0.14, "phone": 0.11, "custom": 0.03}
TOPICS = ("Order status", "Returns & refunds", "Shipping", "Product question", "Billing", "Subscription", "Recipes")
DAYS = 730
SHARES = {"open": 0.12, "snoozed": 0.03, "closed": 0.85}
AT_ONCE = 5_000


def documents(count: int, seed: int = 7) -> Iterator[Document]:
    """`count` of them, the first brands, teams and agents with the most: 12% open, of these a third unassigned."""
    chance = random.Random(seed)
    texts = [" ".join(chance.choices(WORDS, k=30))[:200] for _ in range(2_000)]
    for n in range(count):
        yield _document(chance, n, texts)


def write(mongo: str, database: str, count: int, seed: int = 7) -> None:
    """Into an empty database, the indexes afterwards, which is several times as fast."""
    with MongoClient[Document](mongo, tz_aware=True) as client:
        put(client[database], documents(count, seed))
        client[database].conversations.create_indexes(inbox_indexes.INDEXES)
        client[database][standings.NAME].create_indexes(standings.INDEXES)


def put(database: Database[Document], made: Iterator[Document]) -> None:
    """Beside what is there."""
    while batch := list(islice(made, AT_ONCE)):
        database.conversations.insert_many(batch, ordered=False)
        database[standings.NAME].insert_many([standings.standing(one) for one in batch], ordered=False)


PLAIN: Document = {
    "team_id": None,
    "assignee_id": None,
    "status": "closed",
    "snoozed_until": None,
    "priority": False,
    "spam": False,
    "tags": (),
    "mentioned": (),
    "created_by": None,
    "topic": None,
    "channel": "email",
    "waiting_since": None,
    "next_sla_at": None,
}
"""In as few lists as can be, so that many are quickly written."""
KINDS = 500
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def one_list(count: int, brand_id: str, run: str) -> Iterator[Document]:
    """Closed ones of one brand that nobody has, a minute before one another, the newest first, older than any other.
    `run`: eight hexadecimal digits, with which their ids begin (`id_of`)."""
    plain = PLAIN | {"brand_id": brand_id, "boxes": ["all", f"brand:{brand_id}", "unassigned"]}
    some = [one | plain for one in documents(KINDS)]
    for n in range(count):
        at = LONG_AGO - timedelta(minutes=n)
        own = {"_id": id_of(run, n), "subject": f"Number {n}", "started_at": at, "last_activity_at": at}
        yield some[n % KINDS] | own | {"closed_at": at}


def id_of(run: str, n: int) -> str:
    """Of the nth of `one_list`."""
    return f"{run}{n:024x}"


def one_of(chance: random.Random, all_of: tuple[str, ...]) -> str:
    """The first ones often, the last ones seldom."""
    return all_of[int(len(all_of) * chance.random() ** 2)]


def _document(chance: random.Random, n: int, texts: list[str]) -> Document:
    status = chance.choices(list(SHARES), list(SHARES.values()))[0]
    is_open, spam = status == "open", chance.random() < 0.02
    brand, team = one_of(chance, BRANDS), one_of(chance, TEAMS) if chance.random() < 0.9 else None
    agent = one_of(chance, AGENTS) if chance.random() < (0.67 if is_open else 0.97) else None
    started = NOW - timedelta(milliseconds=chance.randrange(DAYS * 86_400_000))
    last = min(NOW, started + timedelta(milliseconds=chance.randrange(5 * 86_400_000)))
    waits = is_open and chance.random() < 0.5
    created_by = agent if chance.random() < 0.05 else None
    mentioned = (one_of(chance, AGENTS),) if chance.random() < 0.05 else ()
    tags = tuple(sorted({one_of(chance, TAGS) for _ in range(chance.randrange(4))}))
    person = chance.randrange(400_000)
    handle = {"kind": "email", "value": f"customer{person}@example.org", "name": f"Customer {person}"}
    first, latest = chance.choice(texts), chance.choice(texts)
    messages = chance.randint(1, 9)
    channel = chance.choices(list(CHANNELS), list(CHANNELS.values()))[0]
    topic = one_of(chance, TOPICS) if chance.random() < 0.6 else None
    document: Document = {
        "_id": f"{chance.getrandbits(128):032x}",
        "seq": messages,
        "brand_id": brand,
        "channel": channel,
        "account": f"support@{brand}.example",
        "contact_id": f"{person:032x}",
        "contact_name": handle["name"],
        "handle": handle,
        "subject": first[:40],
        "description": first,
        "preview": latest,
        "preview_from": "customer" if waits else "agent",
        "status": status,
        "snoozed_until": NOW + timedelta(days=3) if status == "snoozed" else None,
        "priority": chance.random() < 0.03,
        "spam": spam,
        "team_id": team,
        "assignee_id": agent,
        "assigned_seq": 2 if agent else 0,
        "topic": topic,
        "tags": tags,
        "participants": {"to": [{"address": handle["value"], "name": handle["name"]}], "cc": []},
        "mentioned": mentioned,
        "created_by": created_by,
        "started_at": started,
        "last_activity_at": last,
        "activity": "CustomerReplied" if waits else "ReplySent",
        "waiting_since": last if waits else None,
        "first_reply_at": None if waits else last,
        "next_sla_at": last + timedelta(hours=8) if waits and chance.random() < 0.7 else None,
        "closed_at": last if status == "closed" else None,
        "message_count": messages,
        "last_message_id": f"<{n}.last@example.org>",
        "references": [f"<{n}.{k}@example.org>" for k in range(min(messages, 4))],
        "call": None,
        "links": [],
        "attributes": [],
        "answered": None,
        "dial": None,
        "call_attempts": 0,
        "call_outcome": None,
        "sides": [],
        "merged_into": None,
        "merged_ids": [],
        "followers": [],
        "sla": [],
        "sla_seq": 0,
        "sla_policy_id": None,
        "customer_seq": messages,
        "people_seq": 2 if agent else 0,
        "deliveries": [],
    }
    document["boxes"] = _boxes(document)
    return document


def _boxes(document: Document) -> list[str]:
    """The same as `services.tickets.store.documents.boxes`, without the model (a test compares)."""
    if document["spam"]:
        return ["spam"]
    found = ["all", f"brand:{document['brand_id']}"]
    if document["team_id"] is not None:
        found.append(f"team:{document['team_id']}")
    found.append("unassigned" if document["assignee_id"] is None else f"agent:{document['assignee_id']}")
    if document["created_by"] is not None:
        found.append(f"created:{document['created_by']}")
    found += [f"mention:{agent_id}" for agent_id in document["mentioned"]]
    found += [f"tag:{tag}" for tag in document["tags"]]
    if document["topic"] is not None:
        found.append(f"topic:{document['topic']}")
    if document["channel"] != "email":
        found.append(f"channel:{document['channel']}")
    return [*found, "priority"] if document["priority"] else found
