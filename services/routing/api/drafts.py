"""Rules that somebody is still writing, in a request: checked as when they are saved, and made into what would run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.routing.api.known import known
from services.routing.rules.compile import check
from services.routing.rules.schema import Rule, RuleDraft
from services.routing.simulate.drafts import drafted
from services.routing.simulate.job import World
from services.routing.store import Store
from shared.access import Viewer
from shared.clock import Clock
from shared.directory import Directory
from shared.errors import Invalid, NotFound
from shared.governance.rights import sees
from shared.http import Body


class DraftBody(Body):
    """`id`: of the rule that it would replace; null for a new one."""

    id: str | None = None
    rule: RuleDraft


class Drafts:
    def __init__(self, store: Store, directory: Directory, clock: Clock) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock

    async def made(self, bodies: Sequence[DraftBody], viewer: Viewer, *, place: str = "") -> list[Rule]:
        """Raises Invalid as saving would, each place after `place`, in which {n} counts; NotFound for a rule that is
        not there or out of sight."""
        policies = [one.artifact.id for one in await self._store.policies.all()]
        calendars = [one.id for one in await self._store.calendars.there()]
        webhooks = await self._store.endpoints.there()
        rules = []
        for n, body in enumerate(bodies):
            kept = await self.seen(body.id, viewer) if body.id is not None else None
            try:
                fields = check(body.rule, known(self._directory, policies, calendars, webhooks))
            except Invalid as refused:
                errors = tuple(replace(one, path=f"{place.format(n=n)}{one.path}") for one in refused.fields)
                raise Invalid(refused.code, refused.message, errors) from None
            rules.append(drafted(n, body.rule, kept, fields, viewer.agent_id, self._clock()))
        return rules

    async def seen(self, id_: str, viewer: Viewer) -> Rule:
        rule = (await self._store.rules.get(id_)).kept
        if not sees(viewer, rule):
            raise NotFound("rule", "There is no such rule; it may have been deleted.")
        return rule

    async def world(self) -> World:
        """What the desk knows now."""
        agents = [one for one in self._directory.agents.values() if one.active]
        _, calendars = await self._store.calendars.current()
        return World(
            zones={one.brand_id: one.time_zone for one in self._directory.brands.values()},
            teams={one.agent_id: one.team_ids for one in agents},
            narrow={one.agent_id: one.brand_ids for one in agents if one.brand_ids},
            calendars=tuple(calendars.values()),
            team_hours={id_: team.hours for id_, team in self._directory.teams.items()},
        )
