"""What routing does when tickets does not accept what it decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.routing.model.conversation import Row, follow, holder
from services.routing.model.decision import Seat, decide, decide_waiting
from services.routing.model.plan import Plan, plan
from services.routing.model.refused import refused
from shared.contracts.automation import ActionRefused
from shared.contracts.conversations import Assigned
from tests.unit.routing.examples import AGENT, AT, assigned, changed, note, rule, started

TEAM = {"kind": "assign", "team_id": "email-support", "skills": ["refunds"]}
TO_MAYA = {"kind": "assign_to", "agent_id": "maya"}
GONE = "Maya is not with us any more"
OF_TEAM = {"team_id": "email-support", "assigned_seq": 2}


def asked(then: dict[str, Any] = TEAM) -> tuple[Row, Plan]:
    """A conversation began, and a rule wants somebody by the decision d1."""
    event = started()
    return plan(
        follow(None, "e1", event),
        event,
        [rule(then=[then])],
        decision_id="d1",
        correlation_id="k",
        is_member=lambda *_: False,
        now=AT,
    )


def given(then: dict[str, Any] = TEAM) -> Row:
    """Maya was chosen by the decision d1; tickets shows the team alone so far."""
    row, made = asked(then)
    row, _ = decide(row, made, Seat("maya", "", None, "maya 7"), trigger=row.last, now=AT)
    return follow(row, "e2", assigned(2, "email-support", None, decision_id="d1")) if then is TEAM else row


def refusal(
    seq: int = 3, *, by: str = "d1", action: str = "assign_agent", code: str = "unknown_agent", **on: Any
) -> Any:
    event = changed(ActionRefused, {"action": action, "code": code, "reason": f"{GONE}."}, **on)
    head = event.head.model_copy(update={"seq": seq})
    return event.model_copy(update={"seq": seq, "head": head, "decision_id": by})


def heard(before: Row, event: Any) -> tuple[Row, Plan | None]:
    row = follow(before, "r", event)
    found = refused(before, row, event, "d2")
    return found or (row, None)


def test_the_place_is_free_and_the_team_is_asked_for_somebody_else_in_the_same_turn() -> None:
    before = given()
    assert holder(before) == "maya"
    row, made = heard(before, refusal(**OF_TEAM))
    assert (holder(row), row.pending_at, row.pending_want) == (None, None, None)
    assert made is not None
    assert row.want is made.want is not None
    want = row.want
    assert (want.decision_id, want.queue, want.skills, want.ready) == ("d2", "email-support", ("refunds",), True)
    assert (want.since, want.refused) == (AT, ("maya 7",))
    assert want.rule is not None


def test_the_one_whom_a_rule_named_is_not_asked_for_again_and_it_is_said() -> None:
    row, made = heard(given(TO_MAYA), refusal())
    assert (holder(row), row.want) == (None, None)
    assert made is not None
    assert decide(row, made, None, trigger=row.last, now=AT)[1].waiting == GONE  # type: ignore[union-attr]


def test_a_team_that_is_not_there_is_wanted_no_more() -> None:
    row, made = asked()
    row, _ = decide(row, made, Seat(None, "Nobody in Email Support is online"), trigger=row.last, now=AT)
    row, made = heard(row, refusal(2, action="assign_team", code="unknown_team"))
    assert row.want is None
    assert made is not None
    assert made.gone == (GONE,)


@pytest.mark.parametrize(
    "event",
    [
        refusal(by="d0", **OF_TEAM),
        refusal(action="add_tags", **OF_TEAM),
        refusal(2, **OF_TEAM),
        refusal(status="closed", **OF_TEAM),
        note(3, **OF_TEAM),
    ],
)
def test_what_is_refused_besides_wants_nobody(event: Any) -> None:
    row, made = heard(given(), event)
    assert made is None
    assert row.want is None


@pytest.mark.parametrize("between", [assigned(2, "email-support", None, decision_id="d1"), note(2)])
def test_a_tickets_that_was_away_for_long_is_still_believed(between: Any) -> None:
    row, made = asked()
    row, _ = decide(row, made, Seat("maya", "", None, "maya 7"), trigger=row.last, now=AT)
    before = follow(row, "e2", between.model_copy(update={"at": AT + timedelta(minutes=10)}))
    if not isinstance(between, Assigned):
        assert holder(before) is None  # a place is not held for so long
        before = follow(before, "e3", assigned(3, "email-support", None, decision_id="d1"))
    row, again = heard(before, refusal(4, team_id="email-support", assigned_seq=before.assigned_seq))
    assert again is not None
    assert row.want is not None
    assert row.want.refused == ("maya 7",)


def test_what_sleeps_meanwhile_is_given_to_somebody_when_it_wakes() -> None:
    row, made = heard(given(), refusal(status="snoozed", **OF_TEAM))
    assert made is not None
    assert row.want is not None
    assert not row.open
    assert heard(given(), refusal(status="closed", **OF_TEAM))[0].want is None


def test_who_was_chosen_after_waiting_is_remembered_as_known() -> None:
    row, made = asked()
    row, _ = decide(row, made, Seat(None, "Nobody is online"), trigger=row.last, now=AT)
    row, _ = decide_waiting(row, Seat("maya", "", None, "maya 7"), decision_id="d2", now=AT)
    assert row.pending_want is not None
    assert row.pending_want.refused == ("maya 7",)


def test_a_person_who_assigned_it_meanwhile_is_not_overruled() -> None:
    before = follow(given(), "e3", assigned(3, "email-support", "lead", by=AGENT))
    row, made = heard(before, refusal(4, team_id="email-support", assignee_id="lead", assigned_seq=3))
    assert (row.agent_id, row.want, made) == ("lead", None, None)
    before = follow(given(), "e3", assigned(3, "phone-support", None, by=AGENT))
    assert holder(before) is None
    assert heard(before, refusal(4, team_id="phone-support", assigned_seq=3))[1] is None


# ── a rule takes it from its agent while it goes to another ──────────────────────────────────────
OF_LENA = {"team_id": "email-support", "assignee_id": "lena"}
"""Who is of another team."""


def taken_meanwhile(then: dict[str, Any], what: str = "agent") -> tuple[Row, Plan]:
    """It goes from Lena to Maya by d1; before tickets did that, another rule takes it from its agent."""
    event = started(**OF_LENA)
    asked = {"correlation_id": "k", "is_member": lambda *_: False, "now": AT}
    row, made = plan(follow(None, "e1", event), event, [rule(then=[then])], decision_id="d1", **asked)
    row, _ = decide(row, made, Seat("maya", "", None, "maya 7"), trigger=row.last, now=AT)
    event = note(2, **OF_LENA)
    take = rule("r2", then=[{"kind": "unassign", "what": what}])
    return plan(follow(row, "e2", event), event, [take], decision_id="n2", **asked)


@pytest.mark.parametrize("then", [TEAM, TO_MAYA])
def test_from_whom_it_is_on_its_way_is_not_taken(then: dict[str, Any]) -> None:
    row, made = taken_meanwhile(then)
    assert (made.actions, row.agent_id, row.pending_decision) == ((), "maya", "d1")
    row = follow(row, "e3", assigned(3, "email-support", "maya", decision_id="d1"))
    assert (row.agent_id, row.pending_decision, row.moves) == ("maya", None, ())


def test_when_who_was_to_get_it_is_not_accepted_it_is_taken_and_its_team_is_asked() -> None:
    row, made = heard(taken_meanwhile(TEAM)[0], refusal(**OF_LENA))
    assert made is not None
    assert [(one.kind, getattr(one, "what", "")) for one in made.actions] == [("unassign", "agent")]
    assert row.want is not None
    assert (row.want.queue, row.want.ready, row.want.last, row.want.refused) == (
        "email-support",
        False,
        ("lena",),
        ("maya 7",),
    )
    row, _ = decide(row, made, Seat(None, "Nobody else is online"), trigger=row.last, now=AT)
    row = follow(row, "e4", assigned(4, "email-support", None, decision_id="d2"))
    assert row.want is not None
    assert (row.want.ready, row.agent_id) == (True, None)


def test_when_whom_a_rule_named_is_not_accepted_it_is_taken_and_it_is_said_why_nobody_has_it() -> None:
    row, made = heard(taken_meanwhile(TO_MAYA)[0], refusal(**OF_LENA))
    assert made is not None
    row, decided = decide(row, made, None, trigger=row.last, now=AT)
    assert decided is not None
    assert ([one.kind for one in decided.actions], decided.waiting) == (["unassign"], GONE)
    row = follow(row, "e4", assigned(4, "email-support", None, decision_id="d2"))
    assert (row.agent_id, row.want, row.moves) == (None, None, ())


def test_what_another_rule_moved_to_another_team_meanwhile_is_not_asked_of_the_first() -> None:
    before = given()
    event = note(3, **OF_TEAM)
    alone = rule("r2", then=[{"kind": "assign", "team_id": "phone-support", "strategy": "none"}])
    asked = {"correlation_id": "k", "is_member": lambda *_: False, "now": AT}
    before, made = plan(follow(before, "e3", event), event, [alone], decision_id="n3", **asked)
    assert made.want is None
    row, made = heard(before, refusal(4, **OF_TEAM))
    assert made is not None
    assert (row.want, made.gone) == (None, (GONE,))
