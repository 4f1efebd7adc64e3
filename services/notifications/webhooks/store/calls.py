"""`webhook_calls`, their `webhook_lanes` and the events' bodies (`webhook_events`).

A lane is an endpoint's queue of one conversation: its row says when the first call in it is due, and its version
makes whoever adds to it and whoever takes from it see each other. So calls of a lane are made in order.
"""

from __future__ import annotations

from collections.abc import Collection as Items
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from services.notifications.model import Delivery, report, retry
from services.notifications.store import Store, delivery_document, delivery_facts, delivery_of, refused_fact
from services.notifications.webhooks.events import Refusal, refused
from services.notifications.webhooks.model import Call, Endpoint, abandoned, requeued
from services.notifications.webhooks.store.endpoints import Endpoints
from services.notifications.webhooks.store.lanes import Queue, call_of, outcome_of
from shared.contracts.deliveries import DeliveryEvent, WebhookRefused
from shared.ids import derived
from shared.log import Cause
from shared.mongo import Document, StaleVersion, expire_after, in_transaction, replace_versions

AT_ONCE = 500
"""Calls in one transaction."""
LANES_AT_ONCE = 100
BODY_OUTLIVES = timedelta(days=3)
"""So that a call that is replayed on its last day still finds what to say, at its last retry too."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One event's calls. `calls` have no place yet. `delivery` is what one of them carries, with its events. `refused`:
    a rule's call that is not made. `named` is the endpoint that a rule named, as the call was decided on."""

    cause: Cause
    body: bytes
    calls: tuple[Call, ...]
    delivery: Delivery | None = None
    events: tuple[DeliveryEvent, ...] = ()
    refused: WebhookRefused | None = None
    named: Endpoint | None = None

    def without(self, deliveries: Items[str]) -> Intent:
        """The same without the call that carries one of `deliveries`."""
        if self.delivery is None or self.delivery.id not in deliveries:
            return self
        calls = tuple(one for one in self.calls if one.delivery_id is None)
        return replace(self, calls=calls, delivery=None, events=())

    @property
    def applied_id(self) -> str:
        """The group's own mark: other groups of the service mark the event's id itself."""
        return derived("webhooks", self.cause.id)


class Due(NamedTuple):
    """A call whose turn it is. `body` None: what it says is no longer kept."""

    call: Call
    body: bytes | None


