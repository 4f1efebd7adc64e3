"""Gives the open conversations and tickets of agents who left back to their teams, portion by portion; what they wrote
and did not send goes.

Each portion is one transaction that changes what it found and says whether to go on: what is given back is theirs no
more, so nothing is done twice, whatever dies. Emits Assigned and TicketAssigned, by the system.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.tickets.model.departure import decide_departed, decide_departed_ticket
from services.tickets.model.state import SYSTEM, Context
from services.tickets.model.ticket_news import news_of
from services.tickets.store import Store
from services.tickets.store.departures import PORTION
from services.tickets.store.desk import CurrentDesk
from services.tickets.store.work import Work
from shared import ids
from shared.log import Cause
from shared.mongo import Document


class Departures:
    def __init__(self, store: Store, desk: CurrentDesk) -> None:
        self._store = store
        self._desk = desk

    async def on_due(self, rows: Sequence[Document]) -> None:
        """Rows of `departures`."""
        await self._desk.whole()
        for row in rows:
            await self._store.change(lambda work, row=row: self._portion(work, row))  # type: ignore[misc]

    async def _portion(self, work: Work, row: Document) -> None:
        agent_id, departures = row["_id"], self._store.departures
        if not await departures.is_gone(agent_id, work.session):
            await departures.done(agent_id, work.session)  # they are back
            return
        await self._store.drafts.drop_of(agent_id, work.session)
        conversations, tickets = await departures.held(agent_id, work.session)
        await work.load(conversations)
        context = Context(work.now, SYSTEM)
        for one in conversations:
            if (state := work.conversation(one)) is not None:
                work.record(_cause(agent_id, one, state.head.seq), decide_departed(state, context, agent_id))
        for one in tickets:
            if (head := await work.tickets.load(one)) is not None:
                events = decide_departed_ticket(head, context, self._desk(), agent_id)
                work.record_ticket(_cause(agent_id, one, head.seq), events)
                work.tickets.tell(news_of(head, events, self._desk()), work.now)
        more = PORTION in (len(conversations), len(tickets))
        await departures.go_on(row, work.now, more=more, session=work.session)
        await work.save([])


def _cause(agent_id: str, id_: str, seq: int) -> Cause:
    return Cause(ids.derived("departure", agent_id, id_, str(seq)), agent_id)
