"""Governed artifacts read: as they stand, each version, what happened, and what is in force."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts.governance import Rollout
from shared.errors import Invalid, NotFound, Transient
from shared.governance.documents import (
    D,
    Ending,
    Happened,
    Held,
    K,
    Noun,
    Past,
    artifact_of,
    version_name,
)
from shared.governance.model import Terms
from shared.governance.stages import Member
from shared.mongo import Database, Document

C = TypeVar("C")
"""What a whole revision is made into, to be used."""

KEPT_SETS = 20
HISTORY = 200


class Reading(Generic[D, K, C]):
    """`compile` makes a revision's members, in order, into what is used. It may raise Invalid or ValidationError."""

    def __init__(self, noun: Noun[D, K], database: Database, compile: Callable[[Sequence[Member[K]]], C]) -> None:
        self.noun = noun
        self.rows = database.get_collection(noun.plural)
        self._versions = database.get_collection(f"{noun.name}_versions")
        self._history = database.get_collection(f"{noun.name}_history")
        self._sets = database.get_collection(f"{noun.name}sets")
        self._terms = database.get_collection("governance")
        self._orders = database.get_collection("governance_orders")
        self._compile = compile
        self._compiled: OrderedDict[int, C] = OrderedDict()

    async def ensure_indexes(self) -> None:
        of_one = f"{self.noun.name}_id"
        await self.rows.create_indexes([IndexModel([("order", ASCENDING), ("_id", ASCENDING)])])
        await self._versions.create_indexes([IndexModel([(of_one, ASCENDING), ("version", ASCENDING)], unique=True)])
        await self._history.create_indexes([IndexModel([(of_one, ASCENDING), ("seq", ASCENDING)], unique=True)])

    # ── in force ─────────────────────────────────────────────────────────────────────────────────
    async def current(self) -> tuple[int, C]:
        """The revision in force, compiled; 0 and what comes of nothing before the first one."""
        newest = await self._sets.find_one({}, projection={"_id": 1}, sort=[("_id", DESCENDING)])
        revision: int = newest["_id"] if newest else 0
        return revision, await self.at(revision)

    async def at(self, revision: int) -> C:
        """A revision compiled, for an explanation too.

        Raises Transient when a newer release saved something that this one can't read: to wait for the upgrade
        is right, to go on without it is not.
        """
        if revision not in self._compiled:
            try:
                self._compiled[revision] = self._compile(await self._members(await self._set(revision)))
            except (ValidationError, Invalid) as error:
                plural = self.noun.plural
                raise Transient(f"{plural} of revision {revision} can't be read by this release: {error}") from error
            while len(self._compiled) > KEPT_SETS:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(revision)
        return self._compiled[revision]

    async def in_force(self) -> list[Member[K]]:
        """What is in force now, in order."""
        return await self._members(await self._sets.find_one({}, sort=[("_id", DESCENDING)]))

    async def _set(self, revision: int) -> Document | None:
        return await self._sets.find_one({"_id": revision})

    async def _members(self, found: Document | None) -> list[Member[K]]:
        listed: list[dict[str, Any]] = found[self.noun.plural] if found else []
        names = [(one["id"], version) for one in listed for version in (one["version"], one["before"]) if version]
        kept = await self.kept(names)
        return [
            Member(
                kept[one["id"], one["version"]],
                kept[one["id"], one["before"]] if one["before"] else None,
                Rollout.model_validate(one["rollout"]) if one["rollout"] else None,
                one.get("since"),
            )
            for one in listed
        ]

    # ── as they stand ────────────────────────────────────────────────────────────────────────────
    async def all(self, session: AsyncClientSession | None = None, *, retired: bool = False) -> list[Held[K]]:
        """In order; the retired ones as well when those are asked for."""
        asked: Document = {} if retired else {"state": {"$ne": "retired"}}
        found = self.rows.find(asked, session=session).sort([("order", ASCENDING), ("_id", ASCENDING)])
        return await self._held(await found.to_list(None), session)

    async def get(self, id_: str, session: AsyncClientSession | None = None) -> Held[K]:
        found = await self.rows.find_one({"_id": id_}, session=session)
        if found is None:
            raise NotFound(self.noun.name, f"There is no such {self.noun.words}.")
        return (await self._held([found], session))[0]

    async def terms(self, session: AsyncClientSession | None = None) -> Terms:
        found = await self._terms.find_one({"_id": self.noun.name}, session=session)
        return Terms(approvals=found["approvals"], approver_role_ids=found["approver_role_ids"]) if found else Terms()

    async def _held(self, rows: Sequence[Document], session: AsyncClientSession | None) -> list[Held[K]]:
        kept = await self.kept([(row["_id"], row["version"]) for row in rows], session)
        return [
            Held(kept[row["_id"], row["version"]].model_copy(update={"order": row["order"]}), artifact_of(row))
            for row in rows
        ]

    # ── what was ─────────────────────────────────────────────────────────────────────────────────
    async def kept(
        self, names: Collection[tuple[str, int]], session: AsyncClientSession | None = None
    ) -> dict[tuple[str, int], K]:
        """Versions by id and number; they never change."""
        asked = [version_name(id_, version) for id_, version in names]
        found = self._versions.find({"_id": {"$in": asked}}, session=session)
        made = [self.noun.kept.model_validate(row[self.noun.name]) async for row in found]
        return {(one.id, one.version): one for one in made}

    async def version(self, id_: str, version: int, session: AsyncClientSession | None = None) -> K:
        found = (await self.kept([(id_, version)], session)).get((id_, version))
        if found is None:
            raise NotFound(self.noun.name, f"There is no such version of this {self.noun.words}.")
        return found

    async def past(self, id_: str) -> list[Past[K]]:
        """Every version that ever was, newest first."""
        found = self._versions.find({f"{self.noun.name}_id": id_}).sort("version", DESCENDING)
        return [
            Past(self.noun.kept.model_validate(row[self.noun.name]), Ending.model_validate(row["ending"]))
            async for row in found
        ]

    async def ending(self, id_: str, version: int, session: AsyncClientSession | None = None) -> Ending:
        """What a version came to. Raises NotFound."""
        found = await self._versions.find_one({"_id": version_name(id_, version)}, session=session)
        if found is None:
            raise NotFound(self.noun.name, f"There is no such version of this {self.noun.words}.")
        return Ending.model_validate(found["ending"])

    async def history(self, id_: str) -> list[Happened]:
        """What happened, newest first."""
        found = self._history.find({f"{self.noun.name}_id": id_}).sort("seq", DESCENDING).limit(HISTORY)
        return [Happened.model_validate({name: row[name] for name in Happened.model_fields}) async for row in found]
