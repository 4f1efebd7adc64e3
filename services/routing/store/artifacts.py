"""Routing's governed artifacts: what happens to them is told on `routing.artifacts.v1`."""

from __future__ import annotations

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts.governance import ArtifactChanged
from shared.governance.documents import D, K
from shared.governance.reading import C
from shared.governance.store import Governed
from shared.log import Cause, Fact
from shared.topics import ARTIFACTS


class Artifacts(Governed[D, K, C]):
    async def _told(self, event: ArtifactChanged, session: AsyncClientSession) -> None:
        key = f"{event.kind}:{event.artifact_id}"
        cause = Cause(event.act_id, key)
        await self._log.append([Fact.of(0, cause, ARTIFACTS, key, key, event.seq, event.at, event)], session)
