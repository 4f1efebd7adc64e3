"""One transaction's worth of work: what was read, what was decided, and the one save."""

from __future__ import annotations

from collections.abc import Collection as Several
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import DESCENDING, DeleteOne, InsertOne, ReplaceOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.model.contact import evolve_contact, handle_keys
from services.tickets.model.evolve import evolve
from services.tickets.model.merge import Merge
from services.tickets.model.state import Conversation
from services.tickets.model.talks import Facts, joined, of_conversation, of_event
from services.tickets.store.daily import DailyStore
from services.tickets.store.documents import (
    changed_contacts,
    conversation_changes,
    conversation_document,
    merge_document,
    read_contact,
    read_conversation,
    read_merge,
)
from services.tickets.store.snoozes import snooze_write
from services.tickets.store.standings import standing_write
from services.tickets.store.talk_work import TalkWork
from services.tickets.store.ticket_work import TicketCollections, TicketWork
from shared.contracts.contacts import Contact, ContactEvent
from shared.contracts.conversations import ConversationEvent, Head
from shared.contracts.tickets import TicketEvent, TicketFieldsChanged
from shared.log import Cause, Fact, Log
from shared.mongo import Asked, Collection, Document, StaleVersion, replace_versions
from shared.topics import CONTACTS, CONVERSATIONS, TICKETS, Topic

BATCH = 2_000
"""Rows of one answer: MongoDB's own 101 would cost a second round trip for every batch."""


