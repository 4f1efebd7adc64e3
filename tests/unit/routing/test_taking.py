"""Rules that take a conversation from its agent or team: what overrides what, and what goes on waiting."""

from __future__ import annotations

from typing import Any

import pytest

from services.routing.model.conversation import Row, follow
from services.routing.model.decision import Seat, decide
from services.routing.model.handover import may_hand_over
from services.routing.model.plan import Plan, plan
from services.routing.model.refused import refused
from services.routing.rules.compile import check
from services.routing.rules.schema import RuleDraft
from shared.contracts.automation import ActionRefused
from shared.contracts.common import Actor
from shared.errors import Invalid
from tests.unit.routing.examples import (
    AGENT,
    AT,
    KNOWN,
    assigned,
    changed,
    closed,
    condition,
    drafted,
    note,
    replied,
    rule,
    started,
)
from tests.unit.routing.test_decision import kinds, told

AGENT_OFF = {"kind": "unassign", "what": "agent"}
TEAM_OFF = {"kind": "unassign", "what": "team"}
BOTH_OFF = {"kind": "unassign"}
EMAIL = {"kind": "assign", "team_id": "email-support"}
EMAIL_ALONE = {**EMAIL, "strategy": "none"}
PHONE = {"kind": "assign", "team_id": "phone-support"}
NOTE = {"kind": "add_note", "text": "Look"}
TO_JONAS = {"kind": "assign_to", "agent_id": "jonas"}
HELD = {"team_id": "email-support", "assignee_id": "maya"}


def planned(*thens: Any, event: Any = None, before: Row | None = None, gone: str | None = None) -> tuple[Row, Plan]:
    event = event or started(**HELD)
    return plan(
        follow(before, f"e{event.seq}", event),
        event,
        [rule(f"r{n}", then=[then]) for n, then in enumerate(thens)],
        decision_id="d1",
        correlation_id="k",
        is_member=lambda agent, team: (agent, team) == ("maya", "email-support"),
        why_gone=lambda agent, _: gone if agent == "jonas" else None,
        now=AT,
    )


def off(what: str) -> dict[str, Any]:
    return {"kind": "unassign", "what": what}


def to(team: str) -> dict[str, Any]:
    return {"kind": "assign_team", "team_id": team}


@pytest.mark.parametrize(
    ("thens", "done", "wanted"),
    [
        ([AGENT_OFF], [off("agent")], None),
        ([TEAM_OFF], [off("team")], None),
        ([BOTH_OFF], [off("both")], None),
        ([AGENT_OFF, TEAM_OFF], [off("both")], None),
        ([AGENT_OFF, AGENT_OFF], [off("agent")], None),
        # What is assigned afterwards wins.
        ([BOTH_OFF, EMAIL], [], None),
        ([BOTH_OFF, PHONE], [to("phone-support")], "phone-support"),
        ([AGENT_OFF, TO_JONAS], [], "jonas"),
        ([TEAM_OFF, TO_JONAS], [], "jonas"),
        # A team alone takes nobody's place: its agent may be taken before or after.
        ([AGENT_OFF, PHONE | {"strategy": "none"}], [off("agent"), to("phone-support")], None),
        ([BOTH_OFF, EMAIL_ALONE], [off("agent")], None),
        ([TEAM_OFF, EMAIL_ALONE], [], None),
        ([PHONE, AGENT_OFF], [off("agent"), to("phone-support")], None),
        # What is taken afterwards wins, too.
        ([TO_JONAS, AGENT_OFF], [off("agent")], None),
        ([PHONE, BOTH_OFF], [off("both")], None),
        ([PHONE, TEAM_OFF], [off("team")], None),
    ],
)
def test_the_later_one_wins(thens: list[Any], done: list[Any], wanted: str | None) -> None:
    row, made = planned(*thens)
    assert told(made.actions) == done
    assert (made.want.queue if made.want else None) == wanted
    assert row.want == made.want


@pytest.mark.parametrize(
    ("event", "then", "done"),
    [
        (started(), BOTH_OFF, []),
        (started(team_id="email-support"), AGENT_OFF, []),
        (started(team_id="email-support"), BOTH_OFF, [off("team")]),
        (started(assignee_id="maya"), BOTH_OFF, [off("agent")]),
        (started(assignee_id="maya"), TEAM_OFF, []),
        (closed(1, **HELD), BOTH_OFF, [off("both")]),
        (note(1, spam=True, **HELD), AGENT_OFF, [off("agent")]),
    ],
)
def test_only_what_it_has_is_taken_closed_or_not(event: Any, then: Any, done: list[Any]) -> None:
    assert told(planned(then, event=event)[1].actions) == done


