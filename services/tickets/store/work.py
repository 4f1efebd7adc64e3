"""One transaction's worth of work: what was read, what was decided, and the one save."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pymongo import DeleteOne, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.model.contact import ContactEvent, evolve_contact, handle_keys
from services.tickets.model.evolve import evolve
from services.tickets.model.state import Conversation
from services.tickets.store.documents import (
    contact_document,
    conversation_document,
    read_contact,
    read_conversation,
)
from shared.contracts.contacts import Contact
from shared.contracts.conversations import ConversationEvent
from shared.log import Cause, Fact, Log
from shared.mongo import Collection, Document, replace_versions
from shared.topics import CONTACTS, CONVERSATIONS


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
        session: AsyncClientSession,
        now: datetime,
    ) -> None:
        self.now = now
        self._log = log
        self._conversations = conversations
        self._contacts = contacts
        self._timers = timers
        self._session = session
        self._known: dict[str, Conversation] = {}
        self._read_seq: dict[str, int] = {}
        self._people: dict[str, Contact] = {}
        self._by_handle: dict[str, str] = {}
        self._people_read: dict[str, Contact] = {}
        self._snoozed: dict[str, datetime | None] = {}
        self._idle_timers: list[str] = []
        self._facts: list[Fact] = []
        self._made: dict[str, int] = {}

    # ── reading ──────────────────────────────────────────────────────────────────────────────────
    async def already_applied(self, ids: Sequence[str]) -> set[str]:
        return await self._log.already_applied(ids, self._session)

    async def load(self, conversation_ids: Iterable[str], handles: Iterable[str] = ()) -> None:
        """Read conversations by id and contacts by handle keys; those that don't exist are None afterwards."""
        found = self._conversations.find({"_id": {"$in": list(set(conversation_ids))}}, session=self._session)
        for document in await found.to_list(None):
            state = read_conversation(document)
            self._known[state.head.id] = state
            self._read_seq[state.head.id] = state.head.seq
            self._snoozed[state.head.id] = state.head.snoozed_until
        keys = list(set(handles))
        if not keys:
            return
        people = self._contacts.find({"handles": {"$in": keys}}, session=self._session)
        for document in await people.to_list(None):
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
        self._facts.append(Fact.of(n, cause, topic, aggregate_id, aggregate_id, event.seq, self.now, event))

    def drop_timer(self, conversation_id: str) -> None:
        """A timer came that has nothing to do any more."""
        self._idle_timers.append(conversation_id)

    # ── writing ──────────────────────────────────────────────────────────────────────────────────
    async def save(self, inputs: Sequence[str]) -> None:
        """Write the facts, the states with their version filter, and that `inputs` were applied."""
        await self._log.remember(inputs, self._session)
        await self._log.append(self._facts, self._session)
        await replace_versions(self._contacts, self._changed_people(), self._session)
        changed = [
            (self._read_seq.get(one.head.id, 0), one)
            for one in self._known.values()
            if one.head.seq != self._read_seq.get(one.head.id, 0)
        ]
        documents = [(before, conversation_document(one)) for before, one in changed]
        await replace_versions(self._conversations, documents, self._session)
        await self._set_timers([one for _, one in changed])

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
            if until == self._snoozed.get(one.head.id):
                continue
            if until is None:
                writes.append(DeleteOne({"_id": one.head.id}))
            else:
                writes.append(ReplaceOne({"_id": one.head.id}, {"_id": one.head.id, "due_at": until}, upsert=True))
        if writes:
            await self._timers.bulk_write(writes, ordered=False, session=self._session)
