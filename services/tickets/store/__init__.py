"""Every query and index of tickets; `change` is the one way to write conversations and contacts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from pymongo import ASCENDING, IndexModel, UpdateOne

from services.tickets.model.state import Conversation
from services.tickets.store import inboxes
from services.tickets.store.directory import DirectoryStore
from services.tickets.store.documents import read_conversation
from services.tickets.store.sign_in import SignInStore
from services.tickets.store.work import Work
from shared.clock import Clock
from shared.log import Log, LogRow
from shared.mongo import Client, Database, in_transaction

T = TypeVar("T")

MESSAGES = ("ConversationStarted", "CustomerReplied", "ReplySent")
"""Events that a visitor may see."""


class Store:
    """The collections of one tickets database."""

    def __init__(self, client: Client, database: Database, clock: Clock) -> None:
        self.client = client
        self.clock = clock
        self.log = Log(database, clock)
        self.conversations = database.get_collection("conversations")
        self.contacts = database.get_collection("contacts")
        self.timers = database.get_collection("timers")
        self.tags = database.get_collection("tags")
        self.reads = database.get_collection("reads")
        self.directory = DirectoryStore(client, database, self.log, clock)
        self.sign_in = SignInStore(database, clock)

    async def ensure_indexes(self) -> None:
        await self.log.ensure_indexes()
        await self.conversations.create_indexes(inboxes.INDEXES)
        # One handle, one person: two that write for the first time at once meet here, and one runs again.
        await self.contacts.create_indexes(
            [IndexModel([("handles", ASCENDING)], unique=True, partialFilterExpression={"handles": {"$gt": ""}})]
        )
        await self.directory.ensure_indexes()
        await self.sign_in.ensure_indexes()

    async def change(self, decide: Callable[[Work], Awaitable[T]]) -> T:
        """Run `decide` on a fresh unit of work in one transaction; again from the start after a conflict."""

        async def work(session: Any) -> T:
            return await decide(
                Work(
                    log=self.log,
                    conversations=self.conversations,
                    contacts=self.contacts,
                    timers=self.timers,
                    tags=self.tags,
                    session=session,
                    now=self.clock(),
                )
            )

        return await in_transaction(self.client, work)

    async def conversation(self, conversation_id: str) -> Conversation | None:
        document = await self.conversations.find_one({"_id": conversation_id})
        return read_conversation(document) if document else None

    async def of_visitor(self, visitor_id: str, brand_id: str, limit: int) -> list[Conversation]:
        """A messenger visitor's own conversations with one brand, oldest first, the latest `limit`."""
        wanted = {"boxes": f"visitor:{visitor_id}", "status": inboxes.ANY_STATUS, "brand_id": brand_id}
        found = self.conversations.find(wanted, hint="box_started").sort([("started_at", -1), ("_id", -1)])
        return [read_conversation(row) for row in reversed(await found.limit(limit).to_list(None))]

    async def messages(self, conversation_id: str, limit: int) -> list[LogRow]:
        """The latest events that carry a message for or from the customer, in order."""
        rows = await self.log.read(conversation_id, limit=limit, newest_first=True)
        return [row for row in reversed(rows) if row.name in MESSAGES]

    # ── what each agent has read ─────────────────────────────────────────────────────────────────
    async def mark_read(self, agent_id: str, conversation_id: str, seq: int) -> None:
        """Remember the furthest that an agent has read; going back changes nothing."""
        await self.reads.update_one({"_id": f"{agent_id}|{conversation_id}"}, {"$max": {"seq": seq}}, upsert=True)

    async def mark_all_read(self, agent_ids: Sequence[str], seqs: Mapping[str, int]) -> None:
        """The same for many agents and conversations (`seqs` by conversation id), in one write."""
        writes = [
            UpdateOne({"_id": f"{agent_id}|{one}"}, {"$max": {"seq": seq}}, upsert=True)
            for agent_id in agent_ids
            for one, seq in seqs.items()
        ]
        if writes:
            await self.reads.bulk_write(writes, ordered=False)

    async def unread(self, agent_id: str, found: Sequence[Conversation]) -> set[str]:
        """Ids of those whose customer has written since the agent read them."""
        ids = [f"{agent_id}|{one.head.id}" for one in found if one.customer_seq]
        read = {row["_id"]: row["seq"] async for row in self.reads.find({"_id": {"$in": ids}})} if ids else {}
        return {one.head.id for one in found if one.customer_seq > read.get(f"{agent_id}|{one.head.id}", 0)}
