"""Macros that everybody uses, with all their versions. MongoDB: `shared_macros`, what `shared.governance` keeps beside
them. What is in force is an entry of the directory, and each act a line of the audit list, in the same transaction."""

from __future__ import annotations

from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.model.shared_macro import MacroDraft, SharedMacro, told
from services.tickets.store.audit import SYSTEM
from services.tickets.store.directory import DirectoryStore
from shared.access import acting
from shared.contracts.common import Actor
from shared.contracts.governance import ArtifactChanged
from shared.governance.documents import Held, Noun
from shared.governance.store import Governed
from shared.log import Log
from shared.mongo import Client, Database

MACROS = Noun("macro", "shared_macros", "macro", MacroDraft, SharedMacro, 2000)


class SharedMacros(Governed[MacroDraft, SharedMacro, None]):
    def __init__(self, client: Client, database: Database, log: Log, directory: DirectoryStore) -> None:
        super().__init__(MACROS, client, database, log, lambda _: None)
        self._directory = directory

    async def _told(self, event: ArtifactChanged, session: AsyncClientSession) -> None:
        await self._directory.audit.note_act(event, _by(event), session)

    async def _written(self, held: Held[SharedMacro], session: AsyncClientSession) -> None:
        """What agents write with from now on; one that is not in force any more is nobody's to use."""
        artifact = held.artifact
        if artifact.published is None:
            known = await self._directory.macro(artifact.id, session)
            if known and known.active:
                await self._directory.put_within(known.model_copy(update={"active": False}), session)
            return
        kept = await self.kept([(artifact.id, version) for version in artifact.in_force], session)
        before = kept[artifact.id, artifact.before] if artifact.before else None
        event = told(kept[artifact.id, artifact.published], before, artifact.rollout, artifact.owner_id)
        await self._directory.put_within(event, session)


def _by(event: ArtifactChanged) -> Actor:
    """By name, where it is their own request."""
    viewer = acting()
    if viewer and viewer.agent_id == event.by.id:
        return Actor(kind="agent", id=viewer.agent_id, name=viewer.name)
    return event.by if event.by.kind == "agent" else SYSTEM