class Calls:
    """`kept_days` is how long a call that is over can be looked at and replayed."""

    def __init__(self, deliveries: Store, endpoints: Endpoints, *, kept_days: int) -> None:
        database = deliveries.database
        self.rows = database.get_collection("webhook_calls")
        self.lanes = database.get_collection("webhook_lanes")
        self.bodies = database.get_collection("webhook_events")
        self._deliveries = deliveries
        self._endpoints = endpoints
        self._client = deliveries.client
        self._kept = timedelta(days=kept_days)

    async def ensure_indexes(self) -> None:
        up, down = ASCENDING, DESCENDING
        await self.rows.create_indexes(
            [
                IndexModel([("lane", up), ("state", up), ("place", up)]),
                IndexModel([("endpoint_id", up), ("state", up), ("created_at", down), ("_id", down)]),
                IndexModel([("endpoint_id", up), ("created_at", down), ("_id", down)]),
            ]
        )
        await self.lanes.create_index([("endpoint_id", up), ("due_at", up)])
        await expire_after(self.rows, "forget_at", 0)
        await expire_after(self.bodies, "forget_at", 0)

    # ── in ───────────────────────────────────────────────────────────────────────────────────────
    async def accept(self, intents: Sequence[Intent]) -> int:
        """Write what is new among `intents` in one transaction, at the end of each lane; how many calls that made.
        Raises Moved when an endpoint that a rule named is another since that was decided."""
        by_id = {one.applied_id: one for one in intents}

        async def work(session: AsyncClientSession) -> int:
            applied = await self._deliveries.log.already_applied(list(by_id), session)
            fresh = [one for applied_id, one in by_id.items() if applied_id not in applied]
            new = await self._not_carried_yet(fresh, session)
            if not new:
                return 0
            await self._endpoints.hold([one.named for one in new if one.named], session)
            queue = Queue(await self._read_lanes({call.lane for one in new for call in one.calls}, session))
            calls = [queue.add(call) if call.state == "queued" else call for one in new for call in one.calls]
            if calls:
                await self.rows.insert_many([self._document(call) for call in calls], ordered=False, session=session)
                await self._keep_bodies([one for one in new if one.calls], session)
            await self._write(queue, session)
            await self._keep_deliveries(new, session)
            told = [refused_fact(one.refused, one.cause) for one in new if one.refused]
            await self._deliveries.log.append(told, session)
            await self._deliveries.log.remember([one.applied_id for one in new], session)
            return len(calls)

        return await in_transaction(self._client, work) if by_id else 0

    async def _read_lanes(self, lanes: Items[str], session: AsyncClientSession) -> list[Document]:
        return await self.lanes.find({"_id": {"$in": list(lanes)}}, session=session).to_list(None)

    async def _keep_bodies(self, new: Sequence[Intent], session: AsyncClientSession) -> None:
        rows = [
            {"_id": one.calls[0].event_id, "body": one.body, "forget_at": self._forget(one.calls[0], BODY_OUTLIVES)}
            for one in new
        ]
        await self.bodies.insert_many(rows, ordered=False, session=session)

    async def _keep_deliveries(self, new: Sequence[Intent], session: AsyncClientSession) -> None:
        for one in new:
            if one.delivery is not None:
                await self._deliveries.deliveries.insert_one(delivery_document(one.delivery), session=session)
                await self._deliveries.log.append(delivery_facts(one.events, one.cause), session)

    async def _not_carried_yet(self, fresh: Sequence[Intent], session: AsyncClientSession) -> list[Intent]:
        """An answer whose delivery is there was handled before, and its input forgotten: it is not carried again."""
        ids = [one.delivery.id for one in fresh if one.delivery]
        found = self._deliveries.deliveries.find({"_id": {"$in": ids}}, projection={"_id": 1}, session=session)
        known = {row["_id"] async for row in found} if ids else set()
        return [left for one in fresh if (left := one.without(known)).calls or left.refused]

    # ── out ──────────────────────────────────────────────────────────────────────────────────────
    async def due(self, endpoint_id: str, now: datetime, *, limit: int, besides: Items[str]) -> list[Due]:
        """The first calls of lanes that are due, the longest due first, without the lanes in hand."""
        where = {"endpoint_id": endpoint_id, "due_at": {"$lte": now}}
        found = self.lanes.find(where, projection={"first": 1}).sort("due_at", ASCENDING)
        lanes = [row async for row in found.limit(limit + len(besides)) if row["_id"] not in besides][:limit]
        if not lanes:
            return []
        first = {"_id": {"$in": [one["first"] for one in lanes]}, "state": "queued"}
        calls = {row["_id"]: call_of(row) async for row in self.rows.find(first)}
        for one in lanes:
            if one["first"] not in calls:
                await self.mend(one["_id"])
        events = list({one.event_id for one in calls.values()})
        bodies = {row["_id"]: bytes(row["body"]) async for row in self.bodies.find({"_id": {"$in": events}})}
        ordered = [calls[one["first"]] for one in lanes if one["first"] in calls]
        return [Due(one, bodies.get(one.event_id)) for one in ordered]

    async def next_due(self, endpoint_id: str) -> datetime | None:
        row = await self.lanes.find_one({"endpoint_id": endpoint_id}, sort=[("due_at", ASCENDING)])
        return row["due_at"] if row else None

    async def record(self, made: Sequence[tuple[Call, Call]]) -> set[str]:
        """Write attempts' results (before, after) in one transaction, and what they mean for the lanes and for the
        answers that they carry. The ids of those recorded: of another, somebody else recorded one since it was read.
        """

        async def work(session: AsyncClientSession) -> set[str]:
            ids = [before.id for before, _ in made]
            found = self.rows.find({"_id": {"$in": ids}}, projection={"seq": 1}, session=session)
            versions = {row["_id"]: row["seq"] async for row in found}
            ours = [(before, after) for before, after in made if versions.get(before.id) == before.seq]
            changes = [(before.seq, self._document(after)) for before, after in ours]
            await replace_versions(self.rows, changes, session)
            await self._move_on([after for _, after in ours], session)
            for _, after in ours:
                await self._report(after, session)
            return {before.id for before, _ in ours}

        return await in_transaction(self._client, work)

    async def _move_on(self, calls: Sequence[Call], session: AsyncClientSession) -> None:
        queue = Queue(await self._read_lanes({one.lane for one in calls}, session))
        follows = {lane: await self._first_of(lane, session) for lane in queue.ask_for_next(calls)}
        for call in calls:
            queue.take(call, follows.get(call.lane))
        await self._write(queue, session)

    async def _first_of(self, lane_id: str, session: AsyncClientSession) -> str | None:
        waiting = {"lane": lane_id, "state": "queued"}
        row = await self.rows.find_one(waiting, {"_id": 1}, sort=[("place", ASCENDING)], session=session)
        return row["_id"] if row else None

    async def _write(self, queue: Queue, session: AsyncClientSession) -> None:
        await replace_versions(self.lanes, queue.changes(), session)
        await self._drop(queue.ended(), session)

    async def _drop(self, lanes: Mapping[str, int], session: AsyncClientSession) -> None:
        if not lanes:
            return
        ended = {"$or": [{"_id": one, "seq": seq} for one, seq in lanes.items()]}
        if (await self.lanes.delete_many(ended, session=session)).deleted_count != len(lanes):
            raise StaleVersion("a lane moved on")

    async def mend(self, lane_id: str) -> None:
        """Make a lane say what really waits in it; it ends when nothing does."""

        async def work(session: AsyncClientSession) -> None:
            for lane in await self._read_lanes([lane_id], session):
                waiting = {"lane": lane_id, "state": "queued"}
                count = await self.rows.count_documents(waiting, session=session)
                first = await self._first_of(lane_id, session)
                if first is None:
                    await self._drop({lane_id: lane["seq"]}, session)
                    continue
                mended = {**lane, "first": first, "waiting": count, "seq": lane["seq"] + 1}
                await replace_versions(self.lanes, [(lane["seq"], mended)], session)

        await in_transaction(self._client, work)

    async def _report(self, call: Call, session: AsyncClientSession) -> None:
        if call.delivery_id is None:
            return
        row = await self._deliveries.deliveries.find_one({"_id": call.delivery_id}, session=session)
        if row is None:
            return
        before = delivery_of(row)
        after, events = report(before, **outcome_of(call), now=call.updated_at)
        if after.seq == before.seq:
            return
        cause = Cause(derived("attempt", call.id, str(call.seq)), before.correlation_id, before.traceparent)
        await replace_versions(self._deliveries.deliveries, [(before.seq, delivery_document(after))], session)
        await self._deliveries.log.append(delivery_facts(events, cause), session)

    # ── the end, and again ───────────────────────────────────────────────────────────────────────
    async def abandon(self, endpoint_id: str, reason: str, why: Refusal, now: datetime) -> bool:
        """Some of what waits for the endpoint becomes dead, and the conversations of those that rules asked for are
        told `why`; True while there is more."""

        async def work(session: AsyncClientSession) -> bool:
            some = self.lanes.find({"endpoint_id": endpoint_id}, session=session).limit(LANES_AT_ONCE)
            lanes = await some.to_list(None)
            waiting = {"lane": {"$in": [one["_id"] for one in lanes]}, "state": "queued"}
            found = self.rows.find(waiting, session=session).limit(AT_ONCE)
            calls = [(call_of(row), abandoned(call_of(row), reason, now=now)) async for row in found]
            changes = [(before.seq, self._document(after)) for before, after in calls]
            await replace_versions(self.rows, changes, session)
            for _, after in calls:
                await self._report(after, session)
            await self._tell_refused([after for _, after in calls], why, session)
            if lanes and len(calls) < AT_ONCE:
                await self._drop({one["_id"]: one["seq"] for one in lanes}, session)
            return bool(lanes)

        return await in_transaction(self._client, work)

    async def _tell_refused(self, calls: Sequence[Call], why: Refusal, session: AsyncClientSession) -> None:
        """Once for each: one that was refused, replayed and abandoned after that was told the first time."""
        asked = {one.asked.custom_id: (one, one.asked) for one in calls if one.asked}
        found = self._deliveries.log.rows.find({"aggregate_id": {"$in": list(asked)}, "seq": 1}, session=session)
        told = {row["aggregate_id"] async for row in found}
        facts = [
            refused_fact(
                refused(by, why, call.updated_at),
                Cause(derived("refused", call.id), by.correlation_id, by.traceparent),
            )
            for custom_id, (call, by) in asked.items()
            if custom_id not in told
        ]
        await self._deliveries.log.append(facts, session)

    async def requeue(self, ids: Sequence[str], now: datetime) -> int:
        """Calls that are over go to the end of their lanes, with the same ids; how many. One that waits for a retry is
        due now; one whose event is no longer kept is left as it is."""

        async def work(session: AsyncClientSession) -> int:
            found = self.rows.find({"_id": {"$in": list(ids)}}, session=session)
            named = [call_of(row) async for row in found.sort([("created_at", ASCENDING), ("place", ASCENDING)])]
            queue = Queue(await self._read_lanes({one.lane for one in named}, session))
            over = await self._with_bodies([one for one in named if one.state != "queued"], session)
            changes = [(one.seq, queue.add(requeued(one, 0, now=now))) for one in over]
            for one in named:
                if one.state == "queued":
                    queue.hurry(one.lane, now)
            for _, after in changes:
                await self._reopen(after, session)
            await replace_versions(self.rows, [(seq, self._document(after)) for seq, after in changes], session)
            await self._write(queue, session)
            return len(changes)

        return await in_transaction(self._client, work)

    async def _with_bodies(self, calls: Sequence[Call], session: AsyncClientSession) -> list[Call]:
        ids = [one.event_id for one in calls]
        kept = {row["_id"] async for row in self.bodies.find({"_id": {"$in": ids}}, {"_id": 1}, session=session)}
        return [one for one in calls if one.event_id in kept]

    async def _reopen(self, call: Call, session: AsyncClientSession) -> None:
        """A reply that failed is on its way again; one that was sent stays sent."""
        if call.delivery_id is None:
            return
        rows = self._deliveries.deliveries
        row = await rows.find_one({"_id": call.delivery_id, "state": "failed"}, session=session)
        if row is not None:
            before = delivery_of(row)
            after = retry(before, now=call.updated_at)
            await replace_versions(rows, [(before.seq, delivery_document(after))], session)

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────
    def _document(self, call: Call) -> Document:
        fields = call.model_dump()
        over = {} if call.state == "queued" else {"forget_at": self._forget(call)}
        return {"_id": fields.pop("id"), **fields, **over}

    def _forget(self, call: Call, longer: timedelta = timedelta()) -> datetime:
        return call.created_at + self._kept + longer
