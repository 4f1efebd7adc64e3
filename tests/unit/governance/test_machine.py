"""Any acts in any order by anybody: what is promised of governed artifacts holds after each."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.contracts.governance import Rollout
from shared.errors import DomainError
from shared.governance import model
from shared.governance.model import Artifact, Terms
from tests.unit.routing.examples import AT

PEOPLE = st.sampled_from(["ada", "bo", "cy"])
ROLLOUTS = st.none() | st.builds(Rollout, percentage=st.integers(1, 100))


class Governance(RuleBasedStateMachine):
    """`wrote`: who saved each version. `fine`: versions that came into force rightly."""

    def __init__(self) -> None:
        super().__init__()
        self.terms = Terms(approvals=1)
        self.now: datetime = AT
        self.one: Artifact = model.made("r1", "ada")
        self.since = {"ada"}
        self.fine: set[int] = set()

    def then(self, after: Artifact) -> None:
        """A version that was not in force before is by publishing it, and has its approvals then."""
        assert after.seq == self.one.seq + 1
        if after.published is not None and after.published != self.one.published:
            approvers = {one.by for one in self.one.approvals}
            assert len(approvers) >= self.terms.approvals
            assert not approvers & self.since
            self.fine.add(after.published)
            self.since = set()
        self.one = after

    @rule(by=PEOPLE)
    def save(self, by: str) -> None:
        self.since.add(by)
        self.then(model.save(self.one, by))

    @rule()
    def submit(self) -> None:
        self.attempt(lambda: model.submit(self.one, ""))

    @rule(by=PEOPLE)
    def approve(self, by: str) -> None:
        self.attempt(lambda: model.approve(self.one, self.terms, by=by, now=self.now))

    @rule(by=PEOPLE, rollout=ROLLOUTS, hours=st.integers(-1, 2))
    def publish(self, by: str, rollout: Rollout | None, hours: int) -> None:
        at = self.now + timedelta(hours=hours)
        self.attempt(lambda: model.publish(self.one, self.terms, by=by, now=self.now, at=at, rollout=rollout))

    @rule(percentage=st.integers(1, 100))
    def roll_out(self, percentage: int) -> None:
        self.attempt(lambda: model.roll_out(self.one, Rollout(percentage=percentage)))

    @rule()
    def withdraw(self) -> None:
        self.attempt(lambda: model.withdraw(self.one))

    @rule()
    def reject(self) -> None:
        self.attempt(lambda: model.reject(self.one))

    @rule()
    def retire(self) -> None:
        self.attempt(lambda: model.retire(self.one))
        assert self.one.in_force == () or self.one.state != "retired"

    @precondition(lambda self: self.fine)
    @rule()
    def roll_back(self) -> None:
        """Whatever it is, it is in force again for everybody."""
        self.one = model.roll_back(self.one)
        assert self.one.in_force == (self.one.version,)
        self.fine.add(self.one.version)
        self.since = set()

    @rule(hours=st.integers(0, 3))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        due = model.come_due(self.one, self.terms, self.now)
        if due is not None:
            self.then(due)
            assert model.come_due(due, self.terms, self.now) is None, "it comes once"

    @rule(approvals=st.integers(0, 2))
    def ask_for(self, approvals: int) -> None:
        self.terms = Terms(approvals=approvals)

    def attempt(self, act: st.SearchStrategy[None] | object) -> None:
        try:
            after = act()  # type: ignore[operator]
        except DomainError:
            return
        self.then(after)

    @invariant()
    def nothing_is_in_force_without_its_approvals(self) -> None:
        assert set(self.one.in_force) <= self.fine

    @invariant()
    def who_wrote_is_known(self) -> None:
        assert set(self.one.authors) == self.since

    @invariant()
    def nobody_approved_their_own(self) -> None:
        assert not {one.by for one in self.one.approvals} & self.since

    @invariant()
    def a_rollout_and_a_version_before_go_together(self) -> None:
        assert self.one.before is None or (self.one.rollout is not None and self.one.before < (self.one.published or 0))
        assert self.one.rollout is None or self.one.published is not None
        assert (self.one.schedule is not None) == (self.one.state == "scheduled")


Governance.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestGovernance = Governance.TestCase
