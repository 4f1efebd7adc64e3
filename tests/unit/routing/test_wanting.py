"""What an assignment asks of who takes it, its place among those who wait, and what becomes of what is not answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.model.conversation import Row, follow, held
from services.routing.model.decision import Seat, decide, decide_waiting
from services.routing.model.later import scheduled
from services.routing.model.offer import ask_others, unanswered
from services.routing.model.plan import Plan, plan
from services.routing.model.want import HEAD_START, Want, turn_at
from services.routing.rules.compile import Known, check
from services.routing.rules.durations import spoken
from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.schema import RuleDraft
from shared.contracts.common import Actor
from shared.contracts.contacts import Contact
from shared.contracts.conversations import CallUpdated, PriorityChanged, ReplySent
from shared.errors import Invalid
from tests.unit.routing.examples import (
    AGENT,
    AT,
    SYSTEM,
    assigned,
    changed,
    closed,
    draft,
    message,
    note,
    replied,
    rule,
    snoozed,
    started,
)

TO_TEAM: dict[str, Any] = {"kind": "assign", "team_id": "email-support"}
DEMANDS: dict[str, Any] = {
    **TO_TEAM,
    "strategy": "balanced",
    "skills": ["refunds"],
    "speaks": True,
    "sticky": True,
    "overflow": {"after": "PT15M", "team_id": "phone-support"},
    "answer_within": "PT10M",
}
ANN = Contact(id="k1", seq=1, language="pt-BR", created_at=AT, updated_at=AT)
MAYA = Actor(kind="agent", id="maya", name="Maya")


def planned(
    *thens: dict[str, Any], before: Row | None = None, event: Any = None, contact: Contact | None = ANN
) -> tuple[Row, Plan]:
    event = event or started()
    return plan(
        follow(before, f"e{event.seq}", event),
        event,
        [rule(f"r{n}", then=[then]) for n, then in enumerate(thens)],
        decision_id=f"d{event.seq}",
        correlation_id="k",
        is_member=lambda agent, team: (agent, team) == ("maya", "email-support"),
        now=event.at,
        facts=Facts(event.head, None, event, contact=contact),
    )


def wanted(*thens: dict[str, Any], **more: Any) -> Want:
    row, made = planned(*thens, **more)
    assert made.want is not None
    assert row.want == made.want
    return made.want


# ── what is asked ────────────────────────────────────────────────────────────────────────────────
def test_everything_that_a_rule_asks_is_wanted() -> None:
    want = wanted(DEMANDS)
    need = want.need("paleo-hacks", "email", first="jonas")
    assert (need.strategy, need.skills, need.language, need.first) == ("balanced", ("refunds",), "pt-BR", "jonas")
    assert (need.brand_id, need.channel, need.not_by, need.last) == ("paleo-hacks", "email", None, ())
    assert (want.sticky, want.contact_id, want.answer_within) == (True, "k1", "PT10M")
    begun = started().at
    assert not want.overflows(begun + timedelta(minutes=14))
    assert want.overflows(begun + timedelta(minutes=15))


def test_a_language_is_asked_for_only_where_it_is_wanted_and_known() -> None:
    assert wanted(DEMANDS, contact=None).language == ""
    assert wanted(DEMANDS, contact=ANN.model_copy(update={"language": ""})).language == ""
    assert wanted(TO_TEAM).language == ""
    assert RuleSet([rule(then=[DEMANDS])]).ask_contacts, "or the customer's language is never looked up"
    assert not RuleSet([rule(then=[TO_TEAM])]).ask_contacts


def test_the_same_again_changes_nothing_and_something_else_keeps_the_place() -> None:
    row, _ = planned(DEMANDS)
    later = replied(600)
    same, made = planned(DEMANDS, before=row, event=later)
    assert made.want is None
    assert same.want is not None
    assert row.want is not None
    assert same.want.decision_id == row.want.decision_id
    other = wanted({**DEMANDS, "skills": ["legal"]}, before=row, event=later)
    assert (other.skills, other.since, other.decision_id) == (("legal",), row.want.since, "d600")
    elsewhere = wanted({**TO_TEAM, "team_id": "phone-support"}, before=row, event=later)
    assert elsewhere.since == later.at


def test_priority_counts_as_having_waited_an_hour_whoever_gives_it() -> None:
    begun = started().at
    assert wanted(TO_TEAM).turn_at == begun
    assert wanted(TO_TEAM, event=started(priority=True)).turn_at == begun - HEAD_START
    assert wanted(TO_TEAM, {"kind": "set_priority", "priority": True}).turn_at == begun - HEAD_START
    row, _ = planned(TO_TEAM)
    up = changed(PriorityChanged, {"priority": True}, priority=True, team_id="email-support")
    row = follow(row, "e2", up)
    assert row.want is not None
    assert (row.want.turn_at, row.want.since) == (begun - HEAD_START, begun)


@given(st.lists(st.tuples(st.integers(0, 600), st.booleans()), min_size=2, max_size=30))
def test_no_one_is_overtaken_by_what_came_more_than_the_head_start_later(waiting: list[tuple[int, bool]]) -> None:
    came = [AT + timedelta(minutes=minute) for minute, _ in waiting]
    by_turn = sorted(range(len(waiting)), key=lambda n: turn_at(came[n], priority=waiting[n][1]))
    for place, n in enumerate(by_turn):
        for earlier in by_turn[:place]:
            assert came[earlier] <= came[n] + (HEAD_START if waiting[earlier][1] else timedelta())


def test_who_overflows_changes_the_team_with_the_assignment() -> None:
    row, _ = planned(DEMANDS)
    after, decided = decide_waiting(row, Seat("leo", "Free", "phone-support"), decision_id="d2", now=AT)
    (action,) = decided.actions
    assert (action.kind, getattr(action, "team_id", "")) == ("assign_agent", "phone-support")
    assert after.offer is not None
    asked = after.offer.want
    assert (asked.queue, asked.overflow_team, asked.skills) == ("phone-support", None, ("refunds",))


# ── what somebody has already ────────────────────────────────────────────────────────────────────
ELSEWHERE: dict[str, Any] = {"kind": "assign", "team_id": "phone-support", "answer_within": "PT10M"}
"""To a team of which Maya is no member."""


def with_maya() -> Row:
    return follow(None, "e2", assigned(2, "email-support", "maya", by=AGENT))


def moved(seq: int, assignee_id: str | None, made: Plan) -> Any:
    """The rule's assignment as tickets made it: the team is another, who has it stays until somebody else does."""
    return assigned(seq, "phone-support", assignee_id, decision_id=made.decision_id)


