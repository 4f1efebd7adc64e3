"""Tickets within one transaction: read, written and linked together with the conversations of a `Work`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import DeleteOne, InsertOne, ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.model.ticket import due_by, evolve_ticket
from shared.contracts.tickets import TicketEvent, TicketHead
from shared.mongo import Collection, Database, Document, replace_versions

DUE_BY = "due_by"
"""What the list is sorted by (`due_by`), kept with each ticket."""


@dataclass(frozen=True, slots=True)
class TicketCollections:
    """`links` has one row for each ticket and conversation that belong together; `news` what is still to be told to
    conversations, in rows that a timer takes up; `counters` the last ticket's number."""

    tickets: Collection
    links: Collection
    news: Collection
    counters: Collection

    @classmethod
    def of(cls, database: Database) -> TicketCollections:
        names = ("tickets", "ticket_links", "ticket_news", "counters")
        return cls(*(database.get_collection(name) for name in names))


def ticket_document(head: TicketHead, one_per: str | None) -> Document:
    document = head.model_dump()
    document["_id"] = document.pop("id")
    document[DUE_BY] = due_by(head)
    # Left out rather than None: the unique index would take two Nones for one.
    return document if one_per is None else {**document, "one_per": one_per}


def read_ticket(document: Document) -> TicketHead:
    fields = dict(document)
    fields["id"] = fields.pop("_id")
    fields.pop("one_per", None)
    fields.pop(DUE_BY, None)
    return TicketHead.model_validate(fields)


def link_id(ticket_id: str, conversation_id: str) -> str:
    return f"{ticket_id}|{conversation_id}"


class TicketWork:
    """The ticket part of one `Work`."""

    def __init__(self, collections: TicketCollections, session: AsyncClientSession) -> None:
        self._in = collections
        self._session = session
        self._known: dict[str, TicketHead] = {}
        self._read: dict[str, TicketHead] = {}
        self._one_per: dict[str, str | None] = {}
        self._links: list[InsertOne[Document] | DeleteOne] = []
        self._news: list[Document] = []

    async def load(self, ticket_id: str) -> TicketHead | None:
        if ticket_id not in self._known:
            row = await self._in.tickets.find_one({"_id": ticket_id}, session=self._session)
            if row is None:
                return None
            self._known[ticket_id] = self._read[ticket_id] = read_ticket(row)
            self._one_per[ticket_id] = row.get("one_per")
        return self._known[ticket_id]

    async def of_key(self, one_per: str) -> TicketHead | None:
        """The ticket that has this key already."""
        row = await self._in.tickets.find_one({"one_per": one_per}, session=self._session)
        return read_ticket(row) if row else None

    async def next_number(self) -> int:
        row = await self._in.counters.find_one_and_update(
            {"_id": "ticket"},
            {"$inc": {"last": 1}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=self._session,
        )
        return int(row["last"]) if row else 1

    async def is_linked(self, ticket_id: str, conversation_id: str) -> bool:
        wanted = {"_id": link_id(ticket_id, conversation_id)}
        return await self._in.links.find_one(wanted, session=self._session) is not None

    async def linked_after(self, ticket_id: str, after: str, limit: int) -> list[str]:
        """Ids of linked conversations in their own order, beyond `after`."""
        wanted = {"ticket_id": ticket_id, "conversation_id": {"$gt": after}}
        found = self._in.links.find(wanted, session=self._session).sort("conversation_id", 1).limit(limit)
        return [row["conversation_id"] for row in await found.to_list(None)]

    # ── taking in ────────────────────────────────────────────────────────────────────────────────
    def take(self, events: Sequence[TicketEvent]) -> None:
        for event in events:
            self._known[event.ticket_id] = evolve_ticket(self._known.get(event.ticket_id), event)

    def key(self, ticket_id: str, one_per: str | None) -> None:
        self._one_per[ticket_id] = one_per

    def link(self, ticket_id: str, conversation_id: str, at: datetime) -> None:
        row = {"_id": link_id(ticket_id, conversation_id), "ticket_id": ticket_id, "at": at}
        self._links.append(InsertOne({**row, "conversation_id": conversation_id}))

    def unlink(self, ticket_id: str, conversation_id: str) -> None:
        self._links.append(DeleteOne({"_id": link_id(ticket_id, conversation_id)}))

    def tell(self, news: Iterable[tuple[str, Document]], due_at: datetime) -> None:
        """Leave news, each with its id, for the linked conversations; they are told in portions, right after this."""
        self._news += [{"_id": id_, "due_at": due_at, "after": "", **what} for id_, what in news]

    async def has_news_before(self, row: Document) -> bool:
        """Whether something that happened to the ticket before is still to be told."""
        earlier = {"ticket_id": row["ticket_id"], "link.seq": {"$lt": row["link"]["seq"]}}
        return await self._in.news.find_one(earlier, projection={"_id": 1}, session=self._session) is not None

    async def news_told(self, row: Document, *, after: str | None, at: datetime) -> None:
        """A portion is told: go on beyond `after`, or (None) all of it is done, and what comes next need not wait."""
        if after is None:
            await self._in.news.delete_one({"_id": row["_id"]}, session=self._session)
            next_ = {"ticket_id": row["ticket_id"], "link.seq": {"$gt": row["link"]["seq"]}}
            due = {"$set": {"due_at": at}}
            await self._in.news.find_one_and_update(next_, due, sort=[("link.seq", 1)], session=self._session)
            return
        go_on = {"$set": {"after": after, "due_at": at}, "$unset": {"lease_until": "", "lease_by": ""}}
        await self._in.news.update_one({"_id": row["_id"]}, go_on, session=self._session)

    async def save(self) -> None:
        changes = [
            (self._read[id_].seq if id_ in self._read else 0, ticket_document(head, self._one_per.get(id_)))
            for id_, head in self._known.items()
            if id_ not in self._read or self._read[id_].seq != head.seq
        ]
        await replace_versions(self._in.tickets, changes, self._session)
        if self._links:
            await self._in.links.bulk_write(self._links, ordered=True, session=self._session)
        if self._news:
            await self._in.news.insert_many(self._news, session=self._session)
