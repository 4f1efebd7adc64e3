"""Mails that were once right, broken where mail breaks: each is read, or refused as too much, and its event fits.

Bytes without any order are test_parse.py's; what is made to take long is test_bombs.py's.
"""

from __future__ import annotations

import re
import tracemalloc
from datetime import UTC, datetime

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.channels.email.parse import parse
from services.ingest.channels.email.tree import TooMuch
from services.ingest.handlers.intake import labelled
from services.ingest.model.arrival import Arrival, Known
from services.ingest.model.mail import ParsedMail, unpacked
from services.ingest.model.mail_event import Mailroom, decide_mail, letter_of
from shared.signing import Signer
from tests.unit.ingest.effort import effort

SIGNER = Signer("a secret of at least thirty-two characters")
BOX = "support@paleo.example"
ROOM = Mailroom(frozenset({BOX}), frozenset({"paleo.example"}), "mx.paleo.example", SIGNER.read_message_id)
RECORD_BYTES = 1024 * 1024
"""What Kafka takes by default."""

PLAIN = (
    b"Return-Path: <ann@x.example>\r\nAuthentication-Results: mx.paleo.example; dmarc=pass header.from=x.example\r\n"
    b"Date: Mon, 4 May 2026 09:00:00 +0200\r\nFrom: =?utf-8?q?Ann_=C3=84?= <ann@x.example>\r\n"
    b'To: "Support, Paleo" <support@paleo.example>, Friends: bob@y.example, eve@z.example;\r\nCc: c@y.example\r\n'
    b"Subject: Re: =?iso-8859-1?b?5OTk?=\r\n =?utf-8?q?_and_more?=\r\nMessage-ID: <1@x.example>\r\n"
    b"In-Reply-To: <0@x.example>\r\nReferences: <a@b>\r\n <0@x.example>\r\n"
    b"Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\r\nContent-Transfer-Encoding: quoted-printable"
    b"\r\n\r\nHello =E2=98=95 =\r\nthere\r\n\r\nOn Mon, Bob wrote:\r\n> older\r\n-- \r\nAnn\r\n"
)
NESTED = (
    b"From: ann@x.example\r\nTo: support@paleo.example\r\nSubject: files\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="out=_1"\r\n\r\npreamble\r\n--out=_1\r\n'
    b'Content-Type: multipart/related; boundary=mid; type="multipart/alternative"\r\n\r\n--mid\r\n'
    b"Content-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\nContent-Type: text/plain\r\n\r\nhello\r\n--in\r\n"
    b"Content-Type: text/html; charset=iso-2022-jp\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"PGI+aGVsbG88L2I+PGltZyBzcmM9ImNpZDphIj4=\r\n--in--\r\n--mid\r\nContent-Type: image/png; name=a.png\r\n"
    b"Content-ID: <a>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--mid--\r\n--out=_1\r\n"
    b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*0*=utf-8''%e2%82%ac%20;\r\n"
    b" filename*1=rates.pdf\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\n#0V%T\r\n`\r\nend\r\n"
    b"--out=_1\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nbody\r\n--out=_1--\r\nepilogue\r\n"
)
BOUNCE = (
    b"From: MAILER-DAEMON@mx.example\r\nTo: support@paleo.example\r\nAuto-Submitted: auto-replied\r\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nIt failed.\r\n--b\r\n"
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    b"Final-Recipient: rfc822; bob@y.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no\r\n"
    b"\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: %s\r\n--b--\r\n"
) % SIGNER.message_id_of(
    "0b0e5a4c-6a3f-4f7e-9a68-0f3d7a1c2b5d", "1b0e5a4c-6a3f-4f7e-9a68-0f3d7a1c2b5d", "p.example"
).encode()
MAILS = {"plain": PLAIN, "nested": NESTED, "a bounce": BOUNCE}
FILES = {
    "plain": [],
    "nested": ["a.png", "€ rates.pdf", "inner.eml"],
    "a bounce": ["part.deliveryst", "part.rfc822head"],
}

