"""Drafts: the last writer is the one who saw the last writing; the other is told, and loses nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.model.draft import (
    LETTER_CHARS,
    Draft,
    Recipients,
    decide_draft,
    emptied,
    moved,
    put_back,
    side_box,
)
from shared.contracts.common import Address, Attachment
from shared.errors import Conflict
from tests.unit.tickets.examples import minute

FILE = Attachment(id="f1", name="a.png", content_type="image/png", size_bytes=3)
OTHER = FILE.model_copy(update={"id": "f2"})


def draft(rev: int, html: str, *files: Attachment) -> Draft:
    return Draft(rev=rev, html=html, attachments=files)


def test_each_writing_raises_the_revision() -> None:
    first = decide_draft(Draft(), draft(0, "Hello"), minute(1))
    second = decide_draft(first, draft(first.rev, "Hello Ada"), minute(2))
    assert (first.rev, second.rev, second.html, second.updated_at) == (1, 2, "Hello Ada", minute(2))


def test_a_writing_that_began_from_an_older_one_is_refused_with_the_newer() -> None:
    there = draft(3, "from the phone")
    with pytest.raises(Conflict) as refused:
        decide_draft(there, draft(2, "from the desk"), minute(1))
    assert refused.value.code == "draft_changed"
    assert "changed" in refused.value.message
    assert refused.value.about["existing"]["html"] == "from the phone"


def test_writing_on_after_it_was_sent_elsewhere_says_so() -> None:
    sent = emptied(draft(3, "Hello"), minute(1))
    with pytest.raises(Conflict, match="sent or thrown away"):
        decide_draft(sent, draft(3, "Hello Ada"), minute(2))


def test_the_same_writing_again_changes_nothing() -> None:
    """Its answer was lost on the way."""
    there = decide_draft(Draft(), draft(0, "Hello"), minute(1))
    assert decide_draft(there, draft(0, "Hello"), minute(2)) is there
    assert decide_draft(there, draft(1, "Hello"), minute(2)) is there


def test_a_draft_that_has_expired_is_written_anew() -> None:
    assert decide_draft(Draft(), draft(7, "Hello"), minute(1)).rev == 8


def test_what_was_not_sent_after_all_comes_before_what_was_written_since() -> None:
    people = Recipients(to=(Address(address="ada@example.org"),))
    letter = Draft(html="<p>One</p>", recipients=people, attachments=(FILE,))
    back = put_back(draft(4, "<p>Two</p>", FILE, OTHER), letter, minute(1))
    assert (back.rev, back.html, back.recipients) == (5, "<p>One</p><p>Two</p>", people)
    assert [one.id for one in back.attachments] == ["f1", "f2"]


@pytest.mark.parametrize(
    ("here", "there", "after"),
    [
        (draft(2, "Hello"), Draft(), draft(2, "Hello")),
        (draft(2, "Hello"), Draft(rev=2), draft(3, "Hello")),
        (draft(2, "Hello"), Draft(rev=7), draft(8, "Hello")),
        (draft(9, "Hello"), Draft(rev=2), draft(9, "Hello")),
        (draft(9, "Hello"), draft(2, "there"), draft(9, "thereHello")),
        (draft(2, "Hello"), draft(2, "there"), draft(3, "thereHello")),
        (draft(9, "Hello"), draft(2, "x" * LETTER_CHARS), draft(2, "x" * LETTER_CHARS)),
        (Draft(rev=9, text="known"), Draft(rev=1, text="there"), Draft(rev=9, text="there\n\nknown")),
        (Draft(rev=9, fields={"name": "x"}), Draft(rev=1, fields={"name": "y"}), Draft(rev=1, fields={"name": "y"})),
        (Draft(rev=9), draft(2, "there"), draft(2, "there")),
        (Draft(rev=9), Draft(rev=2), Draft(rev=2)),
        (Draft(rev=9), Draft(), Draft(rev=9)),
    ],
)
def test_what_is_merged_brings_its_draft_behind_what_is_written_there(here: Draft, there: Draft, after: Draft) -> None:
    assert moved(here, there) == after


def test_whatever_a_box_holds_is_a_writing_of_its_own() -> None:
    there = decide_draft(Draft(), Draft(text="No answer", fields={"outcome": "busy"}), minute(1))
    assert not there.empty
    other = there.model_copy(update={"fields": {"outcome": "no_answer"}})
    assert decide_draft(there, other, minute(2)).rev == 2
    assert emptied(there, minute(2)) == Draft(rev=2, updated_at=minute(2))
    assert Draft(rev=3, updated_at=minute(1)).empty


def test_each_side_conversation_has_a_box_and_so_has_a_new_one() -> None:
    assert (side_box(None), side_box("s1")) == ("side:new", "side:s1")


def test_emptying_what_is_empty_changes_nothing() -> None:
    assert emptied(Draft(), minute(1)) == Draft()


@given(st.lists(st.tuples(st.booleans(), st.text(min_size=1, max_size=5)), max_size=12))
def test_two_devices_never_lose_what_neither_has_seen(writings: list[tuple[bool, str]]) -> None:
    """Each writes from what it saw last; after a refusal it has seen the other's."""
    there, seen = Draft(), {True: Draft(), False: Draft()}
    for device, text in writings:
        try:
            after = decide_draft(there, draft(seen[device].rev, text), minute(0))
        except Conflict as refused:
            told = Draft.model_validate(refused.about["existing"])
        else:
            told = None
        if told is not None:
            assert told == there
            assert seen[device].rev < there.rev
            seen[device] = told
            continue
        assert seen[device].rev == there.rev or after is there
        there = seen[device] = after
