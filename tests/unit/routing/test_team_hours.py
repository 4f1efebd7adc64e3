"""Rules that ask for a team's own opening hours: by the team's clocks, at the time of the event."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.routing.rules.compile import check
from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.schema import RuleDraft
from services.routing.sla import hours
from services.routing.sla.hours import OpeningHours
from shared.contracts.directory import OpenHours, TeamHours
from shared.errors import Invalid
from tests.unit.routing.examples import KNOWN, condition, draft, head, rule
from tests.unit.routing.test_facts import holds
from tests.unit.routing.waiting_rules import ago

DAYS = (
    OpenHours(day="monday", opens="09:00", closes="12:00"),
    OpenHours(day="monday", opens="13:00", closes="17:00"),
    OpenHours(day="sunday", opens="00:00", closes="24:00"),
)
HOURS = OpeningHours(
    teams={
        "email-support": TeamHours(time_zone="Europe/Berlin", open=DAYS),
        "phone-support": None,
        "closed": TeamHours(time_zone="Europe/Berlin"),
    }
)
ALWAYS = ("phone-support",)
BOTH = ("email-support", "phone-support")


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        ("2026-05-04T06:59", ALWAYS),
        ("2026-05-04T07:00", BOTH),  # nine o'clock in Berlin, in summer
        ("2026-05-04T10:00", ALWAYS),  # their lunch
        ("2026-05-04T14:59", BOTH),
        ("2026-05-04T15:00", ALWAYS),
        ("2026-05-05T09:00", ALWAYS),  # a Tuesday
        ("2026-01-05T07:30", ALWAYS),  # in winter it is half past eight there
        ("2026-01-05T08:00", BOTH),
        ("2026-05-02T22:00", BOTH),  # Sunday has begun in Berlin
        ("2026-05-03T22:00", ALWAYS),
        ("2026-03-29T01:30", BOTH),  # the clocks go forward
    ],
)
def test_teams_work_by_their_own_clocks(at: str, open_: tuple[str, ...]) -> None:
    assert HOURS.teams_open_at(datetime.fromisoformat(at).replace(tzinfo=UTC)) == open_


def test_a_zone_that_is_not_known_here_stops_nothing() -> None:
    hours = OpeningHours(teams={"t": TeamHours(time_zone="Mars/Olympus", open=DAYS)})
    assert hours.teams_open_at(datetime(2026, 5, 4, 9, tzinfo=UTC)) == ("t",)


MINE = Facts(head(team_id="email-support"), open_teams=BOTH)
SHUT = Facts(head(team_id="email-support"), open_teams=ALWAYS)
NO_TEAM = Facts(head(), open_teams=BOTH)


@pytest.mark.parametrize(
    ("facts", "field", "operator", "value", "expected"),
    [
        (MINE, "team_open", "is", True, True),
        (MINE, "team_open", "is", False, False),
        (SHUT, "team_open", "is", False, True),
        (NO_TEAM, "team_open", "is", False, False),
        (NO_TEAM, "team_open", "is_not_set", None, True),
        (NO_TEAM, "open_teams", "contains", "email-support", True),
        (SHUT, "open_teams", "contains", "email-support", False),
        (SHUT, "open_teams", "contains_none", ["email-support"], True),
    ],
)
def test_a_rule_asks_for_them(facts: Facts, field: str, operator: str, value: Any, expected: bool) -> None:
    assert holds(condition(f"event.{field}", operator, value), facts) is expected


@pytest.mark.parametrize(
    ("asked", "of_teams"),
    [
        (condition("event.team_open", "is", True), True),
        (condition("event.open_teams", "contains", "email-support"), True),
        (condition("event.calendars", "contains", "week"), False),
    ],
)
def test_hours_are_read_where_some_rule_asks_for_them_and_those_of_teams_where_one_asks_for_a_teams(
    asked: Any, of_teams: bool
) -> None:
    rules = RuleSet([rule(**{"if": {"all": [asked]}})])
    assert (rules.ask_hours, rules.ask_team_hours) == (True, of_teams)


@pytest.mark.parametrize(("field", "operator", "value"), [("team_open", "is", True), ("open_teams", "is_set", None)])
def test_a_rule_about_time_goes_by_calendars(field: str, operator: str, value: Any) -> None:
    asked = {"all": [*ago("conversation.started_at", "PT1H")["all"], condition(f"event.{field}", operator, value)]}
    with pytest.raises(Invalid) as refused:
        check(RuleDraft.model_validate(draft(when=["TimePassed"], **{"if": asked})), KNOWN)
    assert [(one.path, "of a calendar" in one.message) for one in refused.value.fields] == [("if.all[1].field", True)]


def test_a_teams_week_is_made_once_for_all_events(monkeypatch: pytest.MonkeyPatch) -> None:
    made = list[TeamHours]()
    table = hours._table
    monkeypatch.setattr(hours, "_table", lambda week: (made.append(week), table(week))[1])
    opening = OpeningHours(teams=HOURS.teams)
    for hour in range(10):
        opening.teams_open_at(datetime(2026, 5, 4, hour, tzinfo=UTC))
    assert len(made) == 1
