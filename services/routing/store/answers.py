"""Which agent answered a customer last. MongoDB collection `last_answers`, a row per contact, found by its id alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.store.contacts import Contacts
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class Answer:
    contact_id: str
    agent_id: str
    at: datetime


class LastAnswers:
    def __init__(self, database: Database, contacts: Contacts) -> None:
        self._rows = database.get_collection("last_answers")
        self._contacts = contacts

    async def note(self, answers: Iterable[Answer], session: AsyncClientSession) -> None:
        """One write per contact; an answer that is older than what is known changes nothing."""
        last: dict[str, Answer] = {}
        for one in answers:
            if one.contact_id not in last or last[one.contact_id].at < one.at:
                last[one.contact_id] = one
        if last:
            writes = [UpdateOne({"_id": one.contact_id}, _newer(one), upsert=True) for one in last.values()]
            await self._rows.bulk_write(writes, ordered=False, session=session)

    async def of(self, contact_ids: Collection[str], session: AsyncClientSession) -> Mapping[str, str]:
        """The agent by the contact that was asked for; what its duplicates were answered counts."""
        people = await self._contacts.read(contact_ids, session)
        same = {id_: {id_, people[id_].id, *people[id_].merged_ids} if id_ in people else {id_} for id_ in contact_ids}
        rows = self._rows.find({"_id": {"$in": sorted(set().union(*same.values()))}}, session=session)
        known = {row["_id"]: row async for row in rows}
        found: dict[str, str] = {}
        for id_, ids in same.items():
            there = [known[one] for one in ids if one in known]
            if there:
                found[id_] = max(there, key=lambda row: row["at"])["agent_id"]
        return found


def _newer(one: Answer) -> list[dict[str, Any]]:
    """The pipeline of an update: BSON orders what is missing before any time."""
    is_newer = {"$lt": ["$at", one.at]}
    return [{"$set": {"agent_id": {"$cond": [is_newer, one.agent_id, "$agent_id"]}, "at": {"$max": ["$at", one.at]}}}]
