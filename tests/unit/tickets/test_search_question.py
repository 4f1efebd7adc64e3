"""What somebody types: taken apart, understood, or told where and how to mend it."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.model.search.ask import Asked, Names, ask
from services.tickets.model.search.clauses import (
    Begins,
    Between,
    Clause,
    Either,
    Every,
    Has,
    Phrase,
    Without,
    words_clause,
)
from services.tickets.model.search.parse import OPERATORS, PIECES_MAX, QUESTION_CHARS, parse

NAMES = Names(
    brands={"earth echo": "earth-echo", "earth-echo": "earth-echo", "paleo hacks": "paleo-hacks"},
    teams={"email support": "email-support", "email-support": "email-support"},
    agents={"maya": ["maya"], "maya lopez": ["maya"], "sam": ["sam-1", "sam-2"]},
    me="leo",
    today=date(2026, 5, 4),
    zone=ZoneInfo("Europe/Athens"),
)
DAY_MS = 86_400_000
MAY_4 = 1_777_842_000_000
"""Midnight in Athens."""


def asked(text: str) -> Asked:
    return ask(parse(text), NAMES)


def clause(text: str) -> Clause:
    """Of a question of one piece."""
    found = asked(text)
    assert not found.faults, found.faults
    assert isinstance(found.clause, Every)
    [only] = found.clause.parts
    return only


def label(value: str) -> Clause:
    return Has("labels", value)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("refund late", ["word", "word"]),
        ('"late delivery" now', ["phrase", "word"]),
        ('"not closed', ["phrase"]),
        ("from:ada TAG:vip", ["operator", "operator"]),
        ('brand:"Earth Echo"', ["operator"]),
        ("at 10:30", ["word", "word"]),
        ("https://shop.example/a", ["word"]),
        ("+1 (555) 010-1234", ["number"]),
        ("call 555 010 1234 now", ["word", "number", "word"]),
        ("2026 10", ["word", "word"]),
        ("form:ada", ["unknown"]),
        ("", []),
        ('  ""  ', ["phrase"]),
    ],
)
def test_a_text_is_taken_apart(text: str, kinds: list[str]) -> None:
    assert [piece.kind for piece in parse(text)] == kinds


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("refund ", Either((Has("text", "refund"),))),
        ("refund", Either((Begins("text", "refund"),))),
        ("refund* ", Either((Begins("text", "refund"),))),
        ("R ", Either((Has("text", "r"),))),
        ("r", Either((Has("text", "r"),))),
        ("CAFÉ ", Either((Has("text", "cafe"),))),
        ("-refund ", Without(Either((Has("text", "refund"),)))),
        ('"late delivery"', Phrase("text", ("late", "delivery"))),
        ('"late"', Has("text", "late")),
        ("status:open", label("status:open")),
        ("status:open,closed", Either((label("status:open"), label("status:closed")))),
        ("-tag:VIP", Without(label("tagged:vip"))),
        ('tag:"late delivery"', label("tagged:late delivery")),
        ("brand:earth-echo", label("in-brand:earth-echo")),
        ('brand:"Earth Echo"', label("in-brand:earth-echo")),
        ("team:none", Without(label("has:team"))),
        ("assignee:me", label("assignee:leo")),
        ("assignee:nobody", Without(label("has:assignee"))),
        ("has:file", label("has:attachment")),
        ("channel:Phone", label("in-channel:phone")),
        ("after:2026-05-04", Between("active", since=MAY_4)),
        ("before:today", Between("started", until=MAY_4)),
        ("after:2d", Between("active", since=MAY_4 - 2 * DAY_MS)),
        ("from:@example.org", Begins("senders", "@example.org")),
        ("from:Ada@Example.ORG", Begins("senders", "ada@example.org")),
        ("to:support", Every((Begins("recipients", "support"),))),
        ("subject:order ", words_clause("subject", ("order",), prefix=False)),
        ("id:5F2C", Begins("ids", "5f2c")),
    ],
)
def test_a_piece_means(text: str, wanted: Clause) -> None:
    found = clause(text)
    assert found == (Either((wanted.parts[0],)) if isinstance(wanted, Either) and len(wanted.parts) == 1 else wanted)


def test_two_colleagues_of_one_name_are_both_meant() -> None:
    assert clause("assignee:sam") == Either((label("assignee:sam-1"), label("assignee:sam-2")))


@pytest.mark.parametrize("typed", ["SB-10234", "sb 10234", "SB10234", "sb-10234 "])
def test_an_order_number_is_looked_for_in_any_notation(typed: str) -> None:
    from services.tickets.model.search.marks import marks

    text = "My order SB-10234 has not come"
    assert marks(text, asked(typed).needles)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("assigne:me", (0, 10), "assignee:"),
        ("refund tag:", (7, 11), "tag:vip"),
        ("brand:erth", (0, 10), "Did you mean earth"),
        ("assignee:mayy", (0, 13), "Did you mean maya"),
        ("team:zzz", (0, 8), "no team"),
        ("status:opne", (0, 11), "open, snoozed, closed"),
        ("has:cat", (0, 7), "attachment, note, link"),
        ("before:2026-13-01", (0, 17), "2026-05-01"),
        ("after:9999y", (0, 11), "no date"),
        ("x id:a!b", (2, 8), "letters, digits"),
        ("from:!!", (0, 7), "letters or digits"),
        ("subject:!!", (0, 10), "letters or digits"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_how_to_mend_it(text: str, place: tuple[int, int], words: str) -> None:
    [fault] = asked(text).faults
    assert (fault.start, fault.end) == place
    assert words in fault.message


def test_all_faults_are_told_at_once() -> None:
    assert len(asked("status:x brand:y before:z").faults) == 3
    assert str(PIECES_MAX) in asked("a " * (PIECES_MAX + 1)).faults[0].message


def test_nothing_to_look_for_is_no_question() -> None:
    assert asked('  "" ... -').clause is None


@given(st.text(max_size=QUESTION_CHARS))
def test_any_text_is_understood_or_told_why_not(text: str) -> None:
    pieces = parse(text)
    assert all(0 <= piece.start < piece.end <= len(text) for piece in pieces)
    assert [piece.start for piece in pieces] == sorted(piece.start for piece in pieces)
    for fault in asked(text).faults:
        assert 0 <= fault.start < fault.end <= len(text)
        assert fault.message.endswith((".", "?"))


@given(st.sampled_from(OPERATORS), st.text(max_size=30))
def test_any_value_of_an_operator_is_understood_or_told_why_not(name: str, value: str) -> None:
    found = asked(f"{name}:{value}")
    assert found.clause is not None or found.faults
