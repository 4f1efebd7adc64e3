"""What happens to routing's governed artifacts, on its way into the audit list.

Consumes routing.artifacts.v1 in the group `tickets.audit`; emits ConfigurationChanged (key: `<kind>:<id>`). Idempotent
by event id, and by the line itself once the input is forgotten. Nothing here holds up conversations.
"""

from __future__ import annotations

from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.store import Store
from services.tickets.store.audit import SYSTEM
from shared.consume import Batch
from shared.contracts.common import Actor
from shared.contracts.governance import ArtifactChanged
from shared.directory import Directory
from shared.errors import Transient
from shared.mongo import in_transaction


class ArtifactHandlers:
    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    async def on_artifacts(self, batch: Batch) -> None:
        """Each act is a line of the audit list, by the name of who did it."""
        if missing := self._directory.missing():
            raise Transient(missing)
        acts = {one.id: one.data for one in batch if isinstance(one.data, ArtifactChanged)}

        async def work(session: AsyncClientSession) -> None:
            known = await self._store.log.already_applied(list(acts), session)
            fresh = {id_: act for id_, act in acts.items() if id_ not in known}
            noted = await self._store.directory.audit.noted([act.act_id for act in fresh.values()], session)
            for act in (one for one in fresh.values() if one.act_id not in noted):
                await self._store.directory.audit.note_act(act, self._by(act), session)
            await self._store.log.remember(list(fresh), session)

        await in_transaction(self._store.client, work)

    def _by(self, act: ArtifactChanged) -> Actor:
        if act.by.kind != "agent":
            return SYSTEM
        agent = self._directory.agents.get(act.by.id)
        return Actor(kind="agent", id=act.by.id, name=agent.name if agent else "")
