"""Agents, teams, roles, brands and signing keys as they stand, written together with their event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.clock import Clock
from shared.contracts.base import Event
from shared.contracts.directory import AgentChanged, BrandChanged, RoleChanged, SigningKeyChanged, TeamChanged
from shared.errors import Conflict
from shared.ids import random_id
from shared.log import Cause, Fact, Log
from shared.mongo import Client, Collection, Database, Document, in_transaction, replace_versions
from shared.topics import DIRECTORY

E = TypeVar("E", bound=Event)

KINDS: dict[type[Event], tuple[str, str]] = {
    AgentChanged: ("agent", "agent_id"),
    TeamChanged: ("team", "team_id"),
    RoleChanged: ("role", "role_id"),
    BrandChanged: ("brand", "brand_id"),
    SigningKeyChanged: ("key", "key_id"),
}
"""(kind, field of the id): the Kafka key is `<kind>:<id>`."""


class DirectoryStore:
    """One collection per kind, each document the latest event's fields; agents keep a password beside."""

    def __init__(self, client: Client, database: Database, log: Log, clock: Clock) -> None:
        self._client = client
        self._log = log
        self._clock = clock
        self._collections: dict[str, Collection] = {
            kind: database.get_collection(f"{kind}s") for kind, _ in KINDS.values()
        }

    async def ensure_indexes(self) -> None:
        await self._collections["agent"].create_indexes([IndexModel([("email", ASCENDING)], unique=True)])

    async def put(self, wanted: E, *, private: Mapping[str, Any] | None = None, only_new: bool = False) -> E:
        """Make an entity what `wanted` says (its `seq` is ours to give) and tell everybody.

        `only_new` leaves one that exists as it is.
        `private` are fields that stay in the database (a password's hash). What is so already makes no event.
        Raises Conflict when an agent's address is somebody else's.
        """

        async def work(session: AsyncClientSession) -> E:
            return await self._put(wanted, dict(private or {}), only_new, session)

        return await in_transaction(self._client, work)

    async def _put(self, wanted: E, private: Document, only_new: bool, session: AsyncClientSession) -> E:
        kind, id_field = KINDS[type(wanted)]
        collection = self._collections[kind]
        id_ = getattr(wanted, id_field)
        if isinstance(wanted, AgentChanged):
            await self._check_address(wanted, session)
        before = await collection.find_one({"_id": id_}, session=session)
        seq = before["seq"] if before else 0
        event = wanted.model_copy(update={"seq": seq + 1})
        kept = {name: value for name, value in (before or {}).items() if name.startswith("private_")}
        new = {f"private_{name}": value for name, value in private.items()}
        document = {**event.model_dump(), **kept, **new, "_id": id_}
        if before is not None:
            there = type(wanted).model_validate(_public(before))
            if only_new or (there == event.model_copy(update={"seq": seq}) and not new):
                return there
        await replace_versions(collection, [(seq, document)], session)
        key = f"{kind}:{id_}"
        cause = Cause(random_id(), key)
        fact = Fact.of(0, cause, DIRECTORY, key, key, seq + 1, self._clock(), event)
        await self._log.append([fact], session)
        return event

    async def _check_address(self, wanted: AgentChanged, session: AsyncClientSession) -> None:
        other = {"email": wanted.email, "_id": {"$ne": wanted.agent_id}}
        if await self._collections["agent"].find_one(other, session=session):
            raise Conflict("address_taken", "Another agent has this email address.")

    async def agent_by_address(self, email: str) -> Document | None:
        """The agent with `private_password` (argon2) and `private_password_at`, when they have one."""
        return await self._collections["agent"].find_one({"email": email})

    async def agent(self, agent_id: str) -> Document | None:
        return await self._collections["agent"].find_one({"_id": agent_id})

    async def all_of(self, kind: type[E]) -> list[E]:
        """Every entity of a kind as its event, by id; straight from the database, for the demo and for tests."""
        found = self._collections[KINDS[kind][0]].find().sort("_id", 1)
        return [kind.model_validate(_public(row)) async for row in found]

    async def keys(self) -> list[Document]:
        """Signing keys with `private_jwe`, oldest first."""
        return await self._collections["key"].find().sort("_id", 1).to_list(None)


def _public(row: Document) -> Document:
    return {name: value for name, value in row.items() if name != "_id" and not name.startswith("private_")}
