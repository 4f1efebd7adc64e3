"""What customers did in a brand's product, on its way to their profile and their conversation.

Consumes ingest.activity.v1 in the group `tickets.activity`; emits tickets.contacts.v1 and CustomerActed of
tickets.conversations.v1, through the log. Idempotent by the record's `ce_id`. A group of its own: a product that
reports a million clicks holds up nobody's message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.tickets.handlers import Tally, unapplied
from services.tickets.model.activity import (
    KnownUser,
    Told,
    decide_told,
    decide_user,
    facts_of,
    keys_of,
    owner_of,
    still_told,
)
from services.tickets.model.state import CUSTOMER, Context
from services.tickets.store import Store
from services.tickets.store.activity import Did, Home
from services.tickets.store.work import Work
from shared import ids
from shared.cloudevents import Received
from shared.consume import Batch
from shared.contracts.activity import ActivityRecorded
from shared.contracts.base import Event
from shared.contracts.contacts import Contact
from shared.log import Cause

GROUP = "tickets.activity"


@dataclass(frozen=True, slots=True)
class Doing:
    """One input that is applied now, and whose it is."""

    received: Received[Event]
    said: ActivityRecorded
    contact_id: str

    @property
    def home(self) -> Home:
        """Among whose conversations, and of which brand, the one is that hears of it."""
        return self.contact_id, self.said.brand_id


class ActivityHandlers:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def on_batch(self, batch: Batch) -> None:
        """Apply a batch in one transaction; what was applied before changes nothing."""

        async def decide(work: Work) -> Tally:
            tally = Tally()
            fresh = await unapplied(work, batch, tally)
            said = [(one, one.data) for one in fresh.values() if isinstance(one.data, ActivityRecorded)]
            if said:
                await work.load([], (key for _, data in said for key in keys_of(data).values()))
                doings = [Doing(one, data, _met(work, Cause.of(one), data)) for one, data in said]
                await self._take(work, doings, tally)
                await work.save(list(fresh))
            return tally

        (await self._store.change(decide)).report()

    async def _take(self, work: Work, doings: Sequence[Doing], tally: Tally) -> None:
        """Keep what they did, and tell each one's newest conversation of it."""
        people = [person for id_ in {one.contact_id for one in doings} if (person := work.exactly(id_))]
        homes = await self._homes(work, people, {one.said.brand_id for one in doings})
        await work.load(homes.values())
        heard = await self._store.activity.told({one.home for one in doings}, work.session)
        told = {home: still_told(lately, work.now) for home, lately in heard.items()}
        for one in doings:
            work.record_activity(one.contact_id, facts_of(one.said))
            state, lately = work.itself(homes.get(one.home, "")), told.get(one.home, ())
            outcome = decide_told(state, one.said, Context(work.now, CUSTOMER), lately)
            work.record(Cause.of(one.received), outcome.events, outcome.state)
            if outcome.events:
                told[one.home] = (*lately, Told(homes[one.home], one.said.activity.name, work.now))
            for why_not in outcome.ignored or ("applied",):
                tally.add(one.received, why_not)
        rows = [Did(one.said.input_id, one.contact_id, one.said.brand_id, one.said.activity) for one in doings]
        await self._store.activity.add(rows, told, work.session)

    async def _homes(self, work: Work, people: Iterable[Contact], brand_ids: set[str]) -> Mapping[Home, str]:
        """By contact and brand: their newest conversation that is not closed, whichever of their contacts wrote it."""
        parts = {one.id: (one.id, *one.merged_ids) for one in people}
        unclosed = await self._store.activity.unclosed([id_ for ids_ in parts.values() for id_ in ids_], work.session)
        found: dict[Home, str] = {}
        for contact_id, theirs in parts.items():
            for brand_id in brand_ids:
                if open_ones := [unclosed[id_, brand_id] for id_ in theirs if (id_, brand_id) in unclosed]:
                    found[contact_id, brand_id] = max(open_ones)[1]
        return found


def _met(work: Work, cause: Cause, said: ActivityRecorded) -> str:
    """The contact whose activity it is, made or grown now."""
    by = {kind: work.contact(key) for kind, key in keys_of(said).items()}
    known = KnownUser(by.get("external"), by.get("email"), by.get("phone"))
    owner = owner_of(known, said)
    # Deriving an id costs as much as the rest of this, and the usual user is known.
    new_id = "" if owner else ids.derived("contact", cause.id)
    work.record_contact(cause, decide_user(known, said, work.now, new_id))
    return owner.id if owner else new_id
