"""Routing's decisions: applied as events, and yielding to people."""

from __future__ import annotations

from typing import Any

import pytest

from services.tickets.model import changes
from services.tickets.model.decisions import decide_decision
from services.tickets.model.departure import decide_departed
from services.tickets.model.evolve import evolve
from services.tickets.model.follow import FOLLOWERS_MAX
from services.tickets.model.state import SYSTEM, Conversation
from services.tickets.store.documents import conversation_document, read_conversation
from shared.contracts.automation import ActionRefused
from shared.contracts.common import RuleRef
from shared.contracts.routing import (
    AddFollower,
    AddTags,
    ApplySla,
    AssignAgent,
    AssignTeam,
    Decided,
    MarkSpam,
    SetPriority,
    SetTopic,
    Trigger,
    Unassign,
)
from tests.unit.tickets.examples import CONVERSATION, DESK, context, minute, started

RULE = RuleRef(id="vip", name="VIP first", version=3)
SLA = ApplySla(policy_id="gold", rule=RULE)


def decided(*actions: object, seq: int = 1) -> Decided:
    return Decided.model_validate(
        {
            "decision_id": "d1",
            "conversation_id": CONVERSATION,
            "seq": 1,
            "at": minute(1),
            "trigger": Trigger(event_id="e", event="ConversationStarted", seq=seq),
            "actions": actions,
        }
    )


def apply(state: Conversation, heard: Decided) -> tuple[list[str], tuple[str, ...], Conversation]:
    outcome = decide_decision(state, heard, context(2, SYSTEM), DESK)
    assert outcome.state is not None
    return [type(one).__name__ for one in outcome.events], outcome.ignored, outcome.state


def test_every_action_becomes_an_event_by_its_rule() -> None:
    heard = decided(
        AssignTeam(team_id="email", rule=RULE),
        AssignAgent(agent_id="maya", reason="Fewest open", rule=RULE),
        SetPriority(priority=True, rule=RULE),
        AddTags(tags=("vip",), rule=RULE),
        SetTopic(topic="Billing", rule=RULE),
    )
    outcome = decide_decision(started(), heard, context(2, SYSTEM), DESK)
    names = [type(one).__name__ for one in outcome.events]
    assert names == ["Assigned", "Assigned", "PriorityChanged", "Tagged", "TopicChanged"]
    assert {(one.by.kind, one.by.id, one.decision_id) for one in outcome.events} == {("rule", "vip", "d1")}
    assert outcome.state is not None
    head = outcome.state.head
    assert (head.team_id, head.assignee_id, head.priority, head.tags, head.topic) == (
        "email",
        "maya",
        True,
        ("vip",),
        "Billing",
    )


def test_somebody_who_assigned_since_wins() -> None:
    events = changes.decide_assign(started(), context(), DESK, team_id=None, assignee_id="leo", may_assign_others=True)
    state = evolve(started(), events[0])
    names, ignored, after = apply(state, decided(AssignAgent(agent_id="maya"), AddTags(tags=("x",))))
    assert (names, ignored, after.head.assignee_id) == (["Tagged"], ("assigned_since",), "leo")
    assert apply(state, decided(AssignAgent(agent_id="maya"), seq=2))[2].head.assignee_id == "maya"


def test_the_later_decision_wins_though_it_was_made_before_the_earlier_one_was_done() -> None:
    *_, state = apply(started(), decided(AssignTeam(team_id="email"), AssignAgent(agent_id="maya", team_id="email")))
    names, ignored, state = apply(state, decided(AssignTeam(team_id="phone")))
    assert (names, ignored) == (["Assigned"], ())
    assert (state.head.team_id, state.head.assignee_id) == ("phone", "maya")
    names, ignored, state = apply(state, decided(Unassign(what="agent"), AssignAgent(agent_id="leo")))
    assert (names, ignored, state.head.assignee_id) == (["Assigned", "Assigned"], (), "leo")


def test_a_decision_of_before_somebody_assigned_it_comes_to_nothing_whatever_was_decided_since() -> None:
    events = changes.decide_assign(started(), context(), DESK, team_id=None, assignee_id="leo", may_assign_others=True)
    state = evolve(started(), events[0])
    *_, state = apply(state, decided(AssignTeam(team_id="phone"), seq=2))
    assert apply(state, decided(AssignTeam(team_id="email"), seq=1))[1] == ("assigned_since",)
    assert apply(state, decided(AssignTeam(team_id="email"), seq=2))[1] == ()


def test_who_left_and_gave_it_back_overrules_no_decision() -> None:
    *_, state = apply(started(), decided(AssignAgent(agent_id="maya", team_id="email")))
    (gave_back,) = decide_departed(state, context(3, SYSTEM), "maya")
    *_, after = apply(evolve(state, gave_back), decided(AssignTeam(team_id="phone")))
    assert (after.head.team_id, after.head.assignee_id) == ("phone", None)


