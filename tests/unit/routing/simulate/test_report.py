"""Counts are of conversations, and the examples are of as many kinds as there is room for."""

from __future__ import annotations

from datetime import timedelta

from services.routing.rules.facts import Facts
from services.routing.rules.schema import Rule
from services.routing.simulate.compare import Compared, Sides, why
from services.routing.simulate.job import Job, World
from services.routing.simulate.report import (
    EXAMPLES,
    OF_A_KIND,
    SHOWN_CHARS,
    Counting,
    Example,
    Tally,
    example,
    report,
)
from services.routing.sla.schema import Calendar, WeekHours
from shared.contracts.conversations import ConversationEvent
from shared.contracts.directory import OpenHours, TeamHours
from tests.unit.routing.examples import AT, condition, replied, rule, started

WHEN = ["ConversationStarted", "CustomerReplied"]
ALWAYS = rule("always", when=WHEN, then=[{"kind": "add_tags", "tags": ["seen"]}])
LONG = {"all": [condition("message.text", "contains", "x")]}


def counted(before: list[Rule], after: list[Rule], stories: dict[str, list[ConversationEvent]]) -> Tally:
    sides, counting = Sides(before, after), Counting()
    for id_, events in stories.items():
        for event in events:
            compared = sides.compare(id_, event, Facts(event.head, getattr(event, "message", None), event), World())
            if compared is not None:
                counting.saw(event, compared)
        counting.ended(id_)

    def shown(event: ConversationEvent, compared: Compared) -> Example:
        return example(event, compared, why(sides, event, compared, frozenset()))

    return counting.tally(shown)


def test_a_conversation_counts_once_however_many_of_its_events_differ() -> None:
    stories = {"c1": [started(id="c1"), replied(2, id="c1"), replied(3, id="c1")], "c2": [], "c3": [started(id="c3")]}
    tally = counted([], [ALWAYS], stories)
    assert (tally.conversations, tally.differ, tally.matched, tally.matched_before) == (3, 2, {"always": 2}, {})


def test_the_same_set_differs_nowhere() -> None:
    tally = counted([ALWAYS], [ALWAYS], {"c1": [started(), replied(2)]})
    assert (tally.differ, tally.kinds, tally.matched, tally.matched_before) == (0, {}, {"always": 1}, {"always": 1})


def test_the_newest_of_a_kind_are_kept_and_their_texts_cut() -> None:
    long = rule("long", when=["ConversationStarted"], **{"if": LONG})
    stories = {
        f"c{n}": [started(id=f"c{n}", text="x" * 5000).model_copy(update={"at": AT + timedelta(minutes=n)})]
        for n in range(12)
    }
    (examples,) = counted([], [long], stories).kinds.values()
    assert [one.conversation_id for one in examples] == [f"c{n}" for n in range(11, 11 - OF_A_KIND, -1)]
    seen = examples[0].trace[0].conditions.children[0].seen  # type: ignore[union-attr]
    assert isinstance(seen, str)
    assert len(seen) == SHOWN_CHARS


def test_what_has_no_subject_is_called_by_what_it_is() -> None:
    event = started(id="c1")
    head = event.head.model_copy(update={"subject": "", "description": "Incoming call"})
    (examples,) = counted([], [ALWAYS], {"c1": [event.model_copy(update={"head": head})]}).kinds.values()
    assert [one.title for one in examples] == ["Incoming call"]


def test_readers_are_added_up_and_one_of_each_kind_comes_first() -> None:
    named = rule("named", when=["Closed"])
    job = Job(before=(), after=(ALWAYS, named), named=("named",), conversations=10)
    starts, replies = (
        counted([], [ALWAYS], {f"{kind}{n}": [made(n)] for n in range(8)})
        for kind, made in (("s", lambda n: started(id=f"s{n}")), ("r", lambda n: replied(2, id=f"r{n}")))
    )
    found = report(job, [starts, replies])
    assert (found.conversations, found.differ) == (16, 16)
    assert [(one.id, one.matched, one.matched_before) for one in found.by_rule] == [("always", 16, 0), ("named", 0, 0)]
    assert {one.event for one in found.examples[:2]} == {"ConversationStarted", "CustomerReplied"}
    assert len(found.examples) == 2 * OF_A_KIND <= EXAMPLES


ROOM = {"id": "room", "field": "availability.room"}


def test_what_of_a_draft_is_not_simulated_is_said() -> None:
    """Else a rule that waits would be told as one that changes nothing."""
    waits, timed, gone = rule("waits", after="PT2H"), rule("timed", when=["TimePassed"]), rule("g", when=["TimePassed"])
    staffed = rule("staffed", **{"if": {"all": [condition("availability.online", "is", 0)]}})
    filled = rule("filled", then=[{"kind": "emit_event", "name": "room", "attributes": [ROOM]}])
    other = rule("other", after="PT2H")
    struck = rule("struck", when=["ClockStruck"], clock={"weekdays": ["mon"], "times": ["09:00"]})
    job = Job(
        before=(rule("was", after="PT2H"), other, rule("part"), gone),
        after=(rule("was"), other, rule("part"), waits, timed, struck, staffed, filled, ALWAYS),
        named=("was", "part", "waits", "timed", "struck", "staffed", "filled", "always", "g"),
        rolled_out=("part",),
        conversations=10,
    )
    told = {one.id: one.why for one in report(job, []).not_simulated}
    assert told == {
        "was": ("waits",),
        "part": ("rollout",),
        "waits": ("waits",),
        "timed": ("time",),
        "struck": ("clock",),
        "staffed": ("availability",),
        "g": ("time",),
    }


def test_the_world_knows_working_hours_in_another_process_too() -> None:
    week = [WeekHours(day="fri", opens="08:00", closes="10:00")]
    office = Calendar(id="office", version=1, saved_at=AT, name="Office", time_zone="UTC", hours=tuple(week))
    hours = World.model_validate_json(World(calendars=(office,)).model_dump_json()).hours()
    assert hours.open_at(AT) == ("office",)
    assert hours.open_at(AT + timedelta(hours=1)) == ()
    early = TeamHours(time_zone="UTC", open=(OpenHours(day="friday", opens="08:00", closes="10:00"),))
    hours = World.model_validate_json(World(team_hours={"early": early, "all": None}).model_dump_json()).hours()
    assert hours.teams_open_at(AT) == ("all", "early")
    assert hours.teams_open_at(AT + timedelta(hours=1)) == ("all",)


def test_what_is_kept_reads_back_the_same() -> None:
    tally = counted([], [ALWAYS], {"c1": [started()]})
    assert Tally.model_validate(tally.model_dump(mode="json")) == tally
