"""Reads the services' databases: their logs, what they have applied, and the deliveries."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient

from tests.chaos.checker.evidence import Event

MARK = re.compile(r"mark:([A-Za-z0-9-]+)")
SERVICES = ("ingest", "tickets", "routing", "notifications")


class Stores:
    """`prefix` stands before the databases' names."""

    def __init__(self, address: str, prefix: str) -> None:
        self._client = AsyncMongoClient[dict[str, Any]](address, tz_aware=True)
        self._prefix = prefix

    async def close(self) -> None:
        await self._client.close()

    async def log(self, service: str) -> list[Event]:
        """In the order in which it was written."""
        parse = _tickets if service == "tickets" else _plain
        return [parse(row) async for row in self._rows(service, "log", sort=[("logged_at", 1), ("seq", 1)])]

    async def applied(self, service: str) -> frozenset[str]:
        """Inputs that are written down as taken, or that led to something."""
        told = [str(row["cause"]) async for row in self._rows(service, "log", {"cause": 1})]
        return frozenset([*told, *[str(row["_id"]) async for row in self._rows(service, "applied", {"_id": 1})]])

    async def deliveries(self) -> dict[str, str]:
        rows = self._rows("notifications", "deliveries", {"entry_id": 1, "state": 1})
        return {row["entry_id"]: row["state"] async for row in rows}

    async def untold(self, services: Sequence[str]) -> list[str]:
        """Services whose relay has not told the newest row of its log."""
        found = []
        for service in services:
            database = self._database(service)
            newest = await database["log"].find_one(sort=[("logged_at", -1)], projection={"logged_at": 1})
            told = await database["relays"].find_one({"_id": "relay"}) or {}
            if newest and (told.get("at") is None or told["at"] < newest["logged_at"]):
                found.append(service)
        return found

    async def waiting_calls(self) -> int:
        """Webhook calls that are still to be made."""
        return await self._database("notifications")["webhook_calls"].count_documents({"state": "queued"})

    async def asleep(self) -> int:
        """Conversations that will wake by themselves."""
        return await self._database("tickets")["conversations"].count_documents({"status": "snoozed"})

    async def queued_deliveries(self) -> int:
        return await self._database("notifications")["deliveries"].count_documents({"state": "queued"})

    async def rejected(self) -> int:
        return await self._database("ingest")["rejected"].count_documents({})

    async def open_conversations(self) -> list[dict[str, Any]]:
        """Of each: `brand_id`, `assignee_id`."""
        rows = self._database("tickets")["conversations"].find(
            {"status": "open", "spam": False, "merged_into": None}, {"brand_id": 1, "assignee_id": 1}
        )
        return [row async for row in rows]

    def _database(self, service: str) -> Any:
        options = CodecOptions[dict[str, Any]](tz_aware=True, tzinfo=UTC)
        return self._client.get_database(f"{self._prefix}switchboard_{service}", codec_options=options)

    async def _rows(
        self, service: str, collection: str, fields: Any = None, sort: Any = None
    ) -> AsyncIterator[dict[str, Any]]:
        found = self._database(service)[collection].find({}, projection=fields, batch_size=5000)
        async for row in found.sort(sort).allow_disk_use(True) if sort else found:
            yield row


def _plain(row: dict[str, Any]) -> Event:
    return Event(**_common(row))


def _common(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["_id"],
        "topic": row["topic"],
        "key": row["key"],
        "aggregate": row["aggregate_id"],
        "seq": row["seq"],
        "kind": row["type"].split(".")[2],
        "value": hash(row["value"].encode()),
        "at": row["logged_at"].timestamp(),
        "entry": "",
    } | _delivery(row)


def _delivery(row: dict[str, Any]) -> dict[str, Any]:
    """A mail's entry of the timeline; a call that was dialled has none."""
    told = row["topic"].startswith("notifications.deliver")
    return {"entry": json.loads(row["value"]).get("entry_id", "")} if told else {}


def _tickets(row: dict[str, Any]) -> Event:
    """With what the timeline shows of it."""
    common = _common(row)
    if not row["topic"].startswith("tickets.conversations"):
        return Event(**common)
    told = json.loads(row["value"])
    message, head = told.get("message") or {}, told["head"]
    texts = [message.get("text") or told.get("text") or "", *told.get("added", ())]
    found = next((mark for text in texts for mark in MARK.findall(text)), "")
    return Event(
        **{**common, "entry": message.get("entry_id") or told.get("entry_id") or ""},
        brand=head["brand_id"],
        channel=head["channel"],
        mark=found,
        message_id=message.get("message_id") or "",
        state=str(told.get("state") or ""),
        call=told.get("call"),
    )