@pytest.mark.parametrize(
    ("then", "refused"),
    [
        ([TEAM_OFF, EMAIL], ["then[0].what"]),
        ([BOTH_OFF, NOTE, TO_JONAS], ["then[0].what"]),
        ([AGENT_OFF, EMAIL, TO_JONAS], ["then[0].what"]),
        ([AGENT_OFF, EMAIL], []),
        ([BOTH_OFF, PHONE], []),
        ([AGENT_OFF, EMAIL_ALONE], []),
        ([EMAIL, AGENT_OFF], []),
        ([NOTE, BOTH_OFF], []),
    ],
)
def test_one_rule_takes_nothing_of_which_its_assignment_leaves_nothing(then: list[Any], refused: list[str]) -> None:
    written = drafted({"all": [condition("conversation.assignee", "is_set")]}).model_dump(by_alias=True)
    made = RuleDraft.model_validate({**written, "then": then})
    if not refused:
        check(made, KNOWN)
        return
    with pytest.raises(Invalid, match="let another rule") as found:
        check(made, KNOWN)
    assert [one.path for one in found.value.fields] == refused


def test_closing_and_taking_go_together_and_what_is_closed_is_given_to_nobody() -> None:
    assert kinds(planned({"kind": "close"}, AGENT_OFF)[1]) == ["set_state", "unassign"]
    row, made = planned({"kind": "close"}, AGENT_OFF, TO_JONAS)
    assert (kinds(made), row.want) == (["set_state", "unassign"], None)


IN_EMAIL = {"team_id": "email-support"}


@pytest.mark.parametrize(
    ("waits_for", "held", "then", "goes_on"),
    [
        # Nobody has it yet: there is no agent to take it from.
        (EMAIL, IN_EMAIL, AGENT_OFF, True),
        (EMAIL, IN_EMAIL, TEAM_OFF, False),
        (EMAIL, IN_EMAIL, BOTH_OFF, False),
        # The team is on its way: it will have it, whatever is taken from it before it does.
        (EMAIL, {}, AGENT_OFF, True),
        (EMAIL, {}, TEAM_OFF, True),
        (EMAIL, {}, BOTH_OFF, True),
        (EMAIL, {"team_id": "phone-support"}, BOTH_OFF, True),
        # One agent, whom a rule named.
        (TO_JONAS, {}, AGENT_OFF, False),
        (TO_JONAS, {}, TEAM_OFF, True),
        (TO_JONAS, IN_EMAIL, TEAM_OFF, True),
        (TO_JONAS, {}, BOTH_OFF, False),
    ],
)
def test_it_does_not_wait_for_what_it_is_not_to_have(
    waits_for: Any, held: dict[str, Any], then: Any, goes_on: bool
) -> None:
    row, _ = planned(waits_for, event=started())
    assert row.want is not None
    row, made = planned(then, event=replied(2, **held), before=row)
    assert (row.want is not None, made.want) == (goes_on, None)
    assert goes_on or made.actions or made.gone, "it is told that it waits no more"


@pytest.mark.parametrize("then", [AGENT_OFF, BOTH_OFF])
def test_who_is_gone_does_not_keep_it_from_being_taken_and_it_is_told_why_nobody_has_it(then: Any) -> None:
    _, made = planned(then, TO_JONAS, gone="Jonas is not with us any more")
    assert (told(made.actions), made.gone) == ([off(then.get("what", "both"))], ("Jonas is not with us any more",))


def test_of_who_is_gone_nothing_is_told_while_somebody_has_it() -> None:
    _, made = planned(TEAM_OFF, TO_JONAS, gone="Jonas is not with us any more")
    assert (told(made.actions), made.gone) == ([off("team")], ())


def anew(*then: Any, event: Any = None, before: Row | None = None) -> tuple[Row, Plan]:
    """One rule does all of it."""
    event = event or started(**HELD)
    return plan(
        follow(before, f"e{event.seq}", event),
        event,
        [rule("r0", then=list(then))],
        decision_id=f"d{event.seq}",
        correlation_id="k",
        is_member=lambda _, team: team == "email-support",
        now=AT,
    )