def test_what_was_written_before_that_was_kept_yields_to_the_last_assignment() -> None:
    *_, state = apply(started(), decided(AssignAgent(agent_id="maya", team_id="email")))
    old = conversation_document(state)
    del old["people_seq"]
    *_, ignored, after = apply(read_conversation(old), decided(AssignTeam(team_id="phone")))
    assert (ignored, after.head.team_id) == (("assigned_since",), "email")
    *_, after = apply(read_conversation(old), decided(AssignTeam(team_id="phone"), seq=2))
    assert apply(after, decided(AssignAgent(agent_id="leo"), seq=2))[2].head.assignee_id == "leo"


@pytest.mark.parametrize(
    ("action", "code", "reason"),
    [
        (AssignAgent(agent_id="nobody", rule=RULE), "unknown_agent", "The agent is not with us any more."),
        (AssignAgent(agent_id="gone", rule=RULE), "unknown_agent", "Leo is not with us any more."),
        (AssignAgent(agent_id="other-brand", rule=RULE), "unknown_agent", "Leo does not work on this brand."),
        (AssignAgent(agent_id="maya", team_id="none", rule=RULE), "unknown_team", "The team is not there any more."),
        (AddFollower(agent_id="gone", rule=RULE), "unknown_agent", "Leo is not with us any more."),
        (AddFollower(agent_id="other-brand", rule=RULE), "unknown_agent", "Leo does not work on this brand."),
        (AssignTeam(team_id="none", rule=RULE), "unknown_team", "The team is not there any more."),
        (SetTopic(topic="Weather", rule=RULE), "unknown_topic", "Choose one of the brand's topics."),
    ],
)
def test_what_cannot_be_done_is_said_and_the_rest_is_done(action: Any, code: str, reason: str) -> None:
    outcome = decide_decision(started(), decided(action, AddTags(tags=("x",))), context(2, SYSTEM), DESK)
    refused, tagged = outcome.events
    assert isinstance(refused, ActionRefused)
    assert (refused.action, refused.code, refused.reason) == (action.kind, code, reason)
    assert (refused.by.kind, refused.by.id, refused.decision_id) == ("rule", "vip", "d1")
    assert (outcome.ignored, type(tagged).__name__) == ((code,), "Tagged")
    assert (tagged.head.team_id, tagged.head.assignee_id) == (None, None)


def test_closed_and_spam_are_not_assigned() -> None:
    closed = evolve(started(), changes.decide_close(started(), context())[0])
    assert apply(closed, decided(AssignTeam(team_id="email")))[1] == ("closed",)
    names, ignored, _ = apply(started(), decided(MarkSpam(reason="Pills"), AssignTeam(team_id="email")))
    assert (names, ignored) == (["SpamMarked"], ("spam",))


@pytest.mark.parametrize(
    ("what", "left"),
    [("agent", ("email", None)), ("team", (None, "maya")), ("both", (None, None))],
)
@pytest.mark.parametrize("status", ["open", "closed"])
def test_it_is_taken_from_its_agent_or_team_closed_or_not(what: Any, left: Any, status: str) -> None:
    *_, state = apply(started(), decided(AssignAgent(agent_id="maya", team_id="email")))
    state = evolve(state, changes.decide_close(state, context())[0]) if status == "closed" else state
    names, ignored, after = apply(state, decided(Unassign(what=what, rule=RULE), seq=9))
    assert (names, ignored, (after.head.team_id, after.head.assignee_id)) == (["Assigned"], (), left)
    assert apply(after, decided(Unassign(what=what), seq=99))[:2] == ([], ("nothing_new",))


def test_a_later_assignment_of_the_same_decision_wins_and_a_person_wins_over_both() -> None:
    *_, state = apply(started(), decided(AssignAgent(agent_id="maya", team_id="email")))
    taken = decided(Unassign(what="agent"), AssignTeam(team_id="phone"), seq=9)
    names, _, after = apply(state, taken)
    assert (names, after.head.team_id, after.head.assignee_id) == (["Assigned", "Assigned"], "phone", None)
    events = changes.decide_assign(state, context(), DESK, team_id=None, assignee_id="leo", may_assign_others=True)
    names, ignored, after = apply(evolve(state, events[0]), decided(Unassign(what="agent")))
    assert (names, ignored, after.head.assignee_id) == ([], ("assigned_since",), "leo")


def test_agents_follow_as_a_rule_says() -> None:
    names, ignored, state = apply(started(), decided(AddFollower(agent_id="maya"), AddFollower(agent_id="maya")))
    assert (names, ignored, state.head.followers) == (["Followed"], ("nothing_new",), ("maya",))


def test_no_more_follow_than_may() -> None:
    full = tuple(f"a{n:03}" for n in range(FOLLOWERS_MAX))
    state = started()
    state = Conversation(state.head.model_copy(update={"followers": full}))
    assert apply(state, decided(AddFollower(agent_id="maya")))[:2] == (["ActionRefused"], ("too_many_followers",))


def test_what_is_so_already_makes_no_event() -> None:
    heard = decided(AssignTeam(team_id="email"), SetPriority(priority=True), AddTags(tags=("a",)), MarkSpam(), SLA)
    *_, state = apply(started(), heard)
    assert state.head.sla_policy_id == "gold"
    again = decided(SetPriority(priority=True), AddTags(tags=("a",)), MarkSpam(), SLA, seq=9)
    assert apply(state, again)[:2] == ([], ("nothing_new",) * 4)
