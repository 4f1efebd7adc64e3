"""`python -m services.routing.demo`: rules for the demo brands, a service level, and who of the demo agents is there.

Run again it changes nothing: neither a rule that somebody edited since nor a status that somebody set.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from services.routing.api.known import known
from services.routing.rules.compile import check
from services.routing.rules.schema import RuleDraft
from services.routing.settings import RoutingSettings
from services.routing.sla.schema import CalendarDraft, PolicyDraft
from services.routing.store import Store
from shared import clock, mongo
from shared.contracts.directory import BrandChanged
from shared.contracts.routing import AgentStatus
from shared.directory import Directory
from shared.ids import derived
from shared.log import Cause

WAIT_S = 60.0
TEAMS = {"email-support", "phone-support"}
STATUSES: dict[str, tuple[AgentStatus, str]] = {
    "maya": ("online", ""),
    "jonas": ("online", ""),
    "leo": ("online", ""),
    "priya": ("away", "Break/Lunch"),
}
CALENDAR_ID, POLICY_ID = "demo-office", "demo-priority"
CALENDAR = {
    "name": "Support hours",
    "time_zone": "Europe/Berlin",
    "hours": [
        {"day": day, "opens": "08:00", "closes": "20:00" if day != "sat" else "14:00"}
        for day in ("mon", "tue", "wed", "thu", "fri", "sat")
    ],
    "country": "DE",
}
POLICY = {
    "name": "Priority: an answer within the hour",
    "if": {"all": [{"field": "conversation.priority", "operator": "is", "value": True}]},
    "first_response_s": 3600,
    "next_response_s": 3600,
}
MESSAGES = ("ConversationStarted", "CustomerReplied")
REFUNDS = ("refund", "money back", "chargeback")

Drafts = Iterator[tuple[str, dict[str, Any]]]


def rules(brands: Sequence[BrandChanged]) -> Drafts:
    """Ids and drafts in order: first what concerns every brand, then where each brand's conversations go."""
    yield (
        "demo-automatic",
        {
            "name": "Automatic mail is tagged and left alone",
            "when": MESSAGES,
            "if": {"all": [_condition("message.automatic", "is_set")]},
            "then": [{"kind": "add_tags", "tags": ["automatic"]}],
            "stop": True,
        },
    )
    yield (
        "demo-spam",
        {
            "name": "Almost certainly spam",
            "when": ("ConversationStarted",),
            "if": {"all": [_condition("message.spam_score", "greater", 0.9)]},
            "then": [{"kind": "mark_spam", "reason": "The spam score is above 0.9"}],
            "stop": True,
        },
    )
    yield (
        "demo-vip",
        {
            "name": "VIP first",
            "when": (*MESSAGES, "CallUpdated", "Tagged"),
            "if": {
                "any": [
                    _condition("conversation.tags", "contains", "vip"),
                    _condition("conversation.subject", "matches", r"^\s*vip\b"),
                    _condition("contact.domain", "is", "vip.example"),
                ]
            },
            "then": [{"kind": "set_priority", "priority": True}, {"kind": "add_tags", "tags": ["vip"]}],
        },
    )
    for brand in brands:
        yield f"demo-refunds-{brand.brand_id}", _refunds(brand)
    for number, brand in enumerate(brands):
        strategy = "round_robin" if number % 2 == 0 else "balanced"
        yield f"demo-email-{brand.brand_id}", _to_email_support(brand, strategy)
        yield f"demo-phone-{brand.brand_id}", _to_phone_support(brand)


def _refunds(brand: BrandChanged) -> dict[str, Any]:
    topic = next((one for one in brand.topics if "refund" in one.lower()), None)
    asks = [_condition(field, "contains", word) for word in REFUNDS for field in ("message.subject", "message.text")]
    then: list[dict[str, Any]] = [{"kind": "add_tags", "tags": ["refund"]}]
    return {
        "name": f"Refunds at {brand.name}",
        "brand_ids": (brand.brand_id,),
        "when": MESSAGES,
        "if": {"all": [_condition("message.direction", "is", "in"), {"any": asks}]},
        "then": [*then, {"kind": "set_topic", "topic": topic}] if topic else then,
    }


def _to_email_support(brand: BrandChanged, strategy: str) -> dict[str, Any]:
    return {
        "name": f"Messages to {brand.name} → Email Support",
        "brand_ids": (brand.brand_id,),
        "when": (*MESSAGES, "Reopened", "SpamUnmarked"),
        "if": {
            "all": [
                _condition("conversation.channel", "in", ["email", "chat", "custom"]),
                _condition("conversation.assignee", "is_not_set"),
            ]
        },
        "then": [{"kind": "assign", "team_id": "email-support", "strategy": strategy}],
    }


def _to_phone_support(brand: BrandChanged) -> dict[str, Any]:
    return {
        "name": f"Calls to {brand.name} → Phone Support",
        "brand_ids": (brand.brand_id,),
        "when": ("ConversationStarted", "Reopened"),
        "if": {
            "all": [
                _condition("conversation.channel", "is", "phone"),
                _condition("conversation.assignee", "is_not_set"),
            ]
        },
        "then": [{"kind": "assign", "team_id": "phone-support", "strategy": "round_robin"}],
    }


def _condition(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


async def seed(store: Store, directory: Directory) -> int:
    """Save the rules that are not there yet and set the statuses that nobody set; how many rules there are."""
    brands = sorted(directory.brands.values(), key=lambda brand: brand.brand_id)
    count = 0
    for rule_id, written in rules(brands):
        draft = RuleDraft.model_validate(written)
        check(draft, known(directory))
        await store.rules.create(rule_id, draft, by="", now=clock.now(), publish=True)
        count += 1
    calendar, policy = CalendarDraft.model_validate(CALENDAR), PolicyDraft.model_validate(POLICY)
    await store.calendars.create(CALENDAR_ID, calendar, by="", now=clock.now(), publish=True)
    await store.policies.create(POLICY_ID, policy, by="", now=clock.now(), publish=True)
    for agent_id, (status, reason) in STATUSES.items():
        if not (await store.availability.get(agent_id)).seq:
            cause = derived("demo availability", agent_id)
            await store.availability.set(agent_id, status, reason, cause=Cause(cause, cause), now=clock.now())
    return count


async def _has_demo(directory: Directory) -> bool:
    return directory.whole and directory.teams.keys() >= TEAMS and directory.agents.keys() >= STATUSES.keys()


async def main() -> int:
    settings = RoutingSettings()
    client = mongo.connect(settings)
    store = Store(client, mongo.database(client, settings, "routing"), clock.now)
    directory = Directory(settings)
    await directory.start()
    try:
        async with asyncio.timeout(WAIT_S):
            while not await _has_demo(directory):  # noqa: ASYNC110 - a change of the directory sets no event
                await asyncio.sleep(0.1)
        await store.ensure_indexes(applied_days=settings.applied_days)
        print(f"{await seed(store, directory)} rules, {len(STATUSES)} agents' statuses")
    except TimeoutError:
        print("The demo's teams and agents are not in the directory; run services.tickets.demo first.", file=sys.stderr)
        return 1
    finally:
        await directory.stop()
        await client.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
