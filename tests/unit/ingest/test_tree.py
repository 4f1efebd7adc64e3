"""A mail of one part is read without the library's parser, and as the library's parser reads it."""

from __future__ import annotations

import time
from email.parser import BytesParser
from email.policy import compat32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.channels.email.html import as_text
from services.ingest.channels.email.tree import tree

BITS = (
    *(b"From ", b"Subject:", b"X-A: b", b": ", b"From: a@b.c", b"Content-Type: text/html", b"Content-Type: "),
    *(b"multipart/mixed; boundary=b", b"message/rfc822", b"--b", b"--b--", b"\n", b"\n", b"\n\n", b"\r\n", b"\r\n\r\n"),
    *(b"\r", b" ", b"\t", b"words", b"\xe4\xff", b"\xc3\xa4", b"\x0c", b"\x00", b"="),
)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\nbody",
        b"Subject: a\n\nbody\n",
        b"Subject: a\r\nTo: b\r\n\r\nbody\r\n.\r\n",
        b"Subject: a\n folded\n\tagain \nTo:\n b\n\nbody",
        b"From someone Mon May  4 09:00:00 2026\nSubject: a\n\nbody",
        b"Subject: a\nFrom someone\nTo: b\n\nbody",
        b"Subject: a\nno field\nTo: b\n\nbody",
        b"Subject: a\n: b\n\nbody",
        b" continued\nSubject: a\n\nbody",
        b"Subject: a\rTo: b\n\nbody",
        b"Subject: a\n \n\nbody",
        b"Subject: \xe4\n\n\xe4\xff",
        b"Subject: a\nSubject: b\n",
    ],
)
def test_a_mail_is_read_as_the_library_reads_it(raw: bytes) -> None:
    agrees(raw)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(BITS), max_size=25).map(b"".join))
def test_any_mail_is_read_as_the_library_reads_it(raw: bytes) -> None:
    agrees(raw)


def agrees(raw: bytes) -> None:
    ours, theirs = tree(raw), BytesParser(policy=compat32).parsebytes(raw)
    for mine, one in zip(ours.walk(), theirs.walk(), strict=True):
        assert mine._headers == one._headers  # type: ignore[attr-defined]
        assert mine.get_unixfrom() == one.get_unixfrom()
        assert mine.is_multipart() or mine._payload == one._payload  # type: ignore[attr-defined]


@pytest.mark.parametrize("line", [b"x", b"x:", b" x\n", b"x: y\n "])
def test_a_header_without_end_takes_no_longer_than_it_is_long(line: bytes) -> None:
    began = time.process_time()
    tree(line * 200_000 + b"\n\nbody")
    assert time.process_time() - began < 10


def test_html_is_read_as_lines_with_no_more_than_one_empty_one_between() -> None:
    html = "<p>One  <b> two</b></p> \n <div> <br> </div>\n<ul><li>three</li><li class='x'>&lt;four&gt;</li></ul>"
    table = "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"
    assert as_text(html) == "One two\n\n- three\n- <four>"
    assert as_text(table) == "a b \nc"
