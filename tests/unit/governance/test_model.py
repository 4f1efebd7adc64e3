"""What may be done to an artifact in which state, by whom, and what it leads to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.contracts.governance import Rollout
from shared.errors import Conflict, DomainError, Forbidden
from shared.governance import model
from shared.governance.model import Artifact, State, Terms
from tests.unit.routing.examples import AT

TWO = Terms(approvals=2)
NONE = Terms()
A_FIFTH = Rollout(percentage=20)
LATER = AT + timedelta(hours=1)

DRAFT = model.made("r1", "ada")
IN_REVIEW = model.submit(DRAFT, "why")
APPROVED = model.approve(model.approve(IN_REVIEW, TWO, by="bo", now=AT), TWO, by="cy", now=AT)
SCHEDULED = model.publish(APPROVED, TWO, by="ada", now=AT, at=LATER)
PUBLISHED = model.publish(APPROVED, TWO, by="ada", now=AT)
RETIRED = model.retire(PUBLISHED)
BY_STATE: dict[State, Artifact] = {
    "draft": DRAFT,
    "in_review": IN_REVIEW,
    "approved": APPROVED,
    "scheduled": SCHEDULED,
    "published": PUBLISHED,
    "retired": RETIRED,
}
ACTS: dict[str, tuple[Callable[[Artifact], Artifact], dict[State, State]]] = {
    "save": (lambda one: model.save(one, "di"), dict.fromkeys(BY_STATE, "draft")),
    "submit": (lambda one: model.submit(one, ""), {"draft": "in_review"}),
    "withdraw": (model.withdraw, dict.fromkeys(("in_review", "approved", "scheduled"), "draft")),
    "approve": (
        lambda one: model.approve(one, TWO, by="di", now=AT),
        {"in_review": "in_review", "approved": "approved"},
    ),
    "reject": (model.reject, {"in_review": "draft", "approved": "draft"}),
    "publish": (
        lambda one: model.publish(one, TWO, by="di", now=AT),
        {"approved": "published", "scheduled": "published"},
    ),
    "publish unasked": (
        lambda one: model.publish(one, NONE, by="di", now=AT),
        dict.fromkeys(("draft", "in_review", "approved", "scheduled"), "published"),
    ),
    "schedule": (
        lambda one: model.publish(one, TWO, by="di", now=AT, at=LATER),
        {"approved": "scheduled", "scheduled": "scheduled"},
    ),
    "roll back": (model.roll_back, dict.fromkeys(BY_STATE, "published")),
    "retire": (model.retire, {one: "retired" for one in BY_STATE if one != "retired"}),
    "hand over": (lambda one: model.hand_over(one, "di"), {one: one for one in BY_STATE}),
}


@pytest.mark.parametrize("state", BY_STATE)
@pytest.mark.parametrize("name", ACTS)
def test_each_act_leads_where_it_should_and_is_refused_elsewhere(name: str, state: State) -> None:
    act, leads = ACTS[name]
    before = BY_STATE[state]
    assert before.state == state
    if state in leads:
        after = act(before)
        assert (after.state, after.seq) == (leads[state], before.seq + 1)
    else:
        with pytest.raises(Conflict):
            act(before)


def code(act: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as refused:
        act()
    return refused.value.code


def test_nobody_approves_their_own_nor_twice_nor_a_part_of_it() -> None:
    assert code(lambda: model.approve(IN_REVIEW, TWO, by="ada", now=AT)) == "own_work"
    once = model.approve(IN_REVIEW, TWO, by="bo", now=AT)
    assert code(lambda: model.approve(once, TWO, by="bo", now=AT)) == "approved_already"
    touched = model.submit(model.save(model.withdraw(once), "bo"), "")
    assert touched.authors == ("ada", "bo")
    for author in touched.authors:
        with pytest.raises(Forbidden):
            model.approve(touched, TWO, by=author, now=AT)


def test_a_new_save_voids_approvals_and_schedule_and_leaves_what_is_in_force() -> None:
    saved = model.save(SCHEDULED, "ada")
    assert (saved.approvals, saved.schedule, saved.version) == ((), None, 2)
    assert code(lambda: model.publish(saved, TWO, by="ada", now=AT)) == "needs_approval"
    assert model.save(PUBLISHED, "bo").published == 1
    assert model.save(PUBLISHED, "bo").authors == ("bo",), "who wrote what is in force may approve what is new"


def test_the_others_keep_what_everybody_had_last() -> None:
    second = model.publish(model.save(PUBLISHED, "ada"), NONE, by="ada", now=AT, rollout=A_FIFTH)
    assert (second.published, second.before, second.rollout) == (2, 1, A_FIFTH)
    third = model.publish(model.save(second, "ada"), NONE, by="ada", now=AT, rollout=Rollout(percentage=50))
    assert (third.published, third.before) == (3, 1)
    everybody = model.roll_out(third, Rollout())
    assert (everybody.published, everybody.before, everybody.rollout) == (3, None, None)
    assert code(lambda: model.roll_out(everybody, A_FIFTH)) == "not_staged"
    whole = model.publish(model.save(second, "ada"), NONE, by="ada", now=AT, rollout=Rollout(percentage=100))
    assert (whole.before, whole.rollout) == (None, None)


def test_the_first_version_ever_rolled_out_leaves_the_others_nothing() -> None:
    first = model.publish(DRAFT, NONE, by="ada", now=AT, rollout=A_FIFTH)
    assert first.in_force == (1,)
    second = model.publish(model.save(first, "ada"), NONE, by="ada", now=AT, rollout=A_FIFTH)
    assert second.in_force == (2,)


def test_a_time_comes_once_and_not_before_it_is_there() -> None:
    assert model.come_due(SCHEDULED, TWO, AT) is None
    due = model.come_due(SCHEDULED, TWO, LATER)
    assert due is not None
    assert (due.state, due.published, due.schedule) == ("published", 1, None)
    assert model.come_due(due, TWO, LATER) is None
    assert model.come_due(model.withdraw(SCHEDULED), TWO, LATER) is None
    more = model.come_due(SCHEDULED, Terms(approvals=3), LATER)
    assert more is not None
    assert (more.state, more.published, more.schedule) == ("in_review", None, None)
    assert len(more.approvals) == 2, "those that there are still count"


def test_a_time_that_is_past_is_now() -> None:
    assert model.publish(DRAFT, NONE, by="ada", now=AT, at=AT).state == "published"


def test_rolled_back_it_is_for_everybody_and_asks_nobody() -> None:
    staged = model.publish(model.save(PUBLISHED, "ada"), NONE, by="ada", now=AT, rollout=A_FIFTH)
    back = model.roll_back(staged, "it was worse")
    assert (back.version, back.published, back.before, back.rollout) == (3, 3, None, None)
    assert back.rationale == "it was worse"
    assert model.roll_back(RETIRED).published == 2