def test_a_rule_that_takes_it_from_somebody_waits_until_there_is_somebody_else() -> None:
    row, made = planned(ELSEWHERE, before=with_maya(), event=replied(3, **TEAM))
    row, _ = decide(row, made, Seat(None, "Nobody is online"), trigger=row.last, now=AT)
    row = follow(row, "e4", moved(4, "maya", made))
    assert row.want is not None
    assert (row.want.ready, row.agent_id) == (True, "maya"), "hers until then"
    row = follow(row, "e5", note(5, team_id="phone-support", assignee_id="maya", assigned_seq=4))
    assert row.want is not None
    assert follow(row, "e6", assigned(6, "phone-support", "leo", by=AGENT)).want is None, "a person found somebody"
    row, _ = decide_waiting(row, Seat("jonas", "Free"), decision_id="d6", now=AT)
    row = follow(row, "e6", note(6, team_id="phone-support", assignee_id="maya", assigned_seq=4))
    assert row.agent_id == "jonas", "tickets has not done it yet"


def test_an_escalation_has_to_be_answered_in_time_too() -> None:
    row, made = planned(ELSEWHERE, before=with_maya(), event=replied(3, **TEAM))
    row, _ = decide(row, made, Seat("jonas", "Free", "phone-support"), trigger=row.last, now=AT)
    row = follow(row, "e4", moved(4, "maya", made))
    assert (row.agent_id, row.offer is not None) == ("jonas", True), "the team is there, the agent on the way"
    row = follow(row, "e5", moved(5, "jonas", made))
    assert row.offer is not None
    assert row.offer.due_at is not None


