"""Scores customers' messages and learns from what people do, within the transaction of the batch (CH5).

Only what nobody has answered yet is scored. Learns from SpamMarked and SpamUnmarked by agents, and takes the first
answer of an agent as a word for its sender.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.model.plan import is_trigger
from services.routing.spam.book import handle_of, print_of
from services.routing.store.spam import SpamBooks
from shared.contracts.common import Message, Spam
from shared.contracts.conversations import (
    ConversationEvent,
    ConversationStarted,
    CustomerReplied,
    ReplySent,
    SpamMarked,
    SpamUnmarked,
)
from shared.contracts.directory import BrandChanged, SpamSettings


@dataclass(frozen=True, slots=True)
class Verdict:
    """`marks`: it is put into Spam by itself."""

    spam: Spam
    marks: bool = False

    @property
    def words(self) -> str:
        """For the timeline."""
        return " ".join((f"Spam score {self.spam.score:.2f}.", *self.spam.reasons))


class Judge:
    def __init__(self, books: SpamBooks, brand: Callable[[str], BrandChanged | None]) -> None:
        self._books = books
        self._brand = brand

    async def judge(
        self, events: Mapping[str, ConversationEvent], now: datetime, session: AsyncClientSession
    ) -> dict[str, Verdict]:
        """The verdicts by event id; what was learnt is saved with the batch."""
        arrived = {id_: message for id_, event in events.items() if (message := scored(event)) is not None}
        told = [event for event in events.values() if by_person(event)]
        if not arrived and not told:
            return {}
        book, seqs = await self._books.open(
            brands={events[id_].head.brand_id for id_ in arrived} | {event.head.brand_id for event in told},
            senders={
                *(
                    (events[id_].head.brand_id, handle_of(one.sender or events[id_].head.handle))
                    for id_, one in arrived.items()
                ),
                *((event.head.brand_id, handle_of(event.head.handle)) for event in told),
            },
            conversations={event.conversation_id for event in told},
            prints={mark for id_, one in arrived.items() if (mark := print_of(events[id_].head.brand_id, one))},
            now=now,
            session=session,
        )
        verdicts = {}
        for id_, event in events.items():
            if id_ in arrived:
                settings = self._settings(event.head.brand_id)
                spam = book.arrived(event.head, arrived[id_], settings, now)
                verdicts[id_] = Verdict(spam, marks(event, spam, settings))
            elif isinstance(event, SpamMarked | SpamUnmarked) and by_person(event):
                book.marked(event.head, spam=isinstance(event, SpamMarked))
            elif by_person(event):
                book.answered(event.head)
        await self._books.save(book, seqs, session)
        return verdicts

    def _settings(self, brand_id: str) -> SpamSettings:
        brand = self._brand(brand_id)
        return brand.spam if brand else SpamSettings()


def scored(event: ConversationEvent) -> Message | None:
    """The message that is looked at: a customer's, while nobody has answered and somebody acts on what comes."""
    if not isinstance(event, ConversationStarted | CustomerReplied) or not is_trigger(event):
        return None
    message = event.message
    if message is None or message.direction != "in" or event.head.first_reply_at is not None:
        return None
    return message


def by_person(event: ConversationEvent) -> bool:
    """Whether it says what an agent thinks of the conversation."""
    if event.by.kind != "agent" or event.imported:
        return False
    if isinstance(event, ReplySent):
        return event.head.first_reply_at == event.at
    begun = isinstance(event, ConversationStarted) and event.message is not None and event.message.direction == "out"
    return begun or isinstance(event, SpamMarked | SpamUnmarked)


def marks(event: ConversationEvent, spam: Spam, settings: SpamSettings) -> bool:
    """What somebody has in hand already is left to them."""
    if not settings.enabled or spam.score < settings.threshold or event.head.spam:
        return False
    return isinstance(event, ConversationStarted) or event.head.assignee_id is None
