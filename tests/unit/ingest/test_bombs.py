"""Mails made to keep a reader busy: little ones take little, large ones are ended, and other mail goes on meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import time
from email.message import EmailMessage

import pytest

from services.ingest.channels.email.parse import parse
from services.ingest.channels.email.pool import ParserPool, Unreadable
from services.ingest.channels.email.tree import TooMuch
from services.ingest.model.mail import MAX_ADDRESSES, MAX_FIELDS, MAX_HEADER_CHARS, MAX_PARTS
from tests.unit.ingest.bombs import HEAD, SMALL, large, parts

GOOD = b"From: a@x.example\r\nSubject: fine\r\n\r\nhello\r\n"
CPU_S = 10.0
"""Of this process alone, so that a busy machine changes nothing. The worst of them took 73 s."""


@pytest.mark.parametrize("bomb", SMALL, ids=str)
def test_a_small_mail_never_takes_long(bomb: str) -> None:
    began = time.process_time()
    with contextlib.suppress(TooMuch):
        mail = parse(SMALL[bomb])
        assert len(mail.to) + len(mail.cc) <= 2 * MAX_ADDRESSES
        assert len(mail.files) <= MAX_PARTS + 3
        assert len(mail.subject) <= MAX_HEADER_CHARS
    assert time.process_time() - began < CPU_S


def test_fields_above_the_limit_are_said_to_be_missing_and_the_original_is_there() -> None:
    mail = parse(HEAD + b"X: y\r\n" * (MAX_FIELDS + 1) + b"\r\nhi")
    assert mail.problems == ("This mail has too many header fields; the original is attached.",)
    assert [one.name for one in mail.files] == ["original.eml"]
    assert mail.text == "hi"


def test_some_hundred_parts_are_shown_in_part_and_thousands_not_at_all() -> None:
    mail = parse(parts(300))
    assert mail.problems
    with pytest.raises(TooMuch):
        parse(parts(3000))


def test_a_hundred_honest_files_and_a_forward_in_a_forward_are_read_whole() -> None:
    mail = EmailMessage()
    mail.set_content("hello")
    for n in range(100):
        mail.add_attachment(b"x" * n, maintype="application", subtype="pdf", filename=f"{n}.pdf")
    for _ in range(5):
        around = EmailMessage()
        around.set_content("see below")
        around.add_attachment(mail)
        mail = around
    got = parse(mail.as_bytes())
    assert got.problems == ()
    assert got.text == "see below"


async def test_other_mail_is_read_while_bombs_are() -> None:
    pool = ParserPool(workers=2, timeout_s=2, memory_bytes=512 * 1024 * 1024)
    bombs = [asyncio.create_task(pool.parse(one)) for one in large().values()]
    try:
        for _ in range(3):
            assert (await pool.parse(GOOD)).subject == "fine"
        assert not all(one.done() for one in bombs)
        said = await asyncio.gather(*bombs, return_exceptions=True)
        assert [type(one) for one in said] == [Unreadable] * len(bombs)
        assert (await pool.parse(GOOD)).subject == "fine"
    finally:
        await pool.stop()
