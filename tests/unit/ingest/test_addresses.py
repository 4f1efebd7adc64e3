"""Mailboxes in header fields: what is read the quick way is read as the standard library reads it."""

from __future__ import annotations

from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.channels.email.headers import mailboxes, pairs
from services.ingest.channels.email.tree import tree

PIECES = ('"Ann"', "<a@b.c>", "a@b.c", ", ", '"A, B" <x@y.z>', "Ann B. <a.b@c-d.e>", "a@b.c (Ann)", "<>", "x: a@b.c;")
WRITTEN = st.lists(
    st.one_of(st.text("abX0.-_'=?é日 \t\"<>@,:;()[]\\", max_size=12), st.sampled_from(PIECES)), max_size=6
)


def read(field: str) -> list[tuple[str, str]]:
    part = tree(b"To: " + field.encode() + b"\r\n\r\n")
    return [(one.name, one.address) for one in mailboxes(part, "To")]


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("ann@x.example", [("", "ann@x.example")]),
        ("<Ann@X.example>", [("", "ann@x.example")]),
        ('"Lee, Ann" <ann@x.example>, b@x.example', [("Lee, Ann", "ann@x.example"), ("", "b@x.example")]),
        ("Ann B. Lee <ann@x.example>,", [("Ann B. Lee", "ann@x.example")]),
        ("ann@x.example (Ann)", [("Ann", "ann@x.example")]),
        ("=?utf-8?q?J=C3=BCrgen?= <j@x.example>", [("Jürgen", "j@x.example")]),
        ("ann@x.example, ANN@x.example", [("", "ann@x.example")]),
        ("undisclosed-recipients:;", []),
    ],
)
def test_mailboxes_are_read(field: str, found: list[tuple[str, str]]) -> None:
    assert read(field) == found


@given(WRITTEN.map("".join))
def test_the_quick_way_reads_as_the_library_does(field: str) -> None:
    nothing = ("", "")
    assert [one for one in pairs(field) if one != nothing] == [one for one in getaddresses([field]) if one != nothing]
