"""Governed artifacts written: each act is one transaction with its line of history, the revision that it leads to, and
what others are told.

Every change of what is in force publishes a revision: the versions in force, in order. What follows from one names it,
and every replica sees a new one before its next batch.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from pymongo import DESCENDING
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts.governance import ActName, ArtifactChanged
from shared.errors import Conflict, Invalid
from shared.governance import model
from shared.governance.documents import D, Ending, Held, K, Noun, member_of, row_of, version_name
from shared.governance.model import Artifact, Terms
from shared.governance.reading import C, Reading
from shared.governance.stages import Member
from shared.governance.written import Act, event_of, terms_event
from shared.log import Log
from shared.mongo import Client, Database, Document, in_transaction

T = TypeVar("T")

Step = Callable[[Artifact, Terms], Artifact]
"""What is done, as the model says it; raises DomainErrors."""
Check = Callable[[str, AsyncClientSession], Awaitable[None]]
"""Raises Conflict when one must stay as it is."""


class Governed(Reading[D, K, C]):
    """A kind of artifacts. What a service does besides, in the same transaction: `_told` lets others hear of each act,
    `_written` follows what is in force."""

    def __init__(
        self,
        noun: Noun[D, K],
        client: Client,
        database: Database,
        log: Log,
        compile: Callable[[Sequence[Member[K]]], C],
    ) -> None:
        super().__init__(noun, database, compile)
        self._client = client
        self._log = log
        self._clock = log.clock

    async def _told(self, event: ArtifactChanged, session: AsyncClientSession) -> None:
        """Nobody hears, where a kind does not say otherwise."""

    async def _written(self, held: Held[K], session: AsyncClientSession) -> None:
        """Nothing follows, where a kind does not say otherwise."""

    # ── saving ───────────────────────────────────────────────────────────────────────────────────
    async def create(
        self,
        id_: str,
        draft: D,
        also: Mapping[str, Any] | None = None,
        *,
        by: str,
        now: datetime,
        publish: bool = False,
        rationale: str = "",
    ) -> Held[K]:
        """Version 1, last in order: a draft, or in force at once. The same id again changes nothing and gives it as it
        is. `also`: what is kept with the draft. Raises Conflict("needs_approval") where a kind asks for approvals."""

        async def work(session: AsyncClientSession) -> Held[K]:
            await self._take_turn(session)
            rows = await self.rows.find({}, projection={"order": 1, "state": 1}, session=session).to_list(None)
            if any(row["_id"] == id_ for row in rows):
                return await self.get(id_, session)
            noun = self.noun
            if sum(1 for row in rows if row["state"] != "retired") >= noun.most:
                raise Invalid(f"too_many_{noun.plural}", f"There can be {noun.most} {noun.plural}. Retire one first.")
            order = max((row["order"] for row in rows), default=-1) + 1
            kept = self._made(draft, also, id_, 1, order, by, now)
            saved = model.made(id_, by)
            await self._keep(kept, session)
            acts = [(Act("saved", by, now, "" if publish else rationale), saved)]
            if publish:
                acts.append(await self._at_once(saved, by, now, rationale, session))
            return await self._write(None, kept, acts, session)

        return await in_transaction(self._client, work)

    async def replace(
        self,
        id_: str,
        draft: D,
        also: Mapping[str, Any] | None = None,
        *,
        version: int,
        command_id: str,
        by: str,
        now: datetime,
        publish: bool = False,
        rationale: str = "",
    ) -> Held[K]:
        """The next version. Raises Conflict("stale_version") when `version` is not the latest any more."""

        async def work(session: AsyncClientSession, before: Held[K]) -> Held[K]:
            kept = self._made(draft, also, id_, version + 1, before.kept.order, by, now)
            saved = model.save(before.artifact, by)
            await self._keep(kept, session)
            acts = [(Act("saved", by, now, "" if publish else rationale), saved)]
            if publish:
                acts.append(await self._at_once(saved, by, now, rationale, session))
            return await self._write(before, kept, acts, session)

        return await self._once(id_, version, command_id, work)

    async def _at_once(
        self, saved: Artifact, by: str, now: datetime, rationale: str, session: AsyncClientSession
    ) -> tuple[Act, Artifact]:
        after = model.publish(saved, await self.terms(session), by=by, now=now, rationale=rationale)
        return Act("published", by, now, rationale), after

    # ── acts ─────────────────────────────────────────────────────────────────────────────────────
    async def act(
        self, id_: str, step: Step, act: Act, *, version: int, command_id: str, check: Check | None = None
    ) -> Held[K]:
        """Carry out one act on the latest version, which must be `version`. The same command again changes nothing."""

        async def work(session: AsyncClientSession, before: Held[K]) -> Held[K]:
            if check:
                await check(id_, session)
            after = step(before.artifact, await self.terms(session))
            name: ActName = "scheduled" if act.name == "published" and after.state == "scheduled" else act.name
            done = Act(name, act.by, act.at, act.text)
            return await self._write(before, before.kept, [(done, after)], session)

        return await self._once(id_, version, command_id, work)

    async def roll_back(self, id_: str, to: int, act: Act, *, version: int, command_id: str) -> Held[K]:
        """What version `to` says is in force again, as the next version.

        Raises Conflict("never_published") for one that never was, and NotFound."""

        async def work(session: AsyncClientSession, before: Held[K]) -> Held[K]:
            if (await self.ending(id_, to, session)).published_at is None:
                raise Conflict("never_published", f"Version {to} never was in force, so nobody approved of it.")
            old = await self.version(id_, to, session)
            after = model.roll_back(before.artifact, act.text)
            fields = {"version": after.version, "saved_at": act.at, "saved_by": act.by, "order": before.kept.order}
            kept = old.model_copy(update=fields)
            await self._keep(kept, session)
            return await self._write(before, kept, [(act, after)], session)

        return await self._once(id_, version, command_id, work)

    async def reorder(self, ids: Sequence[str], *, by: str, now: datetime) -> list[Held[K]]:
        """Put all that are not retired into this order. Raises Invalid unless each is named exactly once."""

        async def work(session: AsyncClientSession) -> list[Held[K]]:
            held = {one.artifact.id: one.kept.order for one in await self.all(session)}
            if sorted(ids) != sorted(held):
                words = self.noun.words
                raise Invalid("order", f"Name every {words} exactly once. Changed meanwhile? Load them again.")
            for order, id_ in enumerate(ids):
                if held[id_] != order:
                    await self.rows.update_one({"_id": id_}, {"$set": {"order": order}}, session=session)
            await self._revise(by, now, session)
            return await self.all(session)

        return await in_transaction(self._client, work)

    async def on_due(self, documents: Sequence[Document]) -> None:
        """Publish what was scheduled. Rows of `rows`, claimed (`shared.timers`)."""
        now = self._clock()
        for row in documents:

            async def work(session: AsyncClientSession, id_: str = row["_id"]) -> None:
                before = await self.get(id_, session)
                after = model.come_due(before.artifact, await self.terms(session), now)
                if after is None:
                    row = row_of(before.artifact, before.kept.order)
                    await self.rows.replace_one({"_id": id_}, row, session=session)
                    return
                by = before.artifact.schedule.by if before.artifact.schedule else ""
                act = Act("published", by, now, after.rationale)
                if after.state != "published":
                    act = Act("not_published", by, now, "More approvals are needed than when it was scheduled.")
                await self._write(before, before.kept, [(act, after)], session)

            await in_transaction(self._client, work)

    async def set_terms(self, terms: Terms, *, by: str, now: datetime) -> Terms:
        """What this kind asks for from now on; what is in force stays so."""

        async def work(session: AsyncClientSession) -> Terms:
            asked = {"_id": self.noun.name}
            found = await self._terms.find_one(asked, session=session)
            before, seq = await self.terms(session), found["seq"] + 1 if found else 1
            if before != terms:
                await self._terms.replace_one(asked, {**terms.model_dump(), "seq": seq}, upsert=True, session=session)
                await self._told(terms_event(self.noun, seq, before, terms, Act("terms_changed", by, now)), session)
            return terms

        return await in_transaction(self._client, work)

    # ── parts ────────────────────────────────────────────────────────────────────────────────────
    async def _take_turn(self, session: AsyncClientSession) -> None:
        """Two that are created at once write this row, so that the later runs again and comes after the other: each
        reads which place is the last, and drafts touch no revision on which they would meet."""
        await self._orders.update_one({"_id": self.noun.name}, {"$inc": {"created": 1}}, upsert=True, session=session)

    async def _once(
        self,
        id_: str,
        version: int,
        command_id: str,
        work: Callable[[AsyncClientSession, Held[K]], Awaitable[Held[K]]],
    ) -> Held[K]:
        async def once(session: AsyncClientSession) -> Held[K]:
            before = await self.get(id_, session)
            if await self._log.already_applied([command_id], session):
                return before
            _need_version(before, version)
            held = await work(session, before)
            await self._log.remember([command_id], session)
            return held

        return await in_transaction(self._client, once)

    async def _write(
        self, before: Held[K] | None, kept: K, acts: Sequence[tuple[Act, Artifact]], session: AsyncClientSession
    ) -> Held[K]:
        """Where it stands after the last act, each act's line, and the revision."""
        after = acts[-1][1]
        await self.rows.replace_one(
            {"_id": after.id}, row_of(after, kept.order), upsert=before is None, session=session
        )
        for act, artifact in acts:
            await self._note(act, artifact, kept, before.kept if before else None, session)
        act, held = acts[-1][0], Held(kept, after)
        await self._end(after, before.artifact if before else None, act.at, session)
        await self._revise(act.by, act.at, session)
        await self._written(held, session)
        return held

    async def _note(self, act: Act, artifact: Artifact, kept: K, before: K | None, session: AsyncClientSession) -> None:
        event = event_of(self.noun, act, artifact, kept, before)
        line = {name: getattr(event, name) for name in ("seq", "at", "act", "version", "text")}
        of_one = {"_id": event.act_id, f"{self.noun.name}_id": artifact.id}
        await self._history.insert_one({**of_one, **line, "by": act.by}, session=session)
        await self._told(event, session)

    async def _end(self, after: Artifact, before: Artifact | None, now: datetime, session: AsyncClientSession) -> None:
        """What the latest version came to so far stands beside it, for when it is not the latest any more."""
        name = version_name(after.id, after.version)
        told: Document = {
            "ending.approvals": [one.model_dump() for one in after.approvals],
            "ending.rationale": after.rationale,
        }
        if after.published == after.version and (before is None or before.published != after.published):
            told["ending.published_at"] = now
        await self._versions.update_one({"_id": name}, {"$set": told}, session=session)

    async def _revise(self, by: str, now: datetime, session: AsyncClientSession) -> None:
        """A new revision, when anything differs. Two at once meet on the number, and the later runs again."""
        plural = self.noun.plural
        last = await self._sets.find_one({}, sort=[("_id", DESCENDING)], session=session)
        held = await self.all(session)
        before: list[Document] = last[plural] if last else []
        was = {one["id"]: one for one in before}
        published = [one.artifact for one in held if one.artifact.published is not None]
        members = [member_of(one, was.get(one.id), now) for one in published]
        if members != before:
            number = last["_id"] + 1 if last else 1
            await self._sets.insert_one({"_id": number, plural: members, "by": by, "at": now}, session=session)

    async def _keep(self, made: K, session: AsyncClientSession) -> None:
        name = self.noun.name
        document = {"_id": version_name(made.id, made.version), f"{name}_id": made.id, "version": made.version}
        await self._versions.insert_one(
            {**document, name: made.model_dump(), "ending": Ending().model_dump()}, session=session
        )

    def _made(
        self, draft: D, also: Mapping[str, Any] | None, id_: str, version: int, order: int, by: str, now: datetime
    ) -> K:
        written = {name: getattr(draft, name) for name in self.noun.draft.model_fields}
        return self.noun.kept(
            **written, **(also or {}), id=id_, version=version, order=order, saved_by=by, saved_at=now
        )


def _need_version(held: Held[K], version: int) -> None:
    kept = held.kept
    if kept.version != version:
        name = getattr(kept, "name", kept.id)
        sentence = f'"{name}" was changed meanwhile, from version {version} to {kept.version}. Load it again.'
        raise Conflict("stale_version", sentence)