@pytest.mark.parametrize(
    ("then", "held", "done", "last"),
    [
        ([AGENT_OFF, EMAIL], HELD, [off("agent")], ("maya",)),
        ([BOTH_OFF, PHONE], HELD, [off("agent"), to("phone-support")], ("maya",)),
        ([AGENT_OFF, EMAIL], IN_EMAIL, [], ()),
        ([AGENT_OFF, PHONE], {}, [to("phone-support")], ()),
    ],
)
def test_one_rule_takes_it_from_its_agent_and_its_team_finds_another(
    then: list[Any], held: dict[str, Any], done: list[Any], last: tuple[str, ...]
) -> None:
    row, made = anew(*then, event=started(**held))
    assert (told(made.actions), row.want) == (done, made.want)
    assert made.want is not None
    assert (made.want.queue, made.want.last) == (then[1]["team_id"], last)
    assert made.want.ready is (last == () and held == IN_EMAIL)
    assert made.want.need("b", "email").not_by == (last[0] if last else None)


def test_it_goes_from_one_to_the_other_and_is_nobodys_in_between_only_while_there_is_nobody() -> None:
    row, made = anew(BOTH_OFF, PHONE)
    after, decided = decide(row, made, Seat("jonas", "Least busy"), trigger=row.last, now=AT)
    assert decided is not None
    assert [one.kind for one in decided.actions] == ["assign_team", "assign_agent"]
    assert (after.agent_id, after.pending_decision, after.want) == ("jonas", made.decision_id, None)

    _, decided = decide(row, made, Seat(None, "Nobody else is online"), trigger=row.last, now=AT)
    assert decided is not None
    assert ([one.kind for one in decided.actions], decided.waiting) == (
        ["unassign", "assign_team"],
        "Nobody else is online",
    )


def test_it_waits_ready_once_tickets_took_it_and_who_had_it_is_asked_last() -> None:
    """By then no second decision is older than the taking."""
    row, made = anew(BOTH_OFF, PHONE)
    row = follow(row, "e2", assigned(2, "email-support", None, decision_id=made.decision_id))
    assert row.want is not None
    assert (row.agent_id, row.want.ready) == (None, False)
    row = follow(row, "e3", assigned(3, "phone-support", None, decision_id=made.decision_id))
    assert row.want is not None
    assert (row.agent_id, row.want.ready) == (None, True)
    need = row.want.need("b", "email")
    assert (need.not_by, need.last) == (None, ("maya",))


@pytest.mark.parametrize(
    ("events", "waits"),
    [
        ([note(2, **HELD)], True),
        ([assigned(2, "email-support", "maya", by=AGENT)], False),
        # Of ours what was decided before it: tickets takes it from them, too.
        ([assigned(2, "email-support", "jonas", decision_id="another")], True),
        ([assigned(2, "email-support", None, by=AGENT)], True),
        ([assigned(2, "email-support", None, decision_id="d1"), assigned(3, "email-support", "maya", by=AGENT)], False),
        ([closed(2, **HELD)], False),
    ],
)
def test_it_waits_no_more_where_people_were_quicker_or_gave_it_back(events: list[Any], waits: bool) -> None:
    row, _ = anew(AGENT_OFF, EMAIL)
    for event in events:
        row = follow(row, f"e{event.seq}", event)
    assert (row.want is not None) is waits
    assert row.want is None or row.want.ready is (row.agent_id is None)


@pytest.mark.parametrize(
    "how", [{"decision_id": "earlier"}, {"by": Actor(kind="system")}], ids=["an earlier rule", "its agent left"]
)
def test_what_was_taken_by_no_person_first_is_still_to_come(how: Any) -> None:
    """Tickets yields to people alone: the decision is done after what came first."""
    row, made = anew(BOTH_OFF, PHONE)
    row = follow(row, "e2", assigned(2, "email-support", None, assigned_seq=2, **how))
    assert row.want is not None
    assert not row.want.ready
    row = follow(row, "e3", assigned(3, "phone-support", None, decision_id=made.decision_id))
    assert row.want is not None
    assert row.want.ready


def test_what_people_took_first_waits_for_nothing_and_the_rule_may_begin_anew() -> None:
    """Tickets takes all of the decision for older, so its team is never to be seen."""
    row, _ = anew(BOTH_OFF, PHONE)
    row = follow(row, "e2", assigned(2, "email-support", None, assigned_seq=2, by=AGENT))
    assert row.want is None
    _, made = anew(BOTH_OFF, PHONE, event=note(3, team_id="email-support", assigned_seq=2), before=row)
    assert (told(made.actions), made.want is not None) == ([to("phone-support")], True)


