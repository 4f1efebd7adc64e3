"""What a desk is made of, looked at from outside: databases, Kafka topics, mails. To be compared before and after.

Imports nothing of the services.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from aiokafka import TopicPartition
from pymongo import AsyncMongoClient

from tests.chaos.checker import streams
from tests.chaos.checker.collect import Reader
from tests.chaos.journal import Journal
from tests.desk import Desk
from tests.e2e.ledger import CONVERSATIONS, Ledger
from tests.e2e.outside import Agent, until

DATABASES = ("ingest", "tickets", "routing", "notifications")
PASSING = {
    "leases",
    "relays",
    "directory",
    "restored",
    "sessions",
    "sign_in_failures",
    "password_resets",
    "notice_mails",
    "search",
    "departures",
}
READ_BY_TICKETS = {"ingest.messages.v1", "routing.decisions.v1", "notifications.deliveries.v1"}

Documents = dict[tuple[str, str], dict[Any, Any]]
"""By database and collection, every document by its `_id`."""


@dataclass
class Picture:
    documents: Documents = field(default_factory=dict)
    mails: list[str] = field(default_factory=list)
    loads: dict[str, int] = field(default_factory=dict)
    dead_letters: int = 0
    """Those that wait: a restore brings back none that was sent back or given up."""

    def of(self, database: str, collection: str) -> dict[Any, Any]:
        return self.documents.get((database, collection), {})

    def missing_in(self, later: Picture) -> list[str]:
        """Documents that are not there, or not the same, later."""
        return [
            f"{database}.{collection} {id_}: {_changed(document, later.of(database, collection).get(id_))}"
            for (database, collection), known in self.documents.items()
            for id_, document in known.items()
            if later.of(database, collection).get(id_) != document
        ]


def _changed(before: dict[str, Any], after: dict[str, Any] | None) -> str:
    if after is None:
        return "gone"
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return ", ".join(f"{name} was {before.get(name)!r}, is {after.get(name)!r}" for name in names)


async def take(desk: Desk) -> Picture:
    async with Agent(desk.web, desk.account("admin")) as agent:
        loads = {one["agent_id"]: one["load"] for one in (await agent.get("/api/routing/availability"))["items"]}
    return Picture(await documents(desk), await mails(desk), loads, await everything(desk).waiting_letters())


async def documents(desk: Desk) -> Documents:
    found: Documents = {}
    async with AsyncMongoClient[dict[str, Any]](desk.mongo) as client:
        for name in DATABASES:
            database = client[f"{desk.prefix}switchboard_{name}"]
            for collection in set(await database.list_collection_names()) - PASSING:
                rows = await database[collection].find().to_list(None)
                found[(name, collection)] = {row["_id"]: _plain(collection, row) for row in rows}
    return found


def _plain(collection: str, row: dict[str, Any]) -> dict[str, Any]:
    """When an input was applied is moved on by a restore, as it counts from when its topic is told again."""
    return {name: value for name, value in row.items() if (collection, name) != ("applied", "at")}


def unread(now: Documents) -> int:
    """Events that their readers have not applied yet, and mails without an outcome: 0 when all has settled."""
    logs = {name: list(now[(name, "log")].values()) for name in DATABASES}
    to_tickets = [*logs["ingest"], *logs["routing"], *logs["notifications"]]
    waiting = {
        "tickets": [one for one in to_tickets if one["topic"] in READ_BY_TICKETS],
        "routing": [one for one in logs["tickets"] if one["topic"] == CONVERSATIONS],
    }
    # Of what led to something, the log says so.
    taken = {name: {one["cause"] for one in logs[name]} | now[(name, "applied")].keys() for name in waiting}
    behind = [one for name, rows in waiting.items() for one in rows if one["_id"] not in taken[name]]
    deliveries = now[("notifications", "deliveries")].values()
    known = {one["entry_id"] for one in deliveries}
    said = [json.loads(one["value"]) for one in waiting["routing"] if one["type"].endswith(".ReplySent.v1")]
    untold = [one for one in said if not one["imported"] and one["message"]["entry_id"] not in known]
    return len(behind) + len(untold) + sum(1 for one in deliveries if one["state"] == "queued")


async def mails(desk: Desk) -> list[str]:
    """Ids of all that the sink has, a mail that came twice twice."""
    async with httpx.AsyncClient(base_url=desk.smtp_sink_http, timeout=20) as client:
        return sorted(one["id"] for one in (await client.get("/messages")).json())


def everything(desk: Desk) -> Ledger:
    """A ledger that counts from the beginning of the topics."""
    begin: dict[TopicPartition, int] = defaultdict(int)
    return Ledger(desk, begin)


async def differences(desk: Desk, folder: Path) -> list[str]:
    """As the gate's checker says: between the logs and all Kafka topics, byte for byte, and in the order of each
    aggregate; topics read from their beginning. `folder` is for its journal, which is empty."""
    journal = Journal(folder / "journal.jsonl")
    journal.close()
    reader = Reader(desk.kafka, desk.mongo, desk.prefix)
    try:
        await until(reader.settled, 60)
        evidence = await reader.evidence(journal.file)
    finally:
        await reader.close()
    return [*streams.differences(evidence), *streams.out_of_order(evidence)]
