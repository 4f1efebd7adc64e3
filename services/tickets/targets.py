"""What routing says of the time to resolve tickets, on its way into the tickets.

Consumes routing.tickets.v1 in the group `tickets.targets`; emits TicketSlaUpdated (key: ticket id). Idempotent by event
id, and by routing's `seq` once the input is forgotten. Nothing here holds up conversations.
"""

from __future__ import annotations

from services.tickets.model.sla import decide_ticket_sla
from services.tickets.model.state import SYSTEM, Context
from services.tickets.model.ticket_news import news_of
from services.tickets.store import Store
from services.tickets.store.desk import CurrentDesk
from services.tickets.store.work import Work
from shared.consume import Batch
from shared.contracts.sla import TicketSlaChanged
from shared.log import Cause


class TicketTargets:
    def __init__(self, store: Store, desk: CurrentDesk) -> None:
        self._store = store
        self._desk = desk

    async def on_targets(self, batch: Batch) -> None:
        """Each becomes part of its ticket, and its conversations hear of warnings and breaches."""
        await self._desk.whole()
        heard = {one.id: (Cause.of(one), one.data) for one in batch if isinstance(one.data, TicketSlaChanged)}

        async def work(work: Work) -> None:
            known = await work.already_applied(list(heard))
            fresh = {id_: one for id_, one in heard.items() if id_ not in known}
            for cause, changed in fresh.values():
                await self._take(work, cause, changed)
            await work.save(list(fresh))

        await self._store.change(work)

    async def _take(self, work: Work, cause: Cause, heard: TicketSlaChanged) -> None:
        head = await work.tickets.load(heard.ticket_id)
        if head is None:
            return
        events = decide_ticket_sla(head, heard, Context(work.now, SYSTEM))
        work.record_ticket(cause, events)
        work.tickets.tell(news_of(head, events, self._desk()), work.now)
