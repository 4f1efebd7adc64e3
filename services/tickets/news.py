"""Tickets' news on its way to their conversations: a state that changed, an update of a tracker, what colleagues did.

A tracker may have thousands of conversations, so they are told in portions, each one transaction that also
remembers how far it came. A crash goes on where the last portion ended; nobody is told twice. What happened to one
ticket is told in the order in which it happened, and nothing holds that up: a customer who cannot be answered is not,
and a conversation that cannot be told is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import ValidationError

from services.tickets.model.commands import MessageIds, Reply
from services.tickets.model.links import decide_progress, decide_ticket_update
from services.tickets.model.state import Context, Conversation
from services.tickets.store import Store
from services.tickets.store.desk import CurrentDesk
from services.tickets.store.work import Work
from shared import ids
from shared.contracts.common import Actor
from shared.contracts.conversations import ConversationEvent, Link
from shared.contracts.tickets import TicketHead
from shared.errors import DomainError
from shared.log import Cause
from shared.logs import get_logger
from shared.mongo import Document

log = get_logger(__name__)

PORTION = 50
"""Conversations in one transaction; each may be answered with it."""
WOKEN = timedelta(minutes=1)
"""When what waits for earlier news looks by itself; it is woken by them, once they are told."""


@dataclass(frozen=True, slots=True)
class News:
    """A row of `ticket_news`, read: once for all the conversations that hear of it."""

    row: Document
    by: Actor
    link: Link
    ticket: TicketHead | None
    """None: an older release's row."""

    @classmethod
    def read(cls, row: Document) -> News | None:
        """None while an upgrade rolls and a newer replica's row says what this one does not know: it is left alone, not
        lost."""
        try:
            ticket = TicketHead.model_validate(row["ticket"]) if row.get("ticket") else None
            return cls(row, Actor.model_validate(row["by"]), Link.model_validate(row["link"]), ticket)
        except ValidationError:
            return None


class TicketNews:
    def __init__(self, store: Store, desk: CurrentDesk, message_ids: MessageIds) -> None:
        self._store = store
        self._desk = desk
        self._message_ids = message_ids

    async def on_due(self, rows: Sequence[Document]) -> None:
        """Rows of `ticket_news`: tell the next portion of each."""
        await self._desk.whole()
        for row in sorted(rows, key=lambda row: row["link"]["seq"]):
            news = News.read(row)
            if news is None:
                log.error("news of a ticket wait for a newer release, as this one cannot read them", news=row["_id"])
                continue
            await self._store.change(lambda work, news=news: self._tell(work, news))  # type: ignore[misc]

    async def _tell(self, work: Work, news: News) -> None:
        row = news.row
        if await work.tickets.has_news_before(row):
            # Another replica is at it, or a portion is left: a rule would take what is told late for the latest.
            await work.tickets.news_told(row, after=row["after"], at=work.now + WOKEN)
            return
        found = await work.tickets.linked_after(row["ticket_id"], row["after"], PORTION)
        await work.load(found)
        for conversation_id in found:
            state = work.itself(conversation_id)
            if state is not None and state.head.merged_into is None:  # the kept one has a row of its own
                self._tell_one(work, news, state)
        await work.tickets.news_told(row, after=found[-1] if len(found) == PORTION else None, at=work.now)
        await work.save([])

    def _tell_one(self, work: Work, news: News, state: Conversation) -> None:
        id_ = news.row["_id"]
        cause = Cause(ids.derived("news", id_, state.head.id), news.row["ticket_id"])
        try:
            events = self._decide(work, news, state, cause)
        except Exception:
            log.exception("a conversation is not told of its ticket", news=id_, conversation_id=state.head.id)
            return
        work.record(cause, events)

    def _decide(self, work: Work, news: News, state: Conversation, cause: Cause) -> Sequence[ConversationEvent]:
        row, by, link, ticket = news.row, news.by, news.link, news.ticket
        context = Context(work.now, by)
        if change := row.get("change"):
            parts, fields = row["parts"], row["fields"]
            return decide_ticket_update(state, context, link, change=change, parts=parts, fields=fields, ticket=ticket)

        def progress(answer: Reply | None) -> Sequence[ConversationEvent]:
            return decide_progress(
                state,
                context,
                link,
                self._desk(),
                self._message_ids,
                label=row["label"],
                text=row["text"],
                answer=answer,
                previous_state=row.get("previous_state"),
                ticket=ticket,
            )

        try:
            return progress(_answer(row, state.head.id, cause) if self._may_answer(row, by, state) else None)
        except DomainError as error:  # such as nobody to write to
            log.warning("news go unanswered", news=row["_id"], conversation_id=state.head.id, code=error.code)
            return progress(None)

    def _may_answer(self, row: Document, by: Actor, state: Conversation) -> bool:
        """In an agent's own words only whom they could answer themselves: a tracker has customers of every brand."""
        return not row["text"] or by.kind != "agent" or self._desk().in_scope(by.id, state.head)


def _answer(row: Document, conversation_id: str, cause: Cause) -> Reply | None:
    """What its customer is told, when they are among those to be told."""
    chosen = row["reply"] == "all" or (row["reply"] == "chosen" and conversation_id in row["conversation_ids"])
    if not chosen:
        return None
    return Reply(entry_id=ids.derived("entry", cause.id), text=row["answer_text"], html=row["answer_html"])