@dataclass(frozen=True)
class Needs:
    """What a batch will be decided on, as far as that is known before: by the ids of its inputs and conversations, and
    by handle keys."""

    inputs: Sequence[str]
    conversations: Several[str]
    handles: Several[str]

    def asked(self) -> list[Asked]:
        found = Log.asked(self.inputs, by_events=True)
        found.append(Asked("conversations", _by_id(self.conversations)))
        return [*found, Asked("contacts", _by_handle(self.handles))] if self.handles else found


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
        standings: Collection,
        contacts: Collection,
        merges: Collection,
        timers: Collection,
        tags: Collection,
        homes: Collection,
        tickets: TicketCollections,
        daily: DailyStore,
        session: AsyncClientSession,
        now: datetime,
    ) -> None:
        self.now = now
        self.tickets = TicketWork(tickets, session)
        self._talks = TalkWork(contacts, session)
        self._log = log
        self._conversations = conversations
        self._standings = standings
        self._contacts = contacts
        self._merges = merges
        self._timers = timers
        self._tags = tags
        self._homes = homes
        self._daily = daily
        self._happened: list[ConversationEvent] = []
        self._did: list[tuple[str, Facts]] = []
        self._home_of: dict[str, str] = {}
        self._adopted: list[InsertOne[Document]] = []
        self.session = session
        self._looked: set[str] = set()
        self._looked_for: set[str] = set()
        self._applied: set[str] | None = None
        self._known: dict[str, Conversation] = {}
        self._read: dict[str, Conversation] = {}
        self._people: dict[str, Contact] = {}
        self._by_handle: dict[str, str] = {}
        self._people_read: dict[str, Contact] = {}
        self._merge_writes: list[ReplaceOne[Document] | DeleteOne] = []
        self._idle_timers: list[str] = []
        self._facts: list[Fact] = []
        self._made: dict[str, int] = {}

    # ── reading ──────────────────────────────────────────────────────────────────────────────────
    def take(self, needs: Needs, rows: Iterable[Document]) -> None:
        """What was read at once, at the moment of this transaction, for `needs`."""
        others: list[Document] = []
        for row in rows:
            if "boxes" in row:
                self._take_conversation(row)
            elif "handles" in row:
                self._take_contact(row)
            else:
                others.append(row)
        self._applied = self._log.known(needs.inputs, others)
        self._looked |= set(needs.conversations)
        self._looked_for |= set(needs.handles)

    def _take_conversation(self, row: Document) -> None:
        state = read_conversation(row)
        self._known[state.head.id] = self._read[state.head.id] = state

    def _take_contact(self, row: Document) -> None:
        contact = read_contact(row)
        self._people_read[contact.id] = contact
        self._talks.read(row)
        self._keep(contact)

    async def already_applied(self, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that were saved before; of what was read at once, `ids` are its inputs."""
        if self._applied is not None:
            return self._applied
        return await self._log.already_applied(ids, self.session, by_events=True)

    async def filled_in_since(self, ticket_id: str, seq: int) -> TicketFieldsChanged | None:
        """The latest change of a ticket's form after its event `seq`."""
        wanted = {"aggregate_id": ticket_id, "seq": {"$gt": seq}, "type": TICKETS.type_of(TicketFieldsChanged)}
        row = await self._log.rows.find_one(wanted, sort=[("seq", DESCENDING)], session=self.session)
        return TicketFieldsChanged.read(row["value"]) if row else None

    async def load(self, conversation_ids: Iterable[str], handles: Iterable[str] = ()) -> None:
        """Read conversations by id, those that they were merged into, and contacts by handle keys; those that don't
        exist are None afterwards. What was read before stays as it is here."""
        wanted = set(conversation_ids) - self._looked
        while wanted or (wanted := self._merged_into()):
            found = self._conversations.find(_by_id(wanted), session=self.session)
            for row in await found.batch_size(BATCH).to_list(None):
                self._take_conversation(row)
            self._looked |= wanted
            wanted = set()
        if keys := set(handles) - self._looked_for:
            await self._load_people(_by_handle(keys))
            self._looked_for |= keys

    def _merged_into(self) -> set[str]:
        """The conversations that those which are known here were merged into, and which are not."""
        return {one.head.merged_into for one in self._known.values() if one.head.merged_into} - self._looked

    async def load_homes(self, call_conversation_ids: Sequence[str]) -> None:
        """Which conversations these calls belong to, of those that were asked for in one. A call that already is a
        conversation stays one."""
        ids = list(set(call_conversation_ids))
        found = self._homes.find({"_id": {"$in": ids}}, session=self.session)
        self._home_of |= {row["_id"]: row["conversation_id"] for row in await found.to_list(None)}

    def home(self, conversation_id: str) -> str:
        """Where an input's conversation is: another one for a call that was asked for there."""
        return self._home_of.get(conversation_id, conversation_id)

    def adopt(self, call_conversation_id: str, conversation_id: str) -> None:
        """From now on all that is heard of this call belongs to that conversation."""
        if call_conversation_id not in self._home_of:
            self._home_of[call_conversation_id] = conversation_id
            row = {"_id": call_conversation_id, "conversation_id": conversation_id, "at": self.now}
            self._adopted.append(InsertOne(row))

    async def load_people(self, contact_ids: Sequence[str], handles: Iterable[str] = ()) -> None:
        """Contacts by id, those that stand for them since they were merged, and who has these handles."""
        ids = list(contact_ids)
        either: list[Document] = [_by_id(ids), {"merged_ids": {"$in": ids}}]
        if keys := set(handles):
            either.append(_by_handle(keys))
        await self._load_people({"$or": either})

    async def _load_people(self, wanted: Document) -> None:
        people = self._contacts.find(wanted, session=self.session)
        for row in await people.batch_size(BATCH).to_list(None):
            self._take_contact(row)

    async def merge_of(self, merged_id: str) -> Merge | None:
        """How both were before this one became part of another; None when it is no duplicate."""
        row = await self._merges.find_one({"_id": merged_id}, session=self.session)
        return read_merge(row) if row else None

    def conversation(self, conversation_id: str) -> Conversation | None:
        """By id: the conversation, or the one that it was merged into, where all that comes for it belongs."""
        found = self._known.get(conversation_id)
        while found is not None and found.head.merged_into is not None:
            found = self._known.get(found.head.merged_into)
        return found

    def itself(self, conversation_id: str) -> Conversation | None:
        """By id, a merged one as itself."""
        return self._known.get(conversation_id)

    def contact(self, key: str) -> Contact | None:
        """By handle key (`model.contact.handle_key`)."""
        found = self._by_handle.get(key)
        return self._people[found] if found is not None else None

    def person(self, contact_id: str) -> Contact | None:
        """By id: the contact, or the one that stands for it."""
        found = self._people.get(contact_id)
        if found is not None and found.merged_into is None:
            return found
        return next((one for one in self._people.values() if contact_id in one.merged_ids), found)

    def exactly(self, contact_id: str) -> Contact | None:
        """By id, a duplicate as itself."""
        return self._people.get(contact_id)

    # ── deciding ─────────────────────────────────────────────────────────────────────────────────
    def record(self, cause: Cause, events: Sequence[ConversationEvent], state: Conversation | None = None) -> None:
        """Take in what was decided for one conversation. `state` is the one after, when it is at hand."""
        if not events:
            return
        conversation_id = events[0].conversation_id
        for event in events:
            self._add(cause, conversation_id, event)
        self._happened.extend(events)
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

    def record_activity(self, contact_id: str, facts: Facts) -> None:
        """What a contact did in a product, for segments."""
        self._did.append((contact_id, facts))

    def remember_merge(self, merge: Merge) -> None:
        row = merge_document(merge)
        self._merge_writes.append(ReplaceOne({"_id": row["_id"]}, row, upsert=True))

    def forget_merge(self, merged_id: str) -> None:
        self._merge_writes.append(DeleteOne({"_id": merged_id}))

    def record_ticket(self, cause: Cause, events: Sequence[TicketEvent]) -> None:
        for event in events:
            self._add(cause, event.ticket_id, event)
        self.tickets.take(events)

    def _keep(self, contact: Contact) -> None:
        self._people[contact.id] = contact
        for key in handle_keys(contact):
            self._by_handle[key] = contact.id

    def _add(self, cause: Cause, aggregate_id: str, event: ConversationEvent | ContactEvent | TicketEvent) -> None:
        n = self._made.get(cause.id, 0)
        self._made[cause.id] = n + 1
        self._facts.append(Fact.of(n, cause, _topic_of(event), aggregate_id, aggregate_id, event.seq, event.at, event))

    def drop_timer(self, conversation_id: str) -> None:
        """A timer came that has nothing to do any more."""
        self._idle_timers.append(conversation_id)

    # ── writing ──────────────────────────────────────────────────────────────────────────────────
    async def save(self, inputs: Sequence[str]) -> None:
        """Write the facts, the states with their version filter, and that `inputs` were applied: of one that led to
        an event that event says so."""
        await self._log.remember([one for one in inputs if one not in self._made], self.session)
        await self._log.append(self._facts, self.session)
        await self._save_contacts()
        if self._merge_writes:
            await self._merges.bulk_write(self._merge_writes, session=self.session)
        if self._adopted:
            await self._homes.bulk_write(self._adopted, session=self.session)
        await self._save_conversations()
        await self._daily.add(self._happened, self.session)
        await self.tickets.save()

    async def _save_contacts(self) -> None:
        """Who changed as a whole; of others only what their conversations come to, which is no change of the contact:
        its version stays."""
        await self._talks.settle(self._talked(), self._people_read, self._people)
        changed = changed_contacts(self._people_read, self._people, self._talks.fields)
        await replace_versions(self._contacts, changed, self.session)
        if writes := self._talks.writes({document["_id"] for _, document in changed}):
            await self._contacts.bulk_write(writes, ordered=False, session=self.session)

    def _talked(self) -> dict[str, Facts]:
        """What happened in conversations and products, by the contact as whom it was written."""
        found: dict[str, Facts] = {}
        for one in self._known.values():
            before = self._before(one)
            if (before is None or before.seq != one.head.seq) and (change := of_conversation(before, one.head)):
                _add(found, one.head.contact_id, change)
        for event in self._happened:
            if change := of_event(event):
                _add(found, event.head.contact_id, change)
        for contact_id, change in self._did:
            _add(found, contact_id, change)
        return found

    async def _save_conversations(self) -> None:
        """New ones are inserted, of others the changed fields are set.

        No version stands in the filter: they were read in this transaction, and MongoDB refuses to write what
        somebody changed since its snapshot; the log's unique (aggregate, seq) holds it once more. A filter of
        more than `_id` goes through the query planner, 20 to 30 µs each [measured with 7,000 updates].
        Lists find each where it stands from the same moment on.
        """
        writes: list[InsertOne[Document] | UpdateOne] = []
        moves: list[InsertOne[Document] | ReplaceOne[Document]] = []
        changed: list[Conversation] = []
        for after in self._known.values():
            before = self._read.get(after.head.id)
            changes = None
            if before is None:
                writes.append(InsertOne(conversation_document(after)))
            elif before.head.seq != after.head.seq:
                changes = conversation_changes(before, after)
                writes.append(UpdateOne({"_id": after.head.id}, {"$set": changes}))
            else:
                continue
            changed.append(after)
            if move := standing_write(after.head, changes):
                moves.append(move)
        if writes:
            result = await self._conversations.bulk_write(writes, ordered=False, session=self.session)
            if result.inserted_count + result.matched_count != len(writes):
                raise StaleVersion("conversations: one that was read is gone")
        if moves:
            await self._standings.bulk_write(moves, ordered=False, session=self.session)
        await self._set_timers(changed)
        await self._name_tags(changed)

    def _before(self, one: Conversation) -> Head | None:
        before = self._read.get(one.head.id)
        return before.head if before else None

    async def _name_tags(self, changed: Sequence[Conversation]) -> None:
        """Every tag that was ever used has a row, so that they can be listed; rows are only ever added."""
        new: set[str] = set()
        for one in changed:
            before = self._read.get(one.head.id)
            if before is None or before.head.tags is not one.head.tags:
                new |= set(one.head.tags) - set(before.head.tags if before else ())
        if not new:
            return
        known = self._tags.find({"_id": {"$in": list(new)}}, session=self.session)
        new -= {row["_id"] for row in await known.to_list(None)}
        if new:
            await self._tags.insert_many([{"_id": tag} for tag in sorted(new)], session=self.session)

    async def _set_timers(self, changed: Sequence[Conversation]) -> None:
        idle: list[ReplaceOne[Document] | DeleteOne] = [DeleteOne({"_id": one}) for one in self._idle_timers]
        if writes := [*idle, *(write for one in changed if (write := snooze_write(self._before(one), one.head)))]:
            await self._timers.bulk_write(writes, ordered=False, session=self.session)


def _by_id(ids: Iterable[str]) -> Document:
    return {"_id": {"$in": list(ids)}}


def _by_handle(keys: Iterable[str]) -> Document:
    return {"handles": {"$in": list(keys)}}


def _add(found: dict[str, Facts], contact_id: str, change: Facts) -> None:
    found[contact_id] = joined(found[contact_id], change) if contact_id in found else change


def _topic_of(event: ConversationEvent | ContactEvent | TicketEvent) -> Topic:
    if isinstance(event, ConversationEvent):
        return CONVERSATIONS
    return TICKETS if isinstance(event, TicketEvent) else CONTACTS
