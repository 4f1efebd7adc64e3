"""Actions on many conversations: a job, and its conversations in portions, each carried out in one transaction.

A job with a `due_at` is unfinished; a timer claims it by lease and goes on at `next`, so a crash repeats no portion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.mongo import Client, Database, Document, StaleVersion, expire_after, in_transaction

PORTION = 50
"""Conversations in one transaction."""
KEPT_S = 30 * 86_400
RUNNING_MAX = 5
"""Unfinished jobs of one agent."""


@dataclass(frozen=True, slots=True)
class Item:
    """`action` None: the job's own."""

    conversation_id: str
    action: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """`outcome`: changed, unchanged or failed; `code` and `message` say why it failed, `undo` takes a change back."""

    conversation_id: str
    outcome: str
    code: str = ""
    message: str = ""
    undo: Mapping[str, Any] | None = None

    def document(self) -> Document:
        said = {"code": self.code, "message": self.message} if self.code else {}
        undo = {"undo": dict(self.undo)} if self.undo else {}
        return {"conversation_id": self.conversation_id, "outcome": self.outcome, **said, **undo}


class BulkStore:
    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self.jobs = database.get_collection("bulk_jobs")
        self.portions = database.get_collection("bulk_portions")

    async def ensure_indexes(self) -> None:
        await self.jobs.create_indexes([IndexModel([("agent_id", ASCENDING), ("created_at", DESCENDING)])])
        await expire_after(self.jobs, "created_at", KEPT_S)
        await expire_after(self.portions, "created_at", KEPT_S)

    async def begin(self, job: Document, items: Sequence[Item]) -> Document:
        """Write the job and its portions. One that is there already (by `_id`) is left as it is, and given back."""
        at: datetime = job["created_at"]
        cut = [items[start : start + PORTION] for start in range(0, len(items), PORTION)]
        rows = [
            {"_id": portion_id(job["_id"], n), "job_id": job["_id"], "n": n, "created_at": at, **_items(part)}
            for n, part in enumerate(cut)
        ]
        none = {"changed": 0, "unchanged": 0, "failed": 0}
        whole = {**job, **none, "total": len(items), "portions": len(rows), "next": 0, "due_at": at}

        async def work(session: AsyncClientSession) -> Document:
            there = await self.jobs.find_one({"_id": job["_id"]}, session=session)
            if there is not None:
                return there
            await self.jobs.insert_one(whole, session=session)
            await self.portions.insert_many(rows, session=session)
            if job["undo_of"]:
                await self.jobs.update_one(
                    {"_id": job["undo_of"]}, {"$set": {"undone_by": job["_id"]}}, session=session
                )
            return whole

        return await in_transaction(self._client, work)

    async def job(self, job_id: str, agent_id: str) -> Document | None:
        return await self.jobs.find_one({"_id": job_id, "agent_id": agent_id})

    async def latest(self, agent_id: str, limit: int) -> list[Document]:
        return await self.jobs.find({"agent_id": agent_id}).sort("created_at", DESCENDING).limit(limit).to_list(None)

    async def running(self, agent_id: str) -> int:
        return await self.jobs.count_documents({"agent_id": agent_id, "due_at": {"$exists": True}}, limit=RUNNING_MAX)

    async def results(self, job_id: str, *, outcome: str | None, after: int, limit: int) -> list[Document]:
        """What became of each, in the order that they were given in; {n: place, conversation_id, outcome, …}."""
        found: list[Document] = []
        rows = self.portions.find({"job_id": job_id, "n": {"$gte": after // PORTION}, "results": {"$exists": True}})
        async for row in rows.sort("_id", ASCENDING):
            for place, one in enumerate(row["results"], row["n"] * PORTION):
                if place >= after and outcome in (None, one["outcome"]):
                    found.append({"n": place, **one})
                    if len(found) == limit:
                        return found
        return found

    # ── carrying it out ──────────────────────────────────────────────────────────────────────────
    async def next_portion(self, job_id: str, session: AsyncClientSession) -> tuple[Document, list[Item]] | None:
        """The job and what is next; None when nothing is left, or it is gone."""
        job = await self.jobs.find_one({"_id": job_id, "due_at": {"$exists": True}}, session=session)
        if job is None:
            return None
        row = await self.portions.find_one({"_id": portion_id(job_id, job["next"])}, session=session)
        acts = (row or {}).get("acts")
        ids = row["ids"] if row else []
        return job, [Item(id_, acts[n] if acts else None) for n, id_ in enumerate(ids)]

    async def portion_done(
        self, job: Document, results: Sequence[Result], now: datetime, session: AsyncClientSession
    ) -> None:
        """Raises StaleVersion when somebody else carried it out meanwhile."""
        await self.portions.update_one(
            {"_id": portion_id(job["_id"], job["next"])},
            {"$set": {"results": [one.document() for one in results]}},
            session=session,
        )
        counts = {name: sum(one.outcome == name for one in results) for name in ("changed", "unchanged", "failed")}
        change: Document = {"$inc": {**counts, "next": 1}}
        if job["next"] + 1 >= job["portions"]:
            change |= {"$set": {"finished_at": now}, "$unset": {"due_at": "", "lease_until": "", "lease_by": ""}}
        moved = await self.jobs.update_one({"_id": job["_id"], "next": job["next"]}, change, session=session)
        if not moved.matched_count:
            raise StaleVersion(f"bulk: portion {job['next']} was carried out already")

    async def pause(self, job_id: str) -> None:
        """Let others have their turn; it goes on with the next one."""
        await self.jobs.update_one({"_id": job_id}, {"$unset": {"lease_until": "", "lease_by": ""}})


def portion_id(job_id: str, n: int) -> str:
    return f"{job_id}|{n:06}"


def _items(part: Sequence[Item]) -> Document:
    acts = [one.action for one in part]
    row: Document = {"ids": [one.conversation_id for one in part]}
    return {**row, "acts": acts} if any(acts) else row
