"""Which account of an OpenID provider is which agent's: linked at the first sign-in, by the verified address."""

from __future__ import annotations

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from shared.mongo import Database


class IdentityStore:
    """One row per account, `_id` is issuer and subject; one account per agent."""

    def __init__(self, database: Database) -> None:
        self._rows = database.get_collection("identities")

    async def ensure_indexes(self) -> None:
        await self._rows.create_indexes([IndexModel([("agent_id", ASCENDING)], unique=True)])

    async def agent_of(self, issuer: str, subject: str) -> str | None:
        row = await self._rows.find_one({"_id": _key(issuer, subject)})
        return row["agent_id"] if row else None

    async def link(self, issuer: str, subject: str, agent_id: str) -> bool:
        """False when either of them is linked to another already."""
        try:
            await self._rows.insert_one({"_id": _key(issuer, subject), "agent_id": agent_id})
        except DuplicateKeyError:
            return await self.agent_of(issuer, subject) == agent_id
        return True

    async def has_one(self, agent_id: str, session: AsyncClientSession) -> bool:
        return await self._rows.find_one({"agent_id": agent_id}, session=session) is not None

    async def linked(self) -> set[str]:
        """Agents who have one."""
        return {row["agent_id"] async for row in self._rows.find()}

    async def unlink(self, agent_id: str) -> bool:
        return (await self._rows.delete_one({"agent_id": agent_id})).deleted_count == 1


def _key(issuer: str, subject: str) -> str:
    return f"{issuer}|{subject}"
