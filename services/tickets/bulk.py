"""Carries out actions on many conversations, portion by portion, as the agent who asked for them.

Each portion is one transaction that changes its conversations, keeps what became of each, and says where to go on. A
process that dies leaves a lease behind; whoever takes over goes on with the next portion, and nothing is done twice.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from services.tickets.model.bulk import Action, Doer, decide_bulk, doer_of, undo_of
from services.tickets.model.state import Context
from services.tickets.store import Store
from services.tickets.store.bulk import Item, Result
from services.tickets.store.desk import CurrentDesk
from services.tickets.store.work import Work
from shared import ids, metrics
from shared.contracts.common import Actor
from shared.errors import DomainError
from shared.log import Cause
from shared.mongo import Document

TURN_S = 5.0
"""How long one job is worked on before others have their turn; well within the lease, and within a shutdown."""
LEASE_S = 10.0


class Bulk:
    def __init__(self, store: Store, desk: CurrentDesk) -> None:
        self._store = store
        self._desk = desk

    async def on_due(self, rows: Sequence[Document]) -> None:
        """Rows of `bulk_jobs`."""
        await self._desk.whole()
        for row in rows:
            until = time.monotonic() + TURN_S / len(rows)
            more = True
            while more and time.monotonic() < until:
                more = await self._store.change(lambda work, row=row: self._portion(work, row["_id"]))  # type: ignore[misc]
            if more:
                await self._store.bulk.pause(row["_id"])

    async def _portion(self, work: Work, job_id: str) -> bool:
        """Carry out the next one; whether there may be more."""
        found = await self._store.bulk.next_portion(job_id, work.session)
        if found is None:
            return False
        job, items = found
        await work.load([item.conversation_id for item in items])
        doer = doer_of(self._desk(), job["agent_id"])
        results = [self._one(work, job, doer, item) for item in items]
        await self._store.bulk.portion_done(job, results, work.now, work.session)
        await work.save([])
        return True

    def _one(self, work: Work, job: Document, doer: Doer | None, item: Item) -> Result:
        action: Action = item.action or job["action"]
        state = work.itself(item.conversation_id)
        context = Context(work.now, Actor(kind="agent", id=job["agent_id"], name=job["agent_name"]))
        try:
            events = decide_bulk(state, context, self._desk(), doer, action)
        except DomainError as error:
            return Result(item.conversation_id, "failed", error.code, error.message)
        metrics.tickets_commands.labels("changed" if events else "unchanged").inc()
        if state is None or not events:
            return Result(item.conversation_id, "unchanged")
        undo = undo_of(state.head, events)
        work.record(Cause(ids.derived("bulk-item", job["_id"], item.conversation_id), job["_id"]), events)
        return Result(item.conversation_id, "changed", undo=undo)
