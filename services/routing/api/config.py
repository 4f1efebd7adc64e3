"""Calendars, policies and rules as one document (`shared.governance.transfer`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from services.routing.api import rules, sla
from services.routing.api.known import known
from services.routing.rules.compile import check as check_rule
from services.routing.rules.schema import RuleDraft
from services.routing.sla.check import check_calendar, check_policy
from services.routing.sla.schema import CalendarDraft, PolicyDraft
from services.routing.store import Store
from shared.clock import Clock
from shared.contracts.directory import MacroChanged
from shared.directory import Directory
from shared.governance import transfer
from shared.governance.transfer import Offered, Part

MACRO = "macro"
"""What tickets calls its kind."""


def routes(store: Store, directory: Directory, clock: Clock) -> APIRouter:
    async def calendar(draft: CalendarDraft, _: Offered) -> dict[str, Any]:
        check_calendar(draft)
        return {}

    async def policy(draft: PolicyDraft, offered: Offered) -> dict[str, Any]:
        there = {one.id for one in await store.calendars.there()}
        there = set(offered.get(store.calendars.noun.name, there))
        return {"fields": check_policy(draft, known(directory), there)}

    async def rule(draft: RuleDraft, offered: Offered) -> dict[str, Any]:
        there = {one.artifact.id for one in await store.policies.all()}
        there = set(offered.get(store.policies.noun.name, there))
        webhooks = await store.endpoints.there()
        macros = {id_: _macro(id_, said) for id_, said in offered[MACRO].items()} if MACRO in offered else None
        return {"fields": check_rule(draft, known(directory, sorted(there), macros=macros, webhooks=webhooks))}

    parts = [
        Part(store.calendars, sla.RIGHTS, calendar, at_once=True, may_go=store.calendars.free),
        Part(store.policies, sla.RIGHTS, policy),
        Part(store.rules, rules.RIGHTS, rule),
    ]
    return transfer.routes(parts, clock)


def _macro(id_: str, said: Mapping[str, Any]) -> MacroChanged:
    """As it will be in force. Raises ValidationError when it can't be."""
    own = {name: said[name] for name in ("name", "html", "brand_ids") if name in said}
    return MacroChanged.model_validate({"macro_id": id_, "seq": 1, **own})
