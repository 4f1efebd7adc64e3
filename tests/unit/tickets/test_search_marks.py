"""Marks stand exactly on what is looked for, in units that a browser counts, and never tear a text."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.model.search.ask import Names, Needles, ask
from services.tickets.model.search.marks import EXCERPT_CHARS, Mark, excerpt, marks
from services.tickets.model.search.parse import parse
from services.tickets.model.search.words import code_spans, number_question, number_spans, spans, words

NAMES = Names({}, {}, {}, "leo", date(2026, 5, 4), ZoneInfo("UTC"))


def needles(typed: str) -> Needles:
    return ask(parse(typed), NAMES).needles


def marked(text: str, found: tuple[Mark, ...]) -> list[str]:
    """What a browser shows as marked."""
    units = text.encode("utf-16-le", "surrogatepass")
    return [units[start * 2 : end * 2].decode("utf-16-le", "surrogatepass") for start, end in found]


@pytest.mark.parametrize(
    ("typed", "text", "wanted"),
    [
        ("refund ", "A Refund, refunded", ["Refund"]),
        ("refund", "A Refund, refunded", ["Refund", "refunded"]),
        ("cafe ", "Un CAFÉ", ["CAFÉ"]),
        ("café ", "Un cafe\u0301 noir", ["cafe\u0301"]),
        ("strasse ", "Hauptstraße, Straße", ["Straße"]),
        ('"late delivery"', "late, delivery; delivery late", ["late, delivery"]),
        ("now ", "😀 now 😀 now", ["now", "now"]),
        ("ada@example.org ", "write to ada@example.org!", ["ada@example.org"]),
        ("+1 555 010 1234", "call (555) 010-1234 or +1 555 0101234", ["(555) 010-1234", "+1 555 0101234"]),
        ("555 010 1234", "call +1 (555) 010-1234", ["+1 (555) 010-1234"]),
        ("١٢٣٤ ", "order 1234", ["1234"]),
        ("返金", "商品の返金をお願いします", ["返金"]),
        ("-refund ", "refund", []),
        ("status:open", "open", []),
        ("from:ada", "Ada wrote", ["Ada"]),
        ("$ .*", "a.*b", []),
    ],
)
def test_what_is_looked_for_is_marked(typed: str, text: str, wanted: list[str]) -> None:
    assert marked(text, marks(text, needles(typed))) == wanted


def test_an_excerpt_shows_the_stretch_with_the_most_and_says_that_there_is_more() -> None:
    text = "delivery " + "x " * 400 + "a late   delivery of my order " + "y " * 400
    found = excerpt(text, needles("late delivery order "))
    assert found is not None
    assert found.found == 3
    assert found.text.startswith("…")
    assert found.text.endswith("…")
    assert marked(found.text, found.marks) == ["late", "delivery", "order"]
    assert len(found.text) <= EXCERPT_CHARS + 2
    assert excerpt("nothing of it", needles("late ")) is None


@given(st.text(alphabet="aé ß\u0301😀返x1-.@\n", max_size=300), st.text(alphabet="aé ß😀返x1-.@", max_size=20))
def test_marks_are_in_order_within_the_text_and_on_its_letters(text: str, typed: str) -> None:
    wanted = needles(typed)
    places = marks(text, wanted)
    length = len(text.encode("utf-16-le")) // 2
    ends = [place for pair in places for place in pair]
    assert ends == sorted(ends)
    assert all(0 <= start < end <= length for start, end in places)
    assert all(words(one) for one in marked(text, places))  # no mark is torn from a letter that takes two units
    cut = excerpt(text, wanted)
    if cut is not None:
        assert cut.marks
        assert all(words(one) for one in marked(cut.text, cut.marks))


@given(st.text(max_size=200))
def test_a_words_place_is_the_words(text: str) -> None:
    found = list(spans(text))
    assert [one.folded for one in found] == words(text)
    assert all(words(text[one.start : one.end]) == [one.folded] for one in found)


@given(
    st.integers(10**9, 10**10 - 1), st.sampled_from(["{a}{b}{c}", "({a}) {b}-{c}", "+1 {a} {b} {c}", "001-{a}-{b}-{c}"])
)
def test_a_number_is_found_in_every_notation(digits: int, notation: str) -> None:
    whole = str(digits).replace("0", "5")
    text = notation.format(a=whole[:3], b=whole[3:6], c=whole[6:])
    [(terms, _, _)] = number_spans(f"call {text} please")
    for asked in (whole, f"+1{whole}", f"+1 ({whole[:3]}) {whole[3:]}", whole[-7:]):
        assert any(term.startswith(one) for one in number_question(asked) for term in terms), (text, asked, terms)


def test_times_of_a_question_are_the_readers() -> None:
    found = ask(parse("after:2026-05-04"), NAMES).clause
    assert str(int(datetime(2026, 5, 4, tzinfo=UTC).timestamp() * 1000)) in str(found)


def effort(work: Callable[[], None]) -> float:
    """Of this process alone, in seconds; the least of a few, as what else runs only adds to it."""
    found = []
    for _ in range(4):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


@pytest.mark.parametrize("one", ["a", "1", "1 ", "a-1.", "(1", "é", "返", "a ", "+1-"])
def test_a_text_of_any_sort_costs_as_much_as_it_is_long(one: str) -> None:
    """A blob in a mail, ten times as long: ten times the work, not a hundred times."""

    def work(length: int) -> None:
        text = (one * length)[:length]
        list(spans(text)), list(code_spans(text)), list(number_spans(text))
        excerpt(text, needles("a 1 555010 x-1 "))

    assert effort(lambda: work(20_000)) < 40 * effort(lambda: work(2_000))
