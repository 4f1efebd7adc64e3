"""The score and its reasons: what is enough, what never is, and what nothing outweighs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.spam.bayes import LEAST, Filter, pack_slots, slots_of, unpack_slots
from services.routing.spam.score import Known, score
from services.routing.spam.senders import Sender
from services.routing.spam.words import tokens
from shared.contracts.common import Handle, Message, Spam
from shared.contracts.directory import SpamSettings
from tests.unit.routing.examples import message

USUAL = SpamSettings().threshold
DECEIVING = '<a href="https://evil.example/x">https://www.paypal.com</a>'
OTHERWISE = Handle(kind="email", value="a@b.example", name='"help@paypal.com"')
LONG = "More than a few words, so that it is not little but a link."
WORDS = st.lists(st.sampled_from(["pills", "casino", "order", "refund", "parcel", "thanks"]), max_size=6)


def scored(made: Message, **known: Any) -> Spam:
    return score(made, tokens(made), Known(**known))


def trained(many: int) -> Filter:
    filter_ = Filter()
    for n in range(many):
        filter_ = filter_.learn(slots_of(("cheap", "pills", "casino", f"s{n}")), spam=True)
        filter_ = filter_.learn(slots_of(("where", "order", "refund", f"h{n}")), spam=False)
    return filter_


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({}, {}),
        ({"automatic": "bulk"}, {}),
        ({"dmarc": "fail"}, {}),
        ({"html": DECEIVING, "automatic": "bulk"}, {}),  # a newsletter that counts clicks
        ({"text": "asdfkjh lkjsdf qwoeiu zxcmnv qjxz"}, {}),
        ({}, {"repeated": 50}),
        ({}, {"sender": Sender(marked=1)}),
        ({"text": "cheap pills casino"}, {"filter": trained(LEAST - 1)}),
    ],
)
def test_one_sign_is_not_enough(changes: dict[str, Any], known: dict[str, Any]) -> None:
    assert scored(message(**changes), **known).score < USUAL


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({"html": DECEIVING, "dmarc": "fail", "text": "https://x.example"}, {"repeated": 12}),
        ({"text": "asdfkjh lkjsdf qwoeiu zxcmnv qjxz"}, {"repeated": 12}),
        ({"text": "asdfkjh lkjsdf qwoeiu zxcmnv qjxz"}, {"sender": Sender(marked=2)}),
        ({"text": "cheap pills casino"}, {"filter": trained(60)}),
        ({"sender": Handle(kind="email", value="a@x.example")}, {"settings": SpamSettings(blocked=("x.example",))}),
    ],
)
def test_what_is_plain_is_enough_and_says_why(changes: dict[str, Any], known: dict[str, Any]) -> None:
    found = scored(message(**changes), **known)
    assert found.score >= USUAL
    assert found.reasons
    assert all(one.endswith(".") for one in found.reasons)


@pytest.mark.parametrize(
    ("changes", "score_", "reason"),
    [
        ({"sender": OTHERWISE}, 0.269, "The sender's name is another address"),
        ({"html": DECEIVING, "text": LONG}, 0.269, 'A link that reads "www.paypal.com" leads to evil.example.'),
        (
            {"html": '<a href="http://10.0.0.1/">Log in</a>', "text": LONG},
            0.182,
            "A link hides where it leads: 10.0.0.1.",
        ),
        ({"text": "https://x.example/a"}, 0.1, "It is little but a link."),
        ({"text": "words " * 20 + "https://x.example " * 20}, 0.119, "It has 20 links."),
    ],
)
def test_each_sign_is_told(changes: dict[str, Any], score_: float, reason: str) -> None:
    found = scored(message(**changes))
    assert found.score == score_
    assert found.reasons[0].startswith(reason)


SIGNS = st.fixed_dictionaries(
    {
        "text": st.sampled_from(["asdfkjh lkjsdf qwoeiu zxcmnv qjxz", "cheap pills casino", "hello"]),
        "html": st.sampled_from([None, DECEIVING]),
        "dmarc": st.sampled_from([None, "pass", "fail"]),
        "automatic": st.sampled_from([None, "bulk"]),
    }
)


@given(SIGNS, st.integers(0, 100), st.integers(0, 9))
def test_nobody_who_was_answered_is_spam_whatever_they_send(signs: dict[str, Any], repeated: int, marked: int) -> None:
    known: dict[str, Any] = {"repeated": repeated, "filter": trained(60)}
    if signs["dmarc"] == "fail":
        return  # not they, by the word of their own domain
    assert scored(message(**signs), sender=Sender(answered=True, marked=marked), **known).score == 0
    assert scored(message(**signs), sender=Sender(cleared=True, marked=marked), **known).score == 0
    allowed = SpamSettings(allowed=("customer.example",), blocked=("ann@customer.example",))
    assert scored(message(**signs), sender=Sender(marked=marked), settings=allowed, **known).score == 0


@pytest.mark.parametrize(
    ("known", "trusts"),
    [
        ({"sender": Sender(answered=True)}, "An agent has answered this sender before."),
        ({"sender": Sender(cleared=True)}, "Somebody took a conversation of this sender out of Spam."),
        (
            {"settings": SpamSettings(allowed=("customer.example",))},
            "customer.example is on the list of allowed senders.",
        ),
    ],
)
def test_who_forges_a_known_senders_address_is_scored_as_anybody(known: dict[str, Any], trusts: str) -> None:
    pills = {"text": "cheap pills casino"}
    for said in (None, "none", "pass"):
        mail = message(dmarc=said, **pills)
        assert scored(mail, **known, filter=trained(60)) == Spam(score=0, reasons=(trusts,))
    forged = scored(message(dmarc="fail", **pills), **known, filter=trained(60))
    assert forged.score >= USUAL
    assert trusts not in forged.reasons
    # By itself it is a sign like another: a mailing list breaks DMARC too.
    assert 0 < scored(message(dmarc="fail"), **known).score < USUAL


def test_who_is_blocked_stays_blocked_whatever_dmarc_says() -> None:
    settings = SpamSettings(blocked=("customer.example",))
    for said in (None, "none", "pass", "fail"):
        assert scored(message(dmarc=said), settings=settings).score == 1


@given(SIGNS, st.integers(0, 100), st.integers(0, 9))
def test_more_against_it_never_makes_it_better(signs: dict[str, Any], repeated: int, marked: int) -> None:
    one = scored(message(**signs), sender=Sender(marked=marked), repeated=repeated)
    worse = scored(message(**signs | {"dmarc": "fail"}), sender=Sender(marked=marked + 1), repeated=repeated + 5)
    assert 0 <= one.score <= worse.score <= 1


@given(st.lists(st.tuples(WORDS, st.booleans()), max_size=12), st.permutations(range(12)))
def test_what_was_learnt_is_forgotten_again_in_any_order(said: list[tuple[list[str], bool]], order: list[int]) -> None:
    learnt = Filter()
    for words, spam in said:
        learnt = learnt.learn(slots_of(words), spam=spam)
    back = learnt
    for n in order:
        if n < len(said):
            back = back.learn(slots_of(said[n][0]), spam=said[n][1], times=-1)
    assert back == Filter()
    assert Filter.unpacked(learnt.packed()) == learnt


@given(WORDS)
def test_slots_are_kept_as_they_are(words: list[str]) -> None:
    assert unpack_slots(pack_slots(slots_of(words))) == slots_of(words)


def test_the_filter_tells_what_was_marked_from_what_was_answered() -> None:
    filter_ = trained(30)
    spam, words = filter_.judge(("cheap", "pills"))
    ham, none = filter_.judge(("order", "refund"))
    unknown, _ = filter_.judge(("weather",))
    assert spam > 0.95
    assert ham < 0.05
    assert unknown == 0.5
    assert (set(words), none) == ({"cheap", "pills"}, ())
    many, _ = filter_.judge([*("cheap", "pills"), *(f"w{n}" for n in range(400))])
    assert many > 0.9
