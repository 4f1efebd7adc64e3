"""One transaction's worth of work: what was read, what was decided, and the one save."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pymongo import DeleteOne, InsertOne, ReplaceOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.model.contact import ContactEvent, evolve_contact, handle_keys
from services.tickets.model.evolve import evolve
from services.tickets.model.state import Conversation
from services.tickets.store.documents import (
    contact_document,
    conversation_changes,
    conversation_document,
    read_contact,
    read_conversation,
)
from shared.contracts.contacts import Contact
from shared.contracts.conversations import ConversationEvent
from shared.log import Cause, Fact, Log
from shared.mongo import Collection, Document, StaleVersion, replace_versions
from shared.topics import CONTACTS, CONVERSATIONS

BATCH = 2_000
"""Rows of one answer: MongoDB's own 101 would cost a second round trip for every batch."""


class Work:
    """Lives within one transaction. Later inputs of a batch see what earlier ones left behind.

    Everything is read in a few bulk queries before, and written in a few bulk writes after, as each round
    trip costs more than deciding on a hundred messages.
    """

    def __init__(
        self,
        *,
        log: Log,
        conversations: Collection,
        contacts: Collection,
        timers: Collection,
        tags: Collection,
        session: AsyncClientSession,
        now: datetime,
    ) -> None:
        self.now = now
        self._log = log
        self._conversations = conversations
        self._contacts = contacts
        self._timers = timers
        self._tags = tags
        self._session = session
        self._known: dict[str, Conversation] = {}
        self._read: dict[str, Conversation] = {}
        self._people: dict[str, Contact] = {}
        self._by_handle: dict[str, str] = {}
        self._people_read: dict[str, Contact] = {}
        self._idle_timers: list[str] = []
        self._facts: list[Fact] = []
        self._made: dict[str, int] = {}

    # ── reading ──────────────────────────────────────────────────────────────────────────────────
    async def already_applied(self, ids: Sequence[str]) -> set[str]:
        return await self._log.already_applied(ids, self._session)

    async def load(self, conversation_ids: Iterable[str], handles: Iterable[str] = ()) -> None:
        """Read conversations by id and contacts by handle keys; those that don't exist are None afterwards."""
        found = self._conversations.find({"_id": {"$in": list(set(conversation_ids))}}, session=self._session)
        for document in await found.batch_size(BATCH).to_list(None):
            state = read_conversation(document)
            self._known[state.head.id] = state
            self._read[state.head.id] = state
        keys = list(set(handles))
        if not keys:
            return
        people = self._contacts.find({"handles": {"$in": keys}}, session=self._session)
        for document in await people.batch_size(BATCH).to_list(None):
            contact = read_contact(document)
            self._people_read[contact.id] = contact
            self._keep(contact)

    def conversation(self, conversation_id: str) -> Conversation | None:
        return self._known.get(conversation_id)

    def contact(self, key: str) -> Contact | None:
        """By handle key (`model.contact.handle_key`)."""
        found = self._by_handle.get(key)
        return self._people[found] if found is not None else None

    # ── deciding ─────────────────────────────────────────────────────────────────────────────────
    def record(self, cause: Cause, events: Sequence[ConversationEvent], state: Conversation | None = None) -> None:
        """Take in what was decided for one conversation. `state` is the one after, when it is at hand."""
        if not events:
            return
        conversation_id = events[0].conversation_id
        for event in events:
            self._add(cause, conversation_id, event)
        after = state
        if after is None:
            after = self._known.get(conversation_id)
            for event in events:
                after = evolve(after, event)
        if after is not None:
            self._known[conversation_id] = after

    def record_contact(self, cause: Cause, events: Sequence[ContactEvent]) -> None:
        for event in events:
            self._add(cause, event.contact_id, event)
            before = self._people.get(event.contact_id)
            for key in handle_keys(before) if before else ():
                self._by_handle.pop(key, None)
            self._keep(evolve_contact(before, event))

    def _keep(self, contact: Contact) -> None:
        self._people[contact.id] = contact
        for key in handle_keys(contact):
            self._by_handle[key] = contact.id

    def _add(self, cause: Cause, aggregate_id: str, event: ConversationEvent | ContactEvent) -> None:
        n = self._made.get(cause.id, 0)
        self._made[cause.id] = n + 1
        topic = CONVERSATIONS if isinstance(event, ConversationEvent) else CONTACTS
        self._facts.append(Fact.of(n, cause, topic, aggregate_id, aggregate_id, event.seq, event.at, event))

    def drop_timer(self, conversation_id: str) -> None:
        """A timer came that has nothing to do any more."""
        self._idle_timers.append(conversation_id)

    # ── writing ──────────────────────────────────────────────────────────────────────────────────
    async def save(self, inputs: Sequence[str]) -> None:
        """Write the facts, the states with their version filter, and that `inputs` were applied."""
        await self._log.remember(inputs, self._session)
        await self._log.append(self._facts, self._session)
        await replace_versions(self._contacts, self._changed_people(), self._session)
        await self._save_conversations()

    async def _save_conversations(self) -> None:
        """New ones are inserted, of others the changed fields are set.

        No version stands in the filter: they were read in this transaction, and MongoDB refuses to write what
        somebody changed since its snapshot; the log's unique (aggregate, seq) holds it once more. A filter of
        more than `_id` goes through the query planner, 20 to 30 µs each [measured with 7,000 updates].
        """
        writes: list[InsertOne[Document] | UpdateOne] = []
        changed: list[Conversation] = []
        for after in self._known.values():
            before = self._read.get(after.head.id)
            if before is None:
                writes.append(InsertOne(conversation_document(after)))
            elif before.head.seq != after.head.seq:
                writes.append(UpdateOne({"_id": after.head.id}, {"$set": conversation_changes(before, after)}))
            else:
                continue
            changed.append(after)
        if writes:
            result = await self._conversations.bulk_write(writes, ordered=False, session=self._session)
            if result.inserted_count + result.matched_count != len(writes):
                raise StaleVersion("conversations: one that was read is gone")
        await self._set_timers(changed)
        await self._name_tags(changed)

    async def _name_tags(self, changed: Sequence[Conversation]) -> None:
        """Every tag that was ever used has a row, so that they can be listed; rows are only ever added."""
        new: set[str] = set()
        for one in changed:
            before = self._read.get(one.head.id)
            if before is None or before.head.tags is not one.head.tags:
                new |= set(one.head.tags) - set(before.head.tags if before else ())
        if not new:
            return
        known = self._tags.find({"_id": {"$in": list(new)}}, session=self._session)
        new -= {row["_id"] for row in await known.to_list(None)}
        if new:
            await self._tags.insert_many([{"_id": tag} for tag in sorted(new)], session=self._session)

    def _changed_people(self) -> list[tuple[int, Document]]:
        """Whoever gives up a handle first: a handle that moves would otherwise be two people's for a moment."""
        changed: list[tuple[bool, int, Document]] = []
        for one in self._people.values():
            before = self._people_read.get(one.id)
            if before is None or before.seq != one.seq:
                gives_up = before is not None and not set(handle_keys(before)) <= set(handle_keys(one))
                changed.append((gives_up, before.seq if before else 0, contact_document(one)))
        changed.sort(key=lambda change: not change[0])
        return [(seq, document) for _, seq, document in changed]

    async def _set_timers(self, changed: Sequence[Conversation]) -> None:
        """A snoozed conversation has one timer row, with its own id; any other has none."""
        writes: list[ReplaceOne[Document] | DeleteOne] = [DeleteOne({"_id": one}) for one in self._idle_timers]
        for one in changed:
            until = one.head.snoozed_until
            before = self._read.get(one.head.id)
            if until == (before.head.snoozed_until if before else None):
                continue
            if until is None:
                writes.append(DeleteOne({"_id": one.head.id}))
            else:
                writes.append(ReplaceOne({"_id": one.head.id}, {"_id": one.head.id, "due_at": until}, upsert=True))
        if writes:
            await self._timers.bulk_write(writes, ordered=False, session=self._session)
