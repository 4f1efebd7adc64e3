"""Service levels: policies and calendars with all their versions, and the targets of each conversation and ticket.

MongoDB: `sla_policies`, `calendars` and what `shared.governance` keeps beside them; `sla_targets` and
`ticket_targets`, a row per conversation or ticket that policies were looked at for. A row with a `due_at` is claimed by
lease (`shared.timers`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.sla.counting import Tables, TargetRow
from services.routing.sla.hours import OpeningHours
from services.routing.sla.policies import PolicySet
from services.routing.sla.schema import Calendar, CalendarDraft, Policy, PolicyDraft
from services.routing.sla.timetable import Timetable, WorkingHours, timetable
from services.routing.store.artifacts import Artifacts
from shared.contracts.sla import CalendarRef
from shared.errors import Conflict, NotFound
from shared.governance.documents import Noun
from shared.governance.model import retire
from shared.governance.written import Act
from shared.log import Log
from shared.mongo import Client, Database, replace_versions

POLICIES = Noun("sla_policy", "sla_policies", "policy", PolicyDraft, Policy, 200)
CALENDARS = Noun("calendar", "calendars", "calendar", CalendarDraft, Calendar, 200)
TABLES_KEPT = 400
"""Laid out working times, of the versions that running targets go by; each is some years of opening times."""

InForce = Mapping[str, Calendar]


class Policies(Artifacts[PolicyDraft, Policy, PolicySet]):
    def __init__(self, client: Client, database: Database, log: Log) -> None:
        super().__init__(POLICIES, client, database, log, PolicySet)


class Calendars(Artifacts[CalendarDraft, Calendar, InForce]):
    """In force as they are saved: what they say are facts, which nobody has to approve."""

    def __init__(self, client: Client, database: Database, log: Log, policies: Policies) -> None:
        super().__init__(CALENDARS, client, database, log, lambda kept: {one.now.id: one.now for one in kept})
        self._policies = policies
        self._tables: OrderedDict[tuple[str, int], WorkingHours] = OrderedDict()

    async def there(self, session: AsyncClientSession | None = None) -> list[Calendar]:
        """Those that are not retired, in order."""
        return [one.kept for one in await self.all(session)]

    async def one(self, id_: str) -> Calendar:
        """Raises NotFound for a retired one as well."""
        held = await self.get(id_)
        if held.artifact.published is None:
            raise NotFound(CALENDARS.name, "There is no such calendar; it may have been deleted.")
        return held.kept

    async def remove(self, id_: str, *, version: int, command_id: str, by: str, now: datetime) -> None:
        """Its versions stay. Raises Conflict while a policy counts by it."""
        await self.one(id_)
        act = Act("retired", by, now)
        step = lambda one, _: retire(one)  # noqa: E731
        await self.act(id_, step, act, version=version, command_id=command_id, check=self.free)

    async def free(self, id_: str, session: AsyncClientSession) -> None:
        """Raises Conflict while a policy counts by it."""
        for held in await self._policies.all(session):
            id_of, numbers = held.artifact.id, held.artifact.in_force
            in_force = await self._policies.kept([(id_of, number) for number in numbers], session)
            if any(one.calendar_id == id_ for one in (held.kept, *in_force.values())):
                words = f'The policy "{held.kept.name}" counts by this calendar. Change that one first.'
                raise Conflict("in_use", words)

    async def hours(self) -> OpeningHours:
        """Of all calendars in force."""
        _, in_force = await self.current()
        refs = {id_: CalendarRef(id=id_, version=one.version) for id_, one in in_force.items()}
        found = await self.tables(list(refs.values()))
        return OpeningHours({id_: found[ref.id, ref.version] for id_, ref in refs.items()})

    async def tables(self, refs: Collection[CalendarRef]) -> dict[tuple[str, int], WorkingHours]:
        """The working times of these versions."""
        found = {}
        for id_, version in {(one.id, one.version) for one in refs}:
            if (id_, version) not in self._tables:
                self._tables[id_, version] = WorkingHours(await self.version(id_, version))
                while len(self._tables) > TABLES_KEPT:
                    self._tables.popitem(last=False)
            found[id_, version] = self._tables[id_, version]
        return found

    async def tables_of(
        self, rows: Iterable[TargetRow], policies: Iterable[Policy | None], in_force: Mapping[str, CalendarRef]
    ) -> Tables:
        """The working times of all calendars that these targets, or targets of these policies, may ask."""
        refs = [target.calendar for row in rows for target in row.targets if target.calendar]
        named = {one.calendar_id for one in policies if one and one.calendar_id}
        refs += [in_force[id_] for id_ in named if id_ in in_force]
        found = await self.tables(refs)

        def table(ref: CalendarRef | None) -> Timetable:
            return found[ref.id, ref.version] if ref else ALWAYS

        return table


R = TypeVar("R", bound=TargetRow)


class Targets(Generic[R]):
    """The rows of conversations, or those of tickets."""

    def __init__(self, database: Database, collection: str, kind: type[R]) -> None:
        self.rows = database.get_collection(collection)
        self._kind = kind

    async def read(self, ids: Collection[str], session: AsyncClientSession | None = None) -> dict[str, R]:
        found = self.rows.find({"_id": {"$in": list(ids)}}, session=session)
        return {document["_id"]: self._row(document) async for document in found}

    async def write(self, before: Mapping[str, R], after: Sequence[R], session: AsyncClientSession) -> None:
        """One version on; a claim of the row ends with it. Raises StaleVersion."""
        changes = []
        for row in after:
            seq = before[row.id].seq if row.id in before else 0
            changes.append((seq, _document(row.model_copy(update={"seq": seq + 1}))))
        await replace_versions(self.rows, changes, session)

    async def running(self) -> int:
        """How many have a warning or a breach before them."""
        return await self.rows.count_documents({"due_at": {"$type": "date"}})

    def _row(self, document: dict[str, Any]) -> R:
        fields = {name: value for name, value in document.items() if name in self._kind.model_fields}
        return self._kind.model_validate({**fields, "id": document["_id"]})


def _document(row: TargetRow) -> dict[str, Any]:
    document = row.model_dump()
    document["_id"] = document.pop("id")
    return document


ALWAYS = timetable(None)