@pytest.mark.parametrize("then", [[AGENT_OFF, EMAIL], [AGENT_OFF]])
def test_what_rules_take_again_before_tickets_took_it_changes_nothing_of_that(then: list[Any]) -> None:
    row, first = anew(AGENT_OFF, EMAIL)
    row, second = anew(*then, event=replied(2, **HELD), before=row)
    assert (second.actions, second.want) == ((), None)
    row = follow(row, "e3", assigned(3, "email-support", None, decision_id=first.decision_id))
    assert row.want is not None
    assert (row.want.decision_id, row.want.ready, row.want.last) == ("d1", True, ("maya",))


@pytest.mark.parametrize(("then", "done"), [(PHONE, [to("phone-support")]), (TO_JONAS, [])])
def test_to_whom_rules_give_it_before_tickets_took_it_gets_it_after_that(then: Any, done: list[Any]) -> None:
    row, first = anew(AGENT_OFF, EMAIL)
    row, second = anew(then, event=replied(2, **HELD), before=row)
    assert (told(second.actions), row.want) == (done, second.want)
    row = follow(row, "e3", assigned(3, "email-support", None, decision_id=first.decision_id))
    assert row.want is not None
    assert row.want.decision_id == "d2"


def test_who_is_to_have_it_from_an_earlier_decision_keeps_it() -> None:
    """Jonas is on his way to it: from him nothing is taken."""
    row, made = anew(AGENT_OFF, EMAIL)
    row, _ = decide(row, made, Seat("jonas", ""), trigger=row.last, now=AT)
    row, made = anew(AGENT_OFF, EMAIL, event=replied(2, **HELD), before=row)
    assert (made.actions, made.want, row.agent_id) == ((), None, "jonas")


def test_who_was_not_accepted_leaves_it_to_be_taken_all_the_same() -> None:
    row, made = anew(AGENT_OFF, EMAIL)
    before, _ = decide(row, made, Seat("jonas", "", None, "jonas 1"), trigger=row.last, now=AT)
    no = changed(ActionRefused, {"action": "assign_agent", "code": "unknown_agent", "reason": "Gone."}, **HELD)
    no = no.model_copy(update={"decision_id": "d1"})
    found = refused(before, follow(before, "e2", no), no, "d2")
    assert found is not None
    row, made = found
    assert told(made.actions) == [off("agent")]
    assert row.want is not None
    assert (row.want.ready, row.want.last, row.want.refused) == (False, ("maya",), ("jonas 1",))
    row = follow(row, "e3", assigned(3, "email-support", None, decision_id="d2"))
    assert row.want is not None
    assert row.want.ready


def test_the_seat_is_free_once_tickets_did_it() -> None:
    row, made = planned(BOTH_OFF)
    assert row.agent_id == "maya"
    row = follow(row, "e2", assigned(2, None, None, decision_id=made.decision_id))
    assert (row.agent_id, row.team_id, row.pending_at) == (None, None, None)


def test_what_was_taken_from_who_is_away_is_not_handed_to_somebody_else() -> None:
    event = replied(2, **HELD)
    row, made = planned(AGENT_OFF, event=event)
    assert not may_hand_over(row, event, made)
    assert may_hand_over(*_nothing_said(event))


def _nothing_said(event: Any) -> tuple[Row, Any, None]:
    return follow(None, "e2", event), event, None


@pytest.mark.parametrize(
    ("event", "cut"),
    [
        (started(**HELD), True),
        (started(team_id="email-support"), False),
        (changed(type(closed(1)), {}, status="closed", **HELD), True),
    ],
)
def test_a_rule_that_would_take_it_again_is_reported(event: Any, cut: bool) -> None:
    _, made = plan(
        follow(None, "e1", event),
        event,
        [rule(then=[AGENT_OFF])],
        decision_id="d1",
        correlation_id="k",
        is_member=lambda *_: False,
        now=AT,
        chain=("r1",),
    )
    assert (bool(made.cut), made.actions) == (cut, ())


def test_followers_are_those_who_do_not_follow_yet_each_once_by_the_first_rule() -> None:
    _, made = planned(
        {"kind": "follow", "agent_ids": ["maya", "jonas"]},
        {"kind": "follow", "agent_ids": ["jonas", "lena", "lena"]},
        event=started(followers=("maya",)),
    )
    assert [(one.agent_id, one.rule.id) for one in made.actions if one.kind == "follow" and one.rule] == [
        ("jonas", "r0"),
        ("lena", "r1"),
    ]