def test_a_hand_over_that_waits_goes_on_when_a_rule_asks_for_the_same_team() -> None:
    away = with_maya().model_copy(
        update={"want": wanted(TO_TEAM).model_copy(update={"instead_of": "maya", "ready": True}), "agent_id": None}
    )
    row, made = planned({**TO_TEAM, "strategy": "balanced"}, before=away, event=replied(3, **TEAM))
    row, _ = decide(row, made, Seat(None, "Nobody is online"), trigger=row.last, now=AT)
    row = follow(row, "e4", note(4, **TEAM))
    assert row.want is not None
    assert (row.want.instead_of, row.agent_id) == ("maya", None)


def test_what_a_rule_moves_to_another_team_has_not_to_be_answered_for_the_first() -> None:
    other = assigned(3, "phone-support", "maya")
    assert follow(offered(), "e3", other).offer is None


# ── what has to be answered ──────────────────────────────────────────────────────────────────────
TEAM: dict[str, Any] = {"team_id": "email-support", "assignee_id": "maya", "assigned_seq": 2}


def offered() -> Row:
    """Maya was given it, and the conversation shows it at its second event."""
    row, made = planned(DEMANDS)
    row, decided = decide(row, made, Seat("maya", "Least busy", "email-support"), trigger=row.last, now=AT)
    assert decided is not None
    assert row.offer is not None
    assert row.offer.due_at is None
    return follow(row, "e2", assigned(2, "email-support", "maya", decision_id=made.decision_id))


def asked_again(row: Row) -> tuple[Row, Plan]:
    assert row.offer is not None
    assert row.offer.due_at is not None
    return ask_others(row, row.offer, decision_id="d9", now=row.offer.due_at)


def test_the_time_runs_from_when_the_conversation_shows_its_agent() -> None:
    row = offered()
    assert row.offer is not None
    due = assigned(2, "email-support", "maya").at + timedelta(minutes=10)
    assert row.offer.due_at == due
    assert scheduled(row, RuleSet([]), None).due_at == due
    assert not unanswered(row, due - timedelta(seconds=1))
    assert unanswered(row, due)
    assert unanswered(follow(row, "e3", replied(3, **TEAM)), due), "the customer's own words are no answer"
    assert unanswered(follow(row, "e3", note(3, **TEAM)), due), "nor is a note"


def answer(by: Actor = MAYA) -> Any:
    event = changed(ReplySent, {"message": message(direction="out", author=by)}, **TEAM)
    return event.model_copy(update={"by": by, "seq": 3, "head": event.head.model_copy(update={"seq": 3})})


def taken() -> Any:
    call = {"call_id": "c", "direction": "inbound", "state": "answered", "number": "+15550100"}
    event = changed(CallUpdated, {"step": "answered", "call": call}, **TEAM)
    return event.model_copy(update={"seq": 3, "head": event.head.model_copy(update={"seq": 3})})


@pytest.mark.parametrize(
    "event",
    [
        answer(),
        answer(AGENT),
        taken(),
        closed(3, **TEAM),
        snoozed(3, **TEAM),
        note(3, spam=True, **TEAM),
        assigned(3, "email-support", "jonas", by=AGENT),
        assigned(3, "email-support", "maya", by=AGENT),
        assigned(3, "phone-support", None),
    ],
)
def test_it_is_over_with_an_answer_or_when_it_is_put_away_or_a_person_gives_it_to_somebody(event: Any) -> None:
    assert follow(offered(), "e3", event).offer is None


def test_an_automatic_reply_is_no_answer() -> None:
    assert follow(offered(), "e3", answer(Actor(kind="rule", id="r", name="R"))).offer is not None


