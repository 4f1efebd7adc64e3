"""Has a link for a new password mailed to those who asked for one on the sign-in page (AG1).

What the asker is told is the same for every address; here it is looked whose it is. Emits PasswordResetRequested.
"""

from __future__ import annotations

from collections.abc import Sequence

from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.store import Store
from services.tickets.store.sign_in import MAILED_FOR
from shared.contracts.accounts import PasswordResetRequested
from shared.ids import random_id
from shared.log import Cause, Fact
from shared.mongo import Document, in_transaction
from shared.sealing import Seal
from shared.topics import ACCOUNTS


class Forgotten:
    """`elsewhere`: what the other way to sign in is called; "" when there is none."""

    def __init__(self, store: Store, seal: Seal, elsewhere: str) -> None:
        self._store = store
        self._seal = seal
        self._elsewhere = elsewhere

    async def on_due(self, rows: Sequence[Document]) -> None:
        """Rows of `forgotten_passwords`. One that is nobody's, or of somebody who is not with us, leads to nothing."""
        for row in rows:
            await in_transaction(self._store.client, lambda session, email=row["_id"]: self._look(email, session))  # type: ignore[misc]

    async def _look(self, email: str, session: AsyncClientSession) -> None:
        if not await self._store.forgotten.take(email, session):
            return
        agent = await self._store.directory.agent_by_address(email, session)
        if agent is not None and agent["active"]:
            await self._tell(agent, session)

    async def _tell(self, agent: Document, session: AsyncClientSession) -> None:
        """The token goes on sealed, for who mails it: the log and Kafka keep what was in them."""
        store, agent_id, now, request_id = self._store, agent["_id"], self._store.clock(), random_id()
        linked = bool(self._elsewhere) and await store.identities.has_one(agent_id, session)
        sealed, until = "", now + MAILED_FOR
        if agent.get("private_password") or not linked:
            token = await store.sign_in.make_mailed_link(agent, until, session)
            sealed = self._seal.close(f"{agent_id} {token}")
        event = PasswordResetRequested(
            request_id=request_id,
            agent_id=agent_id,
            seq=1,
            at=now,
            expires_at=until,
            sealed=sealed,
            elsewhere=self._elsewhere if linked else "",
        )
        fact = Fact.of(0, Cause(request_id, request_id), ACCOUNTS, agent_id, request_id, 1, now, event)
        await store.log.append([fact], session)
