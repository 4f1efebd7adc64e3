"""Agents, teams, roles, brands and signing keys as they stand, written together with their event."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.model.audit import changes, is_configuration, name_of
from services.tickets.store.audit import SYSTEM, AuditStore, Author
from services.tickets.store.departures import DepartureStore
from shared.access import acting
from shared.clock import Clock
from shared.contracts.base import Event
from shared.contracts.common import Actor
from shared.contracts.directory import AgentChanged, MacroChanged
from shared.directory.known import KINDS, key_of
from shared.errors import Conflict
from shared.ids import random_id
from shared.log import Cause, Fact, Log
from shared.mongo import Client, Collection, Database, Document, in_transaction, replace_versions
from shared.topics import DIRECTORY

E = TypeVar("E", bound=Event)


class DirectoryStore:
    """One collection per kind, each document the latest event's fields; agents keep a password beside."""

    def __init__(self, client: Client, database: Database, log: Log, clock: Clock) -> None:
        self._client = client
        self._log = log
        self._clock = clock
        self.audit = AuditStore(database, log, clock)
        self._departures = DepartureStore(database)
        self._collections: dict[str, Collection] = {
            kind: database.get_collection(f"{kind}s") for kind, _ in KINDS.values()
        }

    async def ensure_indexes(self) -> None:
        await self._collections["agent"].create_indexes([IndexModel([("email", ASCENDING)], unique=True)])
        await self.audit.ensure_indexes()

    async def put(
        self,
        wanted: E,
        *,
        private: Mapping[str, Any] | None = None,
        only_new: bool = False,
        ends_tokens: bool = False,
        seen_seq: int | None = None,
    ) -> E:
        """Make an entity what `wanted` says (`seq` and an agent's `generation` are ours to give) and tell everybody.

        `only_new` leaves one that exists as it is; `ends_tokens` ends the agent's access tokens.
        `private` are fields that stay in the database (a password's hash). What is so already makes no event.
        Raises Conflict when an agent's address is somebody else's; and `changed_meanwhile`, about the one that is
        there, when that is not the one of `seen_seq` (0: there was none).
        """

        async def work(session: AsyncClientSession) -> E:
            if seen_seq is not None:
                await self._check_seen(wanted, seen_seq, session)
            return await self._put(wanted, dict(private or {}), only_new, ends_tokens, session)

        return await in_transaction(self._client, work)

    async def put_within(self, wanted: E, session: AsyncClientSession) -> E:
        """The same as a part of somebody's transaction."""
        return await self._put(wanted, {}, False, False, session)

    async def macro(self, macro_id: str, session: AsyncClientSession | None = None) -> MacroChanged | None:
        """Straight from the database."""
        found = await self._collections["macro"].find_one({"_id": macro_id}, session=session)
        return MacroChanged.model_validate(_public(found)) if found else None

    async def _check_seen(self, wanted: Event, seen_seq: int, session: AsyncClientSession) -> None:
        kind, id_field = KINDS[type(wanted)]
        before = await self._collections[kind].find_one({"_id": getattr(wanted, id_field)}, session=session)
        if (before["seq"] if before else 0) == seen_seq:
            return
        there = type(wanted).model_validate(_public(before)).model_dump(mode="json") if before else None
        words = "Somebody else changed this meanwhile. Look at what it is now, then change it again."
        raise Conflict("changed_meanwhile", words, about={"existing": there})

    async def end_tokens(
        self,
        agent_id: str,
        *,
        private: Mapping[str, Any],
        author: Author | None = None,
        only_if: Callable[[Document, AsyncClientSession], Awaitable[bool]] | None = None,
    ) -> AgentChanged | None:
        """Their access tokens given so far are worth nothing any more. None, and nothing done, when there is no such
        agent, or `only_if` says no to their document as it is then; what that does by the session is done with this."""

        async def work(session: AsyncClientSession) -> AgentChanged | None:
            row = await self._collections["agent"].find_one({"_id": agent_id}, session=session)
            if row is None or (only_if and not await only_if(row, session)):
                return None
            return await self._put(
                AgentChanged.model_validate(_public(row)), dict(private), False, True, session, author
            )

        return await in_transaction(self._client, work)

    async def _put(
        self,
        wanted: E,
        private: Document,
        only_new: bool,
        ends_tokens: bool,
        session: AsyncClientSession,
        author: Author | None = None,
    ) -> E:
        kind, id_field = KINDS[type(wanted)]
        collection = self._collections[kind]
        id_ = getattr(wanted, id_field)
        if isinstance(wanted, AgentChanged):
            await self._check_address(wanted, session)
        before = await collection.find_one({"_id": id_}, session=session)
        seq = before["seq"] if before else 0
        if isinstance(wanted, AgentChanged):
            wanted = wanted.model_copy(update={"generation": (before or {}).get("generation", 0) + ends_tokens})
        event = wanted.model_copy(update={"seq": seq + 1})
        kept = {name: value for name, value in (before or {}).items() if name.startswith("private_")}
        new = {f"private_{name}": value for name, value in private.items()}
        document = {**event.model_dump(), **kept, **new, "_id": id_}
        there = type(wanted).model_validate(_public(before)) if before else None
        if there is not None and (only_new or (there == event.model_copy(update={"seq": seq}) and not new)):
            return there
        await replace_versions(collection, [(seq, document)], session)
        if isinstance(event, AgentChanged) and before is not None and before["active"] and not event.active:
            await self._departures.begin(id_, self._clock(), session)
        key = key_of(event)
        cause = Cause(random_id(), key)
        fact = Fact.of(0, cause, DIRECTORY, key, key, seq + 1, self._clock(), event)
        await self._log.append([fact], session)
        if is_configuration(event) and (told := changes(there, event, private)):
            await self.audit.note(cause, event, name_of(event), there is None, told, author or _author(), session)
        return event

    async def _check_address(self, wanted: AgentChanged, session: AsyncClientSession) -> None:
        other = {"email": wanted.email, "_id": {"$ne": wanted.agent_id}}
        if await self._collections["agent"].find_one(other, session=session):
            raise Conflict("address_taken", "Another agent has this email address.")

    async def agent_by_address(self, email: str, session: AsyncClientSession | None = None) -> Document | None:
        """The agent with `private_password` (argon2) and `private_password_at`, when they have one."""
        return await self._collections["agent"].find_one({"email": email}, session=session)

    async def agent(self, agent_id: str) -> Document | None:
        return await self._collections["agent"].find_one({"_id": agent_id})

    async def app_secret(self, app_id: str) -> str:
        """Sealed; empty when there is none."""
        row = await self._collections["app"].find_one({"_id": app_id}, {"private_app_secret": True}) or {}
        found: str = row.get("private_app_secret", "")
        return found

    async def with_password(self) -> set[str]:
        """Agents who have one."""
        rows = self._collections["agent"].find({"private_password": {"$exists": True}}, projection={"_id": 1})
        return {row["_id"] for row in await rows.to_list(None)}

    async def all_of(self, kind: type[E]) -> list[E]:
        """Every entity of a kind as its event, by id; straight from the database, for the demo and for tests."""
        found = self._collections[KINDS[kind][0]].find().sort("_id", 1)
        return [kind.model_validate(_public(row)) async for row in found]

    async def keys(self) -> list[Document]:
        """Signing keys with `private_jwe`, oldest first: `desk-1`, `desk-2`, …"""
        rows = await self._collections["key"].find().to_list(None)
        return sorted(rows, key=lambda row: (len(row["_id"]), row["_id"]))


def _author() -> Author:
    """Whose request changes it; the desk itself outside of one."""
    viewer = acting()
    return Author(Actor(kind="agent", id=viewer.agent_id, name=viewer.name) if viewer else SYSTEM)


def _public(row: Document) -> Document:
    return {name: value for name, value in row.items() if name != "_id" and not name.startswith("private_")}
