"""Renames, merges and takes away tags on all their conversations, portion by portion, as the admin who asked for it.

Each portion is one transaction. Emits Tagged. A process that dies leaves a lease behind; whoever takes over finds what
still has the old tag.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from services.tickets.model.changes import decide_tags
from services.tickets.model.state import Context
from services.tickets.store import Store
from services.tickets.store.work import Work
from shared import ids
from shared.contracts.common import Actor
from shared.log import Cause
from shared.mongo import Document

TURN_S = 5.0
"""How long one is worked on before others have their turn; well within the lease, and within a shutdown."""
LEASE_S = 20.0


class TagChanges:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def on_due(self, rows: Sequence[Document]) -> None:
        """Rows of `tag_changes`."""
        for row in rows:
            until = time.monotonic() + TURN_S / len(rows)
            while await self._store.change(lambda work, row=row: self._portion(work, row)):  # type: ignore[misc]
                if time.monotonic() >= until:
                    break

    async def _portion(self, work: Work, row: Document) -> bool:
        """Whether there may be more."""
        changes, tag = self._store.tag_changes, row["_id"]
        found = await changes.having(tag, work.session)
        if not found:
            await changes.finish(row, work.now, work.session)
            return False
        await work.load(found)
        context = Context(work.now, Actor(kind="agent", **row["by"]))
        for one in found:
            if (state := work.itself(one)) is not None:
                cause = Cause(ids.derived("tag-change", tag, row["at"].isoformat(), one, str(state.head.seq)), tag)
                add = [row["to"]] if row["to"] else []
                work.record(cause, decide_tags(state, context, add=add, remove=[tag]))
        await work.save([])
        await changes.go_on(row, len(found), work.now, work.session)
        return True
