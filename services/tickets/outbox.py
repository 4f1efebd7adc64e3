"""Sends replies whose seconds of grace are over, as the agents who wrote them.

What a reply leads to and its row's end are one transaction: a process that dies in between leaves both undone, and the
next one claims the row after the lease. Its author took it back before, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.tickets.model.bulk import doer_of
from services.tickets.model.commands import MessageIds
from services.tickets.model.outbox import decide_held, for_merged
from services.tickets.store import Store
from services.tickets.store.desk import CurrentDesk
from services.tickets.store.work import Work
from shared.errors import DomainError
from shared.log import Cause
from shared.logs import get_logger
from shared.mongo import Document

log = get_logger(__name__)

LEASE_S = 10.0


class Outbox:
    def __init__(self, store: Store, desk: CurrentDesk, message_ids: MessageIds) -> None:
        self._store = store
        self._desk = desk
        self._message_ids = message_ids

    async def on_due(self, rows: Sequence[Document]) -> None:
        """Rows of `outbox`. Emits ReplySent, and Closed or Snoozed where the author wanted that as well.

        Key: conversation id. Idempotent by the row, which goes in the same transaction.
        """
        desk = await self._desk.whole()
        restored_at = await self._store.outbox.restored_at()

        async def send(work: Work) -> None:
            held = await self._store.outbox.find([row["_id"] for row in rows], work.session)
            due = [one for one in held if one.due_at is not None]
            await work.load([one.conversation_id for one in due])
            sent = []
            for found in due:
                state, own = work.conversation(found.conversation_id), work.itself(found.conversation_id)
                one = for_merged(found, own) if own and own.head.merged_into is not None else found
                doer = doer_of(desk, one.agent_id)
                try:
                    events = decide_held(one, state, work.now, desk, doer, self._message_ids, restored_at)
                except DomainError as error:
                    log.warning("a held reply cannot be sent", reply=one.id, code=error.code)
                    await self._store.outbox.refuse(one.id, error.message, work.session)
                    continue
                work.record(Cause(one.input_id, one.input_id), events)
                sent.append(one)
            await self._store.outbox.remove([one.id for one in sent], work.session)
            await work.save([])

        await self._store.change(send)
