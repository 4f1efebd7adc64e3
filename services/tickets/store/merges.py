"""What the log knows of merged conversations: how one was merged, whether the kept one was touched since, which of two
heard from its customer last. The log holds it all, so nothing of it is kept twice."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_core import from_json
from pymongo import DESCENDING
from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.model.evolve import quiet
from shared.contracts import beside, conversations
from shared.contracts.beside import Merged, MergeReceived
from shared.contracts.conversations import ConversationEvent, Head
from shared.mongo import Collection, Document
from shared.topics import CONVERSATIONS

SIDE_TYPES = [
    CONVERSATIONS.type_of(kind) for kind in (beside.SideStarted, beside.SideReplySent, beside.SideReplyReceived)
]
_WROTE = [CONVERSATIONS.type_of(kind) for kind in (conversations.ConversationStarted, conversations.CustomerReplied)]
_BY_TYPE = {CONVERSATIONS.type_of(kind): kind for kind in CONVERSATIONS.events}
_PUT_BACK = (
    conversations.Assigned,
    conversations.AttributesChanged,
    conversations.Closed,
    conversations.NoteAdded,
    conversations.PriorityChanged,
    conversations.Reopened,
    conversations.Snoozed,
    conversations.Tagged,
    conversations.TopicChanged,
    conversations.Woken,
)
LOOKED_AT = 200
"""Events since a merge that do not matter, at most; with more of them it counts as touched."""


async def merged_is_later(log: Collection, merged: Head, kept: Head, session: AsyncClientSession) -> bool:
    """Whether the customer wrote there last."""
    last: dict[bool, Document | None] = {}
    for which, head in ((True, merged), (False, kept)):
        wanted = {"aggregate_id": {"$in": [head.id, *head.merged_ids]}, "type": {"$in": _WROTE}}
        last[which] = await log.find_one(wanted, {"at": 1}, sort=[("at", DESCENDING)], session=session)
    there, here = last[True], last[False]
    return there is not None and (here is None or bool(there["at"] > here["at"]))


async def how_merged(log: Collection, merged_id: str, session: AsyncClientSession) -> Merged | None:
    """The event that merged it; None when it is not merged."""
    wanted = {"aggregate_id": merged_id, "type": CONVERSATIONS.type_of(Merged)}
    row = await log.find_one(wanted, sort=[("seq", DESCENDING)], session=session)
    return Merged.read(row["value"]) if row else None


async def what_it_brought(
    log: Collection, merged_id: str, kept_id: str, session: AsyncClientSession
) -> MergeReceived | None:
    """What the merge did to the kept one; None when somebody has done something there since. What rules did counts as
    nothing where the undo puts it back, or there is nothing to put back."""
    found = log.find({"aggregate_id": kept_id}, session=session).sort("seq", DESCENDING).limit(LOOKED_AT)
    for row in await found.to_list(None):
        event = _event(row)
        if isinstance(event, MergeReceived) and event.from_id == merged_id:
            return event
        if event is None or not (quiet(event) or _by_rules(event)):
            return None
    return None


def _by_rules(event: ConversationEvent) -> bool:
    """Whether it came of a decision and is put back with what a merge combines, or changes nothing of that."""
    return event.decision_id is not None and isinstance(event, _PUT_BACK)


async def mails_of_side(log: Collection, conversation_ids: Sequence[str], side_id: str) -> list[Document]:
    """Rows of the log that tell of one side conversation, in the order in which they happened."""
    wanted = {"aggregate_id": {"$in": list(conversation_ids)}, "type": {"$in": SIDE_TYPES}}
    rows = await log.find(wanted).sort([("at", 1), ("seq", 1)]).to_list(None)
    return [row for row in rows if from_json(row["value"])["side_id"] == side_id]


def _event(row: Document) -> ConversationEvent | None:
    kind = _BY_TYPE.get(row["type"])
    found = kind.read(row["value"]) if kind else None
    return found if isinstance(found, ConversationEvent) else None
