"""A brand's book: what arrives is scored with all that was known before, and what people do is learnt and unlearnt."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.routing.judge import by_person, marks, scored
from services.routing.spam.bayes import Filter, slots_of
from services.routing.spam.book import HAM_FIRST, Book, Letter
from services.routing.spam.senders import Sender
from shared.contracts.common import Spam
from shared.contracts.conversations import ReplySent, SpamMarked, SpamUnmarked
from shared.contracts.directory import SpamSettings
from tests.unit.routing.examples import AGENT, AT, RULE, changed, head, message, replied, started

SETTINGS = SpamSettings()
TEXT = "Dear friend, I have a wonderful business offer for you"


def book(**known: Any) -> Book:
    return Book(**{"filters": {}, "senders": {}, "letters": (), "repeated": {}, **known})


def letter(entry_id: str = "e1", **changes: Any) -> Letter:
    made = Letter(entry_id, "c1", "paleo-hacks", slots_of((entry_id, "pills")), None, Spam(), AT)
    return made if not changes else Letter(**{**{name: getattr(made, name) for name in made.__slots__}, **changes})


def test_the_same_text_counts_in_other_conversations_alone() -> None:
    mine = book()
    for n in range(4):
        found = mine.arrived(head(id=f"c{n}"), message(entry_id=f"e{n}", text=TEXT), SETTINGS, AT)
        again = mine.arrived(head(id=f"c{n}"), message(entry_id=f"again{n}", text=TEXT), SETTINGS, AT)
        assert found == again
    assert "The same text came in 3 other conversations lately." in found.reasons


def test_a_mark_is_learnt_once_and_taken_back_whole() -> None:
    mine = book(letters=[letter(), letter("e2")])
    mine.marked(head(), spam=True)
    mine.marked(head(), spam=True)
    trained = mine.changed_filters["paleo-hacks"]
    assert (trained.spam, trained.ham) == (2, 0)
    mine.marked(head(), spam=False)
    after = mine.changed_filters["paleo-hacks"]
    assert (after.spam, after.ham) == (0, 2)
    (sender,) = mine.changed_senders.values()
    assert sender.cleared
    assert {one.learnt for one in mine.changed_letters.values()} == {"ham"}


def test_who_was_cleared_and_is_marked_again_is_no_more_cleared() -> None:
    mine = book(letters=[letter()])
    for spam in (False, True):
        mine.marked(head(), spam=spam)
    (sender,) = mine.changed_senders.values()
    assert sender == Sender(marked=1)


def test_an_answer_is_a_word_for_the_sender_and_is_learnt_while_that_says_something() -> None:
    mine = book(letters=[letter()])
    mine.answered(head())
    assert mine.changed_senders == {("paleo-hacks", "email:ann@customer.example"): Sender(answered=True)}
    assert mine.changed_filters["paleo-hacks"].ham == 1
    full = book(filters={"paleo-hacks": Filter(ham=HAM_FIRST)}, letters=[letter()])
    full.answered(head())
    assert full.changed_filters == {}


@given(st.lists(st.sampled_from(["spam", "not", "answer"]), max_size=8))
def test_the_filter_has_each_message_as_it_was_marked_last(acts: list[str]) -> None:
    mine = book(letters=[letter(), letter("e2")])
    for act in acts:
        if act == "answer":
            mine.answered(head())
        else:
            mine.marked(head(), spam=act == "spam")
    expected = Filter()
    if acts:
        for one in (letter(), letter("e2")):
            expected = expected.learn(one.slots, spam=acts[-1] == "spam")
    assert mine.changed_filters.get("paleo-hacks", Filter()) == expected


def test_what_is_scored_is_a_customers_and_not_answered_yet() -> None:
    assert scored(started()) is not None
    assert scored(replied(2)) is not None
    assert scored(replied(2, first_reply_at=AT)) is None
    assert scored(started(imported=True)) is None
    assert scored(started().model_copy(update={"quiet": True})) is None
    assert scored(started().model_copy(update={"message": None})) is None
    assert scored(started(by=AGENT).model_copy(update={"message": message(direction="out")})) is None


def test_only_people_teach() -> None:
    mark = changed(SpamMarked, {})
    assert by_person(mark)
    assert by_person(changed(SpamUnmarked, {}))
    assert not by_person(mark.model_copy(update={"by": RULE}))
    answer = changed(ReplySent, {"message": message(direction="out")}, first_reply_at=AT)
    assert by_person(answer)
    assert not by_person(answer.model_copy(update={"by": RULE}))
    later = answer.head.model_copy(update={"first_reply_at": AT.replace(hour=1)})
    assert not by_person(answer.model_copy(update={"head": later}))
    assert by_person(started(by=AGENT).model_copy(update={"message": message(direction="out")}))


def test_the_brand_says_from_where_on_it_goes_to_spam() -> None:
    worst = Spam(score=0.95)
    assert marks(started(), worst, SETTINGS)
    assert not marks(started(), Spam(score=0.89), SETTINGS)
    assert not marks(started(), worst, SpamSettings(enabled=False))
    assert not marks(started(), worst, SpamSettings(threshold=0.99))
    assert not marks(started(spam=True), worst, SETTINGS)
    assert marks(replied(2), worst, SETTINGS)
    assert not marks(replied(2, assignee_id="maya"), worst, SETTINGS)  # somebody has it in hand
