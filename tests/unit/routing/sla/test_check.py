"""What can't be saved is refused with every place."""

from __future__ import annotations

from typing import Any

import pytest

from services.routing.rules.fields import FIELDS
from services.routing.sla.check import check_calendar, check_policy, is_of_an_event
from services.routing.sla.schema import CalendarDraft, PolicyDraft
from shared.errors import Invalid
from tests.unit.routing.examples import KNOWN, condition

WEEK = [{"day": "mon", "opens": "09:00", "closes": "17:00"}]


def places(draft: CalendarDraft | PolicyDraft) -> list[str]:
    with pytest.raises(Invalid) as caught:
        check_calendar(draft) if isinstance(draft, CalendarDraft) else check_policy(draft, KNOWN, {"office"})
    return [one.path for one in caught.value.fields]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"time_zone": "Mars/Olympus"}, ["time_zone"]),
        ({"time_zone": "../etc/passwd"}, ["time_zone"]),
        ({"country": "XX"}, ["country"]),
        ({"country": "DE", "region": "TX"}, ["region"]),
        ({"region": "BY"}, ["region"]),
        ({"hours": [{"day": "mon", "opens": "17:00", "closes": "09:00"}]}, ["hours[0].closes"]),
        ({"hours": [*WEEK, {"day": "mon", "opens": "16:00", "closes": "18:00"}]}, ["hours[1].opens"]),
        ({"days": [{"date": "2026-12-24"}, {"date": "2026-12-24"}]}, ["days[1].date"]),
        (
            {"days": [{"date": "2026-12-24", "hours": [{"opens": "12:00", "closes": "12:00"}]}]},
            ["days[0].hours[0].closes"],
        ),
    ],
)
def test_a_calendar(changes: dict[str, Any], expected: list[str]) -> None:
    written = {"name": "Office", "time_zone": "Europe/Berlin", "hours": WEEK, **changes}
    assert places(CalendarDraft.model_validate(written)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"calendar_id": "gone"}, ["calendar_id"]),
        ({"first_response_s": None}, ["first_response_s"]),
        ({"brand_ids": ["nobody"]}, ["brand_ids[0]"]),
        ({"if": {"all": []}}, ["if.all"]),
        ({"if": {"all": [condition("message.text", "contains", "x")]}}, ["if.all[0].field"]),
        ({"if": {"any": [{"none": [condition("sender.domain", "is", "x")]}]}}, ["if.any[0].none[0].field"]),
        ({"if": {"all": [condition("conversation.priority", "is", "yes")]}}, ["if.all[0].value"]),
    ],
)
def test_a_policy(changes: dict[str, Any], expected: list[str]) -> None:
    written = {"name": "VIP", "if": None, "calendar_id": "office", "first_response_s": 3600, **changes}
    assert places(PolicyDraft.model_validate(written)) == expected


def test_a_policy_asks_about_the_conversation_the_contact_and_the_call_alone() -> None:
    """Whatever else rules may ask about, now or some day."""
    asked = {name.partition(".")[0] for name in FIELDS if not is_of_an_event(name)}
    assert asked == {"conversation", "contact", "call"}


def test_a_policy_does_not_ask_about_side_conversations() -> None:
    written = {"name": "VIP", "if": {"all": [condition("side.text", "contains", "x")]}, "first_response_s": 3600}
    assert places(PolicyDraft.model_validate(written)) == ["if.all[0].field"]
