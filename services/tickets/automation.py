"""What rules' own doings need from MongoDB before they are decided, and what is kept of them after.

One transaction with the decisions themselves, so that each is done once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pymongo import ReplaceOne

from services.tickets.model.automation import Aids, Pen, key_of
from services.tickets.model.contact import handle_key
from services.tickets.model.state import SYSTEM, Context, Desk
from services.tickets.store.work import Work
from shared.cloudevents import Received
from shared.contracts.base import Event
from shared.contracts.conversations import Head
from shared.contracts.routing import Action, BlockSender, CreateTicket, Decided, LinkTracker, SendMacro
from shared.log import Cause
from shared.mongo import Collection

Wanted = Sequence[tuple[Head, Action]]


async def aids_for(
    work: Work, replies: Collection, fresh: Iterable[Received[Event]], desk: Desk, pen: Pen | None
) -> Aids:
    """For the decisions among these inputs, whose conversations are loaded. Reads nothing when none needs it."""
    heard = [one.data for one in fresh if isinstance(one.data, Decided)]
    wanted = [
        (state.head, action)
        for one in heard
        if (state := work.itself(one.conversation_id)) is not None
        for action in one.actions
    ]
    aids = Aids(pen=pen)
    people = {head.contact_id for head, action in wanted if isinstance(action, SendMacro | BlockSender)}
    if people:
        await work.load_people(sorted(people))
        aids.people = {one: work.person(one) for one in people}
    await _for_replies(work, replies, wanted, aids)
    await _for_tickets(work, wanted, desk, aids)
    for _, action in wanted:
        if isinstance(action, LinkTracker) and (tracker := await work.tickets.load(action.tracker_id)):
            aids.trackers[tracker.id] = tracker
    return aids


async def _for_replies(work: Work, replies: Collection, wanted: Wanted, aids: Aids) -> None:
    heads = [head for head, action in wanted if isinstance(action, SendMacro)]
    if not heads:
        return
    senders = {handle_key(head.handle.kind, head.handle.value) for head in heads}
    found = replies.find({"_id": {"$in": sorted(senders)}}, session=work.session)
    aids.answered = {row["_id"]: row["at"] for row in await found.to_list(None)}


async def _for_tickets(work: Work, wanted: Wanted, desk: Desk, aids: Aids) -> None:
    numbers: dict[str, int] = {}
    for head, action in wanted:
        if not isinstance(action, CreateTicket):
            continue
        key = key_of(action, head, Context(work.now, SYSTEM), desk)
        there = await work.tickets.of_key(key) if key is not None else None
        if key is not None and there is not None and (loaded := await work.tickets.load(there.id)):
            aids.there[key] = loaded
        else:
            numbers[action.id] = await work.tickets.next_number()
    aids.numbers = numbers


def people_now(work: Work, aids: Aids | None) -> None:
    """As they are after what came before in the batch."""
    if aids is not None and aids.people:
        aids.people = {one: work.person(one) for one in aids.people}


def take_made(work: Work, cause: Cause, aids: Aids | None) -> None:
    """The tickets that a decision made or linked, and who it blocked."""
    if aids is None:
        return
    for ticket_id, key in aids.keys.items():
        work.tickets.key(ticket_id, key)
    for ticket_id, conversation_id in aids.linked:
        work.tickets.link(ticket_id, conversation_id, work.now)
    work.record_ticket(cause, aids.made)
    work.record_contact(cause, aids.blocked)
    aids.made, aids.keys, aids.linked, aids.blocked = [], {}, [], []


async def remember_replies(work: Work, replies: Collection, aids: Aids) -> None:
    """Who was answered automatically, and when. Two replicas at once meet on the sender's row, and one runs again."""
    rows = [{"_id": sender, "at": work.now} for sender in sorted(aids.replied)]
    if rows:
        writes = [ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in rows]
        await replies.bulk_write(writes, session=work.session)