PIECES: tuple[bytes, ...] = (
    *(b"", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\r\n "),
    *(b"\r\n\t", b"\x00", b"\x0b", b"\x85", b"\xff\xfe", b"\xed\xa0\x80"),
    *(b";", b'"', b"\\", b"=", b"*", b"%", b"'", b"''", b":", b",", b"<", b">", b"(", b"@", b"--", b"--in", b"--in--"),
    *(b"=?utf-8?q?=ED=A0=80?=", b"=?utf-7?q?+2AA-?=", b"=?utf-16?b?2AA=?=", b"=?punycode?q?-?=", b"=?idna?q?.?="),
    *(b"=?utf-8*en?b?", b"?=", b"=?x\xff?q?y?=", b"=?unicode_escape?q?\\ud800?=", b"=?raw_unicode_escape?q?\\udfff?="),
    *(b"charset=utf-7", b"charset=utf-16-le", b"charset=utf-32", b"charset=hex", b"charset=zlib", b"charset=undefined"),
    *(b"charset=idna", b"charset=mbcs", b"charset*=x''y"),
    *(b'charset="\x00"', b"charset=unicode_escape", b"charset=cp65001"),
    *(b"boundary=in", b'boundary=""', b"boundary=("),
    *(b"boundary*=utf-8''in", b'boundary="out=_1"', b"boundary*0=i; boundary*1=n"),
    *(b"filename*=x", b"filename*=a'b", b"filename*=utf-8''%ff%fe%00"),
    *(b"filename*x=1", b"filename*99999999999=a", b"filename*0*"),
    *(b"Content-Type: multipart/mixed; boundary=in\r\n", b"Content-Type: message/rfc822\r\n", b"Content-Type: /\r\n"),
    *(b"Content-Type: message/partial\r\n", b"Content-Type: message/external-body\r\n"),
    *(b"Content-Type: multipart/digest; boundary=in\r\n",),
    *(b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: uuencode\r\n"),
    *(b"Content-Transfer-Encoding: \xff\r\n",),
    *(b"From: \r\n", b"From: @\r\n", b"From: a@[::1]\r\n"),
    *(b"From: \xff@\xff.example\r\n", b"To: " + b"a@b.example, " * 300 + b"\r\n"),
    *(b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n", b"Date: 31 Dec 9999 23:59:59 -2359\r\n"),
    *(b"Date: 1 Jan 0001 00:00:00 +2359\r\n",),
    *(b"Message-ID: <" + b"x" * 3000 + b"@y>\r\n", b"Message-ID: <\xff@\xed\xa0\x80>\r\n"),
    *(b"References: " + b"<a@b> " * 200 + b"\r\n",),
    *(b"<table>" * 300, b"<script>", b"<!--", b"<![CDATA["),
    *(b"&#xd800;", b"&#0;", b"&#99999999999;", b"<svg><p><style><a title='</style>"),
    *(b"\xf0\x9f\x98\x80" * 30_000, b"\x01" * 200_000, b'"\\' * 60_000, b">" * 5000, b"=" * 5000, b"x" * 70_000),
)  # fmt: skip
"""What breaks readers of mail: ends of lines, marks of each grammar, codecs that are no charsets, the calendar's ends,
text that UTF-8 cannot say, and what grows sixfold as JSON."""


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """One to six pieces put in, put in place of something, or a slice cut out, doubled or moved."""
    raw = draw(st.sampled_from(list(MAILS.values())))
    for _ in range(draw(st.integers(1, 6))):
        seams = [found.start() for found in re.finditer(rb"[\r\n;=:,<>\"]", raw)] or [0]
        at = draw(st.sampled_from(seams) | st.integers(0, len(raw)))
        end = min(len(raw), at + draw(st.integers(0, 200)))
        match draw(st.integers(0, 4)):
            case 0:
                raw = raw[:at] + draw(st.sampled_from(PIECES)) + raw[at:]
            case 1:
                raw = raw[:at] + draw(st.sampled_from(PIECES)) + raw[end:]
            case 2:
                raw = raw[:at] + raw[end:]
            case 3:
                raw = raw[:end] + raw[at:]
            case 4:
                raw = raw[:at] + draw(st.binary(max_size=8)) + raw[end:]
    return raw


def understood(raw: bytes) -> ParsedMail | None:
    """None: refused in the one documented way."""
    try:
        mail = parse(raw)
    except TooMuch:
        return None
    assert unpacked(*mail.packed()) == mail
    return mail


def events_fit(raw: bytes, mail: ParsedMail) -> None:
    """On a topic, in a database, and under what Kafka takes."""
    at = datetime(2026, 5, 4, tzinfo=UTC)
    arrival = Arrival("i", "email", BOX, "paleo", at, raw, "message/rfc822", {"mail_from": "<a@x>"}, "i")
    files = [labelled(one, "0" * 64) for one in mail.files]
    letter = letter_of(arrival, mail, "hash", ROOM)
    for event in decide_mail(arrival, mail, letter, files, ROOM, Known()).events:
        assert len(event.model_dump_json().encode()) < RECORD_BYTES
        bson.encode(event.model_dump())


@pytest.mark.parametrize("which", MAILS)
def test_before_they_are_broken_all_is_well(which: str) -> None:
    mail = understood(MAILS[which])
    assert mail is not None
    assert not mail.problems
    assert (mail.delivery_status is not None) is (which == "a bounce")
    assert [one.name for one in mail.files] == FILES[which]
    events_fit(MAILS[which], mail)


@given(broken())
@effort(120)
def test_a_broken_mail_is_read_and_its_event_fits(raw: bytes) -> None:
    mail = understood(raw)
    if mail is not None:
        events_fit(raw, mail)


@pytest.mark.parametrize("piece", PIECES, ids=lambda one: repr(one[:30]))
def test_every_piece_in_every_kind_of_field(piece: bytes) -> None:
    """One piece often enough alone: each is tried in each kind of field, and as the body."""
    fields = ("Subject", "From", "To", "Date", "Message-ID", "References", "Authentication-Results", "Content-Type")
    more = ("Content-Disposition", "Content-ID", "Content-Transfer-Encoding", "Auto-Submitted", "Return-Path")
    for name in (*fields, *more) if len(piece) < 2000 else ("Subject", "Content-Type"):
        raw = name.encode() + b": text/html; " + piece + b"\r\n" + PLAIN + piece
        mail = understood(raw)
        if mail is not None:
            events_fit(raw, mail)


def test_many_broken_mails_leave_nothing_behind() -> None:
    """The parsing process lives long: what one mail took is given back."""

    def all_of_them() -> None:
        for raw in MAILS.values():
            for piece in PIECES:
                understood(raw.replace(b"\r\n\r\n", b"\r\n" + piece[:20_000] + b"\r\n", 1))

    all_of_them()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        all_of_them()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 2 * 1024 * 1024
    assert peak < 100 * 1024 * 1024
