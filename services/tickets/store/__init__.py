"""Every query and index of tickets; `change` is the one way to write conversations and contacts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from bson.timestamp import Timestamp
from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.model.merge import Merge
from services.tickets.model.state import Conversation
from services.tickets.store import contacts, inbox_indexes, inboxes, standings, tickets
from services.tickets.store.activity import ActivityStore
from services.tickets.store.audit import Author
from services.tickets.store.bulk import BulkStore
from services.tickets.store.counts import OpenCounts
from services.tickets.store.daily import DailyStore
from services.tickets.store.departures import DepartureStore
from services.tickets.store.directory import DirectoryStore
from services.tickets.store.documents import MERGED, read_conversation, read_merge
from services.tickets.store.drafts import DraftStore, OutboxStore
from services.tickets.store.forgotten import ForgottenStore
from services.tickets.store.holdings import Holdings
from services.tickets.store.identities import IdentityStore
from services.tickets.store.inbox_indexes import EPOCH
from services.tickets.store.macros import SharedMacros
from services.tickets.store.preferences import PreferenceStore
from services.tickets.store.second_factors import SecondFactorStore
from services.tickets.store.sidebar import SidebarStore
from services.tickets.store.sign_in import SignInStore
from services.tickets.store.tag_changes import TagChangeStore
from services.tickets.store.ticket_work import TicketCollections, read_ticket
from services.tickets.store.work import Needs, Work
from shared.clock import Clock
from shared.contracts.contacts import Contact
from shared.contracts.conversations import Head
from shared.contracts.directory import AgentChanged
from shared.contracts.tickets import TicketHead
from shared.log import Log, LogRow
from shared.mongo import Client, Database, Document, expire_after, in_transaction, read_at_once
from shared.scope import Scope

T = TypeVar("T")

DIALED_MAX = 50

MESSAGES = ("ConversationStarted", "CustomerReplied", "ReplySent")
"""Events that a visitor may see."""


class Store:
    """The collections of one tickets database."""

    def __init__(
        self, client: Client, database: Database, clock: Clock, zone_of: Callable[[str], str] = lambda _: "UTC"
    ) -> None:
        """`zone_of`: a brand's time zone, for what is counted by day."""
        self.client = client
        self.clock = clock
        self.log = Log(database, clock)
        self.lists = inboxes.Lists.of(database)
        self.conversations = self.lists.conversations
        self.contacts = database.get_collection("contacts")
        self.merges = database.get_collection("contact_merges")
        self.timers = database.get_collection("timers")
        self.tags = database.get_collection("tags")
        self.call_homes = database.get_collection("call_homes")
        self.reads = database.get_collection("reads")
        self.automatic_replies = database.get_collection("automatic_replies")
        self.counts = OpenCounts(self.conversations)
        self.holdings = Holdings(self.conversations)
        self.daily = DailyStore(client, database, zone_of)
        self.tickets = TicketCollections.of(database)
        self.directory = DirectoryStore(client, database, self.log, clock)
        self.macros = SharedMacros(client, database, self.log, self.directory)
        self.sign_in = SignInStore(database, clock)
        self.forgotten = ForgottenStore(database, clock)
        self.second_factors = SecondFactorStore(database)
        self.identities = IdentityStore(database)
        self.departures = DepartureStore(database)
        self.sidebar = SidebarStore(database)
        self.bulk = BulkStore(client, database)
        self.tag_changes = TagChangeStore(client, database)
        self.drafts = DraftStore(client, database, clock)
        self.outbox = OutboxStore(database)
        self.preferences = PreferenceStore(database)
        self.activity = ActivityStore(database, self.conversations)

    async def ensure_indexes(self) -> None:
        await self.log.ensure_indexes()
        await inbox_indexes.ensure_indexes(self.conversations)
        await standings.ensure_indexes(self.lists.standings)
        await contacts.ensure_indexes(self.contacts)
        await self.merges.create_index("kept.id")
        await expire_after(self.automatic_replies, "at", 24 * 3600)
        await tickets.ensure_indexes(self.tickets)
        await self.directory.ensure_indexes()
        await self.macros.ensure_indexes()
        await self.sign_in.ensure_indexes()
        await self.identities.ensure_indexes()
        await self.sidebar.ensure_indexes()
        await self.bulk.ensure_indexes()
        await self.tag_changes.ensure_indexes()
        await self.drafts.ensure_indexes()
        await self.outbox.ensure_indexes()
        await self.daily.ensure_indexes()
        await self.activity.ensure_indexes()

    async def change(self, decide: Callable[[Work], Awaitable[T]], needs: Needs | None = None) -> T:
        """Run `decide` on a fresh unit of work in one transaction; again from the start after a conflict. `needs` is
        read before, at once."""
        rows: list[Document] = []

        async def read(needs: Needs) -> Timestamp:
            rows[:], at = await read_at_once(self.log.database, needs.asked())
            return at

        async def in_one(session: AsyncClientSession) -> T:
            work = Work(
                log=self.log,
                conversations=self.conversations,
                standings=self.lists.standings,
                contacts=self.contacts,
                merges=self.merges,
                timers=self.timers,
                tags=self.tags,
                homes=self.call_homes,
                tickets=self.tickets,
                daily=self.daily,
                session=session,
                now=self.clock(),
            )
            if needs:
                work.take(needs, rows)
            return await decide(work)

        return await in_transaction(self.client, in_one, first=(lambda: read(needs)) if needs else None)

    async def set_password(self, token: str, agent_id: str, password: str, author: Author) -> AgentChanged | None:
        """By a link for a new one, which is used up; the agent's sessions, access tokens and other links end with it.
        `password`: its hash. None, and nothing set: the link opens the account no more. Of two at once one does."""

        async def still_opens(agent: Document, session: AsyncClientSession) -> bool:
            link = await self.sign_in.take_link(token, "reset", session)
            if link is None or not link.opens(agent):
                return False
            await self.sign_in.close_sessions_of(agent_id, session=session)
            await self.sign_in.drop_links(agent_id, session)
            return True

        private = {"password": password}
        return await self.directory.end_tokens(agent_id, private=private, author=author, only_if=still_opens)

    async def conversation(self, conversation_id: str) -> Conversation | None:
        document = await self.conversations.find_one({"_id": conversation_id})
        return read_conversation(document) if document else None

    async def home(self, conversation_id: str) -> Conversation | None:
        """The conversation, or the one that it was merged into."""
        found = await self.conversation(conversation_id)
        while found is not None and found.head.merged_into is not None:
            found = await self.conversation(found.head.merged_into)
        return found

    async def dialed(self, numbers: Iterable[str], session: AsyncClientSession) -> list[Head]:
        """Conversations whose agent last asked for a call to one of these numbers, the latest ones."""
        wanted = {"dial.number": {"$in": sorted(numbers)}, "dial.asked_at": {"$gt": EPOCH}}
        found = self.conversations.find(wanted, hint="dialed", session=session).sort([("dial.asked_at", -1)])
        return [read_conversation(row).head for row in await found.limit(DIALED_MAX).to_list(None)]

    async def heads(self, conversation_ids: Sequence[str]) -> dict[str, Head]:
        """By id; those that don't exist are left out."""
        found = self.conversations.find({"_id": {"$in": list(conversation_ids)}})
        return {row["_id"]: read_conversation(row).head for row in await found.to_list(None)}

    async def contact(self, contact_id: str) -> Contact | None:
        """The contact, or the one that stands for it since they were merged."""
        return await contacts.find_contact(self.contacts, contact_id)

    async def merges_into(self, contact_id: str) -> list[Merge]:
        """The duplicates that one contact stands for, as both were before; the latest first."""
        found = self.merges.find({"kept.id": contact_id}).sort([("at", -1)])
        return [read_merge(row) for row in await found.to_list(None)]

    async def of_contact(self, contact: Contact, scope: Scope, limit: int) -> list[Head]:
        """The latest conversations of a contact and its duplicates, of those that somebody sees."""
        own = {"contact_id": {"$in": [contact.id, *contact.merged_ids]}, "merged_into": None}
        wanted = {**own, **scope.query()}
        found = self.conversations.find(wanted, hint="of_contact").sort([("started_at", -1), ("_id", -1)])
        return [read_conversation(row).head for row in await found.limit(limit).to_list(None)]

    async def ticket(self, ticket_id: str) -> TicketHead | None:
        document = await self.tickets.tickets.find_one({"_id": ticket_id})
        return read_ticket(document) if document else None

    async def of_visitor(self, visitor_id: str, brand_id: str, limit: int) -> list[Conversation]:
        """A messenger visitor's own conversations with one brand, oldest first, the latest `limit`."""
        any_status = {"$in": [*inboxes.ANY_STATUS["$in"], MERGED]}
        wanted = {"boxes": f"visitor:{visitor_id}", "status": any_status, "brand_id": brand_id}
        found = self.conversations.find(wanted, hint="inbox_started").sort([("started_at", -1), ("_id", -1)])
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

    async def unread(self, agent_id: str, customer_seqs: Mapping[str, int]) -> set[str]:
        """Ids of those whose customer has written since the agent read them, of conversations by `customer_seq`."""
        ids = {f"{agent_id}|{one}": one for one, seq in customer_seqs.items() if seq}
        rows = await self.reads.find({"_id": {"$in": list(ids)}}).to_list(None) if ids else []
        read = {ids[row["_id"]]: row["seq"] for row in rows}
        return {one for one, seq in customer_seqs.items() if seq > read.get(one, 0)}