def test_others_are_asked_and_it_counts_to_who_has_it_until_one_takes_it() -> None:
    row, made = asked_again(offered())
    assert made.want is not None
    assert (made.want.instead_of, made.want.last, made.want.skills) == ("maya", ("maya",), ("refunds",))
    assert held(row) == ("maya", "email")
    after, decided = decide(row, made, Seat("jonas", "Round robin", "email-support"), trigger=row.last, now=AT)
    assert decided is not None
    (action,) = decided.actions
    assert getattr(action, "reason", "") == "Not answered within 10 min. Round robin"
    assert (after.agent_id, after.pending_decision) == ("jonas", "d9")
    shown_still = follow(after, "e3", replied(3, **TEAM))
    assert (shown_still.agent_id, shown_still.offer is not None) == ("jonas", True), "the head does not show it yet"
    shown = follow(after, "e3", assigned(3, "email-support", "jonas", decision_id="d9"))
    assert shown.offer is not None
    assert shown.offer.due_at == assigned(3, None, None).at + timedelta(minutes=10)
    again, _ = asked_again(shown)
    assert again.want is not None
    assert again.want.last == ("maya", "jonas")


def test_who_did_not_answer_and_leaves_is_asked_no_more_and_others_are() -> None:
    row, _ = asked_again(offered())
    row = follow(row, "e3", assigned(3, "email-support", None, by=SYSTEM))
    assert row.want is not None
    assert (row.want.instead_of, row.want.late, row.want.last, row.want.ready) == (None, False, (), True)
    assert (row.agent_id, row.offer, held(row)) == (None, None, None)


def test_with_nobody_else_it_stays_and_that_is_told_once() -> None:
    row, made = asked_again(offered())
    later = AT + timedelta(hours=1)
    row, decided = decide(row, made, Seat(None, "Nobody else is online"), trigger=row.last, now=later)
    assert decided is not None
    assert decided.actions == ()
    assert decided.waiting == "Not answered within 10 min. It stays with its agent: Nobody else is online"
    assert (row.agent_id, row.want) == ("maya", None)
    assert row.offer is not None
    assert row.offer.due_at == row.due_at == later + timedelta(minutes=10)
    row, made = asked_again(row)
    row, decided = decide(row, made, Seat(None, "Nobody else is online"), trigger=row.last, now=later)
    assert decided is None
    assert row.offer is not None
    assert row.offer.due_at == later + timedelta(minutes=10)


# ── what is refused ──────────────────────────────────────────────────────────────────────────────
KNOWN = Known(
    brands={"paleo-hacks": ()},
    teams={"email-support", "phone-support"},
    agents={"maya"},
    skills={"email-support": ["Refunds"], "phone-support": ["legal"]},
)


@pytest.mark.parametrize(
    ("more", "place", "words"),
    [
        ({"skills": ["legal"]}, "then[0].skills[0]", 'has the skill "legal"'),
        ({"skills": ["refunds", "magic"]}, "then[0].skills[1]", "magic"),
        ({"answer_within": "10m"}, "then[0].answer_within", "PT30M"),
        ({"overflow": {"after": "PT1S", "team_id": "phone-support"}}, "then[0].overflow.after", "PT30M"),
        ({"overflow": {"after": "PT1H", "team_id": "x"}}, "then[0].overflow.team_id", 'no team "x"'),
        ({"overflow": {"after": "PT1H", "team_id": "email-support"}}, "then[0].overflow.team_id", "another"),
        ({"strategy": "none", "sticky": True}, "then[0].sticky", "the team alone"),
        ({"strategy": "none", "answer_within": "PT1H"}, "then[0].answer_within", "the team alone"),
    ],
)
def test_what_cannot_be_done_is_refused_at_its_place(more: dict[str, Any], place: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(RuleDraft.model_validate(draft(then=[{**TO_TEAM, **more}])), KNOWN)
    assert [one.path for one in refused.value.fields] == [place]
    assert words in refused.value.fields[0].message


def test_a_skill_counts_however_it_is_written_and_in_the_team_that_it_overflows_to() -> None:
    overflow = {"after": "PT15M", "team_id": "phone-support"}
    for more in ({"skills": ["refunds"]}, {"skills": ["legal"], "overflow": overflow}, {"speaks": True}):
        assert check(RuleDraft.model_validate(draft(then=[{**TO_TEAM, **more}])), KNOWN) == ()


def test_lengths_of_time_are_spoken_shortly() -> None:
    lengths = {5: "5 s", 119: "119 s", 600: "10 min", 7_199: "119 min", 7_200: "2 h", 200_000: "2 days"}
    assert {seconds: spoken(timedelta(seconds=seconds)) for seconds in lengths} == lengths
