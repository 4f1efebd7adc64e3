"""Queries of `notices` (what agents were told), `notice_preferences`, and `notice_mails` (when each is mailed next).

A notice is its own record that it was made: it is kept for longer than its event may come again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateMany
from pymongo.asynchronous.client_session import AsyncClientSession

from services.notifications.notices.model import Preferences, QuietHours, Ways
from services.notifications.notices.who import visible
from services.notifications.store import LEASE
from shared.access import Viewer
from shared.contracts.conversations import Assigned
from shared.contracts.notices import AgentNotified, Notice, NoticeKind
from shared.errors import Conflict
from shared.log import Cause, Fact, Log
from shared.mongo import Client, Database, Document, expire_after, in_transaction
from shared.topics import NOTICES

DAY_S = 24 * 3600
MANY = 100
"""Unread notices are counted up to here."""
MAILED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Made:
    """A notice on its way into the store. `mail_due` None: it is not mailed. `placed_seq`: of which of the
    conversation's events its place is; 0: of none."""

    agent_id: str
    notice: Notice
    ways: Ways
    made_at: datetime
    mail_due: datetime | None
    cause: Cause
    placed_seq: int = 0

    @property
    def event(self) -> AgentNotified:
        return AgentNotified(
            notice_id=self.notice.id,
            agent_id=self.agent_id,
            seq=1,
            at=self.made_at,
            notice=self.notice,
            **self.ways.model_dump(),
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """A notice as it is kept."""

    notice: Notice
    made_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Which:
    """The notices that one has read: those with these ids, of one conversation or ticket, or all until a time."""

    ids: tuple[str, ...] = ()
    conversation_id: str | None = None
    ticket_id: str | None = None
    until: datetime | None = None

    def query(self) -> Document:
        if self.ids:
            return {"_id": {"$in": list(self.ids)}}
        if self.conversation_id:
            return {"conversation_id": self.conversation_id}
        if self.ticket_id:
            return {"ticket_id": self.ticket_id, "conversation_id": None}
        return {"at": {"$lte": self.until}}


class Notices:
    def __init__(self, client: Client, database: Database, log: Log) -> None:
        self._client = client
        self._log = log
        self.rows = database.get_collection("notices")
        self.preferences = database.get_collection("notice_preferences")
        self.mails = database.get_collection("notice_mails")
        self._restored = database.get_collection("restored")

    async def ensure_indexes(self, *, days: int) -> None:
        mine = [("agent_id", ASCENDING)]
        newest = [*mine, ("at", DESCENDING), ("_id", DESCENDING)]
        await self.rows.create_indexes(
            [
                IndexModel(newest, name="newest"),
                IndexModel(newest, name="unread", partialFilterExpression={"read_at": None, "in_app": True}),
                IndexModel([*mine, ("made_at", ASCENDING)], name="to_mail", partialFilterExpression={"to_mail": True}),
                IndexModel([("conversation_id", ASCENDING)]),
            ]
        )
        await expire_after(self.rows, "made_at", days * DAY_S)

    # ── telling ──────────────────────────────────────────────────────────────────────────────────
    async def make(self, wanted: Sequence[Made]) -> list[Made]:
        """Keep those that are new, with their events in the log and their mails to come; which they were."""
        by_id = {one.notice.id: one for one in reversed(wanted)}

        async def work(session: AsyncClientSession) -> list[Made]:
            rows = self.rows.find({"_id": {"$in": list(by_id)}}, projection={"_id": 1}, session=session)
            known = {row["_id"] async for row in rows}
            new = [one for one in by_id.values() if one.notice.id not in known]
            if new:
                await self.rows.insert_many([_document(one) for one in new], ordered=False, session=session)
                await self._log.append([_fact(one) for one in new], session)
                await self._mail_by(new, session)
            return new

        return await in_transaction(self._client, work) if by_id else []

    async def _mail_by(self, new: Iterable[Made], session: AsyncClientSession) -> None:
        """The earliest of an agent's notices says when their mail is looked at; one that is put off stays so."""
        due: dict[str, datetime] = {}
        for one in new:
            if one.mail_due:
                due[one.agent_id] = min(one.mail_due, due.get(one.agent_id, one.mail_due))
        for agent_id, at in due.items():
            put_off = {"$ifNull": ["$due_at", at]}
            change = {
                "due_at": {"$cond": [{"$gt": ["$tries", 0]}, put_off, {"$min": ["$due_at", at]}]},
                "seq": {"$add": [{"$ifNull": ["$seq", 0]}, 1]},
                "tries": {"$ifNull": ["$tries", 0]},
            }
            await self.mails.update_one({"_id": agent_id}, [{"$set": change}], upsert=True, session=session)

    async def moved(self, events: Sequence[Assigned]) -> None:
        """By these events, one of a conversation, they stand elsewhere, and what was told of them goes with them. An
        event that comes again moves nothing back."""
        if events:
            await self.rows.bulk_write([_moved(event) for event in events], ordered=False)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────
    async def page(
        self, viewer: Viewer, *, unread: bool, before: tuple[datetime, str] | None, limit: int
    ) -> list[Kept]:
        """An agent's own, newest first, of what they may see now; `before` is the last one seen."""
        where = {"agent_id": viewer.agent_id, "in_app": True, **visible(viewer)}
        if unread:
            where["read_at"] = None
        if before:
            at, last_id = before
            where["$and"] = [{"$or": [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": last_id}}]}]
        rows = self.rows.find(where).sort([("at", DESCENDING), ("_id", DESCENDING)]).limit(limit)
        return [_kept(row) async for row in rows]

    async def unread(self, viewer: Viewer) -> int:
        """How many there are, no more than `MANY`."""
        where = {"agent_id": viewer.agent_id, "in_app": True, "read_at": None, **visible(viewer)}
        return await self.rows.count_documents(where, limit=MANY)

    async def read(self, agent_id: str, which: Which, now: datetime) -> int:
        """They have read these; they are mailed no more. How many were unread."""
        where = {"agent_id": agent_id, "read_at": None, **which.query()}
        result = await self.rows.update_many(where, {"$set": {"read_at": now, "to_mail": False}})
        return result.modified_count

    # ── preferences ──────────────────────────────────────────────────────────────────────────────
    async def wishes(self, agents: Iterable[str]) -> Mapping[str, Preferences]:
        """By agent; of who never changed any, the default."""
        wanted = list(agents)
        found = {row["_id"]: _preferences(row) async for row in self.preferences.find({"_id": {"$in": wanted}})}
        return {one: found.get(one) or Preferences() for one in wanted}

    async def wish(self, agent_id: str, wanted: Preferences, now: datetime) -> Preferences:
        """Write all of them; `wanted.seq` is the one that their writer saw. Raises Conflict when it is another one by
        now. What is not to be mailed any more is not, and the mail that waits is looked at anew."""

        async def work(session: AsyncClientSession) -> Preferences:
            row = await self.preferences.find_one({"_id": agent_id}, session=session)
            if (row["seq"] if row else 0) != wanted.seq:
                raise Conflict("changed_meanwhile", "This was changed in another window meanwhile.")
            after = wanted.model_copy(update={"seq": wanted.seq + 1})
            document = {"_id": agent_id, **after.model_dump(mode="json")}
            await self.preferences.replace_one({"_id": agent_id}, document, upsert=True, session=session)
            unwanted = {"agent_id": agent_id, "to_mail": True, "kind": {"$nin": list(after.mailed_kinds)}}
            await self.rows.update_many(unwanted, {"$set": {"to_mail": False}}, session=session)
            waiting = {"_id": agent_id, "due_at": {"$exists": True}}
            await self.mails.update_one(waiting, {"$set": {"due_at": now}, "$inc": {"seq": 1}}, session=session)
            return after

        return await in_transaction(self._client, work)

    # ── mails ────────────────────────────────────────────────────────────────────────────────────
    async def to_mail(self, viewer: Viewer, kinds: Sequence[NoticeKind], session: Any = None) -> list[Kept]:
        """What an agent has not read and was not mailed, oldest first: what they may see now, and of what was told
        before a back-up that the desk was restored from, nothing: it may have been mailed since."""
        where: Document = {
            "agent_id": viewer.agent_id,
            "to_mail": True,
            "kind": {"$in": list(kinds)},
            **visible(viewer),
        }
        if restored := await self._restored.find_one({"hold": True}, session=session):
            where["made_at"] = {"$gt": restored["at"]}
        rows = self.rows.find(where, session=session).sort("made_at", ASCENDING).limit(MAILED_AT_ONCE)
        return [_kept(row) async for row in rows]

    async def settle(self, row: Document, due_at: datetime | None, *, tries: int = 0) -> bool:
        """After a look at somebody's mail: when the next one is due, or None. False: something came meanwhile, and it
        is looked at again at once, but after `tries` that failed not before `due_at`."""
        change: Document = {"$set": {"tries": tries}, "$unset": dict.fromkeys(LEASE, "")}
        if due_at:
            change["$set"]["due_at"] = due_at
        else:
            change["$unset"]["due_at"] = ""
        if (await self.mails.update_one({"_id": row["_id"], "seq": row["seq"]}, change)).modified_count:
            return True
        meanwhile: Document = {"tries": tries}
        if tries and due_at:
            meanwhile["due_at"] = {"$max": ["$due_at", due_at]}
        await self.mails.update_one({"_id": row["_id"]}, [{"$set": meanwhile}, {"$unset": list(LEASE)}])
        return False

    async def mailed(self, ids: Sequence[str], now: datetime) -> None:
        """These left; nobody is mailed them again."""
        await self.rows.update_many({"_id": {"$in": list(ids)}}, {"$set": {"to_mail": False, "mailed_at": now}})

    async def unmailable(self, agent_id: str) -> None:
        """Nobody can be mailed what waits for this agent."""
        await self.rows.update_many({"agent_id": agent_id, "to_mail": True}, {"$set": {"to_mail": False}})


def _moved(event: Assigned) -> UpdateMany:
    head = event.head
    where = {
        "team_id": head.team_id,
        "assignee_id": head.assignee_id,
        "brand_id": head.brand_id,
        "channel": head.channel,
    }
    older = {"conversation_id": head.id, "placed_seq": {"$not": {"$gte": event.seq}}}
    return UpdateMany(older, {"$set": {**where, "placed_seq": event.seq}})


def _document(made: Made) -> Document:
    fields = made.notice.model_dump()
    ways = made.ways
    return {
        "_id": fields.pop("id"),
        "agent_id": made.agent_id,
        **fields,
        "placed_seq": made.placed_seq,
        "made_at": made.made_at,
        "read_at": None,
        "in_app": ways.in_app,
        "to_mail": ways.email,
    }


def _fact(made: Made) -> Fact:
    notice_id = made.notice.id
    cause = Cause(notice_id, made.cause.correlation_id, made.cause.traceparent)
    return Fact.of(0, cause, NOTICES, made.agent_id, notice_id, 1, made.made_at, made.event)


def _kept(row: Document) -> Kept:
    notice = Notice(id=row["_id"], **{name: row[name] for name in Notice.model_fields if name != "id"})
    return Kept(notice, row["made_at"], row["read_at"])


def _preferences(row: Document) -> Preferences:
    quiet = row["quiet"]
    return Preferences(
        seq=row["seq"],
        ways=row["ways"],
        quiet=QuietHours.model_validate(quiet) if quiet else None,
        email_after_minutes=row["email_after_minutes"],
    )
