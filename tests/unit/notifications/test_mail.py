"""What a built mail says, read back by the standard library's parser."""

from __future__ import annotations

from email import message_from_bytes, message_from_string
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.mail import build_mail, needs_utf8, one_line, usable, wire_address
from shared.contracts.common import Address
from tests.unit.notifications.examples import BRAND, CUSTOMER, LABEL, LOGO, mail

FILES = {"logo": b"\x89PNG", "label": b"%PDF-"}


def sent(sender: Address = BRAND, **changes: Any) -> tuple[bytes, EmailMessage]:
    built = build_mail(
        mail(**changes), sender=sender, delivery_id="d1", message_id="<stable@paleohacks.example>", files=FILES
    )
    content = built.as_bytes()
    return content, cast(EmailMessage, message_from_bytes(content, policy=SMTPUTF8))


def people(message: EmailMessage, name: str) -> list[tuple[str, str]]:
    header = cast(AddressHeader, message[name])
    return [(one.display_name, one.addr_spec) for one in header.addresses]


def shape(part: Any) -> Any:
    if part.is_multipart():
        return (part.get_content_subtype(), *[shape(one) for one in part.iter_parts()])
    return part.get_content_type()


def test_headers_say_who_when_and_what_it_answers() -> None:
    _, message = sent(cc=(Address(address="sam@customer.example", name="Reyes, Sam"),))
    assert people(message, "From") == [("Paleo Hacks", BRAND.address)]
    assert people(message, "To") == [(CUSTOMER.name, CUSTOMER.address)]
    assert people(message, "Cc") == [("Reyes, Sam", "sam@customer.example")]
    assert message["Subject"] == "Re: Where is my order?"
    assert message["Date"] == "Wed, 04 Mar 2026 09:30:00 +0000"
    assert message["Message-ID"] == "<stable@paleohacks.example>"
    assert message["In-Reply-To"] == "<first@customer.example>"
    assert message["References"].split() == ["<root@customer.example>", "<first@customer.example>"]
    assert message["Auto-Submitted"] is None


def test_text_and_html_are_alternatives() -> None:
    _, message = sent()
    assert shape(message) == ("alternative", "text/plain", "text/html")
    assert cast(EmailMessage, message.get_body(("plain",))).get_content().strip() == "It left this morning."
    assert "<p>It left this morning.</p>" in cast(EmailMessage, message.get_body(("html",))).get_content()


def test_what_is_written_from_right_to_left_reads_so_whatever_shows_it() -> None:
    _, message = sent(html="<p>שלום רב</p>")
    shown = cast(EmailMessage, message.get_body(("html",))).get_content()
    assert '<body><div dir="auto"><p>שלום רב</p></div></body>' in shown


def test_a_shown_image_is_related_and_other_files_are_attached() -> None:
    _, message = sent(html='<p>Hi <img src="cid:logo@desk"></p>', attachments=(LOGO, LABEL))
    html_part = ("related", "text/html", "image/png")
    assert shape(message) == ("mixed", ("alternative", "text/plain", html_part), "application/pdf")
    image = next(part for part in message.walk() if part.get_content_type() == "image/png")
    assert (image["Content-ID"], image.get_content()) == ("<logo@desk>", b"\x89PNG")
    attached = next(message.iter_attachments())
    assert (attached.get_filename(), attached.get_content()) == ("Rücksende-Etikett.pdf", b"%PDF-")


@pytest.mark.parametrize("html", [None, "<p>no image</p>"])
def test_an_inline_image_that_nothing_shows_is_attached(html: str | None) -> None:
    _, message = sent(html=html, attachments=(LOGO,))
    assert [part.get_filename() for part in message.iter_attachments()] == ["logo.png"]


def test_bcc_stands_nowhere_in_the_mail() -> None:
    content, message = sent(bcc=(Address(address="boss@desk.example"),))
    assert b"boss" not in content
    assert message["Bcc"] is None


def test_only_bcc_gives_a_to_that_names_nobody() -> None:
    content, _ = sent(to=(), bcc=(Address(address="boss@desk.example"),))
    assert b"To: undisclosed-recipients:;\r\n" in content


def test_the_same_delivery_gives_the_same_bytes() -> None:
    assert sent(attachments=(LABEL,))[0] == sent(attachments=(LABEL,))[0]


@pytest.mark.parametrize(
    "kind", ["message/rfc822", "multipart/mixed", "nonsense", "a/b\r\nBcc: x@y.example", "", "TEXT/CSV; x=1"]
)
def test_any_claimed_media_type_keeps_the_bytes(kind: str) -> None:
    _, message = sent(attachments=(LABEL.model_copy(update={"content_type": kind}),))
    part = next(message.iter_attachments())
    assert part.get_payload(decode=True) == b"%PDF-"
    assert part.get_content_type() == ("text/csv" if kind.startswith("TEXT") else "application/octet-stream")


def test_mail_that_nobody_wrote_says_so() -> None:
    assert sent(automatic=True)[1]["Auto-Submitted"] == "auto-generated"
    assert sent(automatic=True, answers=True)[1]["Auto-Submitted"] == "auto-replied"


def test_ids_that_are_none_are_left_out() -> None:
    _, message = sent(in_reply_to="<a b>", references=("<ok@x>", "oops", "<x\r\nBcc: y@z>"))
    assert message["In-Reply-To"] is None
    assert message["References"] == "<ok@x>"


def test_a_very_long_thread_keeps_its_root_and_its_end() -> None:
    ids = tuple(f"<{n}@customer.example>" for n in range(200))
    _, message = sent(references=ids)
    assert message["References"].split() == [ids[0], *ids[-29:]]


def test_foreign_letters_in_a_domain_travel_as_idna() -> None:
    content, message = sent(to=(Address(address="info@straße.example", name="Müller, Jörg"),))
    assert people(message, "To") == [("Müller, Jörg", "info@xn--strae-oqa.example")]
    content.decode("ascii")


def test_foreign_letters_in_a_local_part_need_smtputf8() -> None:
    content, _ = sent(to=(Address(address="jörg@customer.example"),))
    assert "To: jörg@customer.example".encode() in content
    # Python's parser of bytes does not decode UTF-8 headers, its parser of text does.
    message = cast(EmailMessage, message_from_string(content.decode(), policy=SMTPUTF8))
    assert people(message, "To") == [("", "jörg@customer.example")]
    assert needs_utf8(["a@b.example", "jörg@customer.example"])
    assert not needs_utf8(["a@straße.example"])


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("dana@customer.example", True),
        ("o'neil+tag@sub.customer.example", True),
        ("jörg@straße.example", True),
        ("", False),
        ("dana", False),
        ("dana@", False),
        ("@customer.example", False),
        ("a@b@c.example", False),
        ("dana@customer.example\r\nRCPT TO:<x@y.example>", False),
        ("dana <x@y.example>", False),
        ('"a b"@c.example', False),
        ("a,b@c.example", False),
        ("dana@\u202ecustomer.example", False),
        ("dana@xn--a.\u2029example", False),
        ("dana@" + "x" * 300 + ".example", False),
    ],
)
def test_only_one_plain_mailbox_is_usable(address: str, good: bool) -> None:
    assert usable(address) is good


ANY_TEXT = st.text(max_size=120)
LOCAL = st.from_regex(r"[a-z0-9.+_-]{1,20}", fullmatch=True).filter(
    lambda one: one.strip(".") == one and ".." not in one
)
MAILBOXES = st.builds(Address, address=LOCAL.map(lambda one: f"{one}@customer.example"), name=ANY_TEXT)


@settings(max_examples=100)
@given(subject=ANY_TEXT, sender_name=ANY_TEXT, to=st.lists(MAILBOXES, min_size=1, max_size=4), text=ANY_TEXT)
def test_no_text_makes_another_header_or_recipient(
    subject: str, sender_name: str, to: list[Address], text: str
) -> None:
    sender = Address(address=BRAND.address, name=sender_name)
    content, message = sent(sender, subject=subject, to=tuple(to), text=text, html=text)
    names = [name for name, _ in message.items()]
    plain = ["From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type"]
    assert sorted(names) == sorted(plain)
    assert [address for _, address in people(message, "To")] == [one.address for one in to]
    assert [address for _, address in people(message, "From")] == [BRAND.address]
    head = content.split(b"\r\n\r\n", 1)[0]
    assert max(len(line) for line in head.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    content.decode("ascii")


@settings(max_examples=100)
@given(name=st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=60))
def test_a_name_and_a_subject_arrive_as_written(name: str) -> None:
    content, message = sent(to=(Address(address=CUSTOMER.address, name=name),), subject=name)
    if name.isascii():
        assert people(message, "To") == [(name, CUSTOMER.address)] or "=?" in name
    # Python's own parser of address lists puts blanks between encoded words; RFC 2047 says there are none.
    plain = message_from_bytes(content)
    decoded = [str(make_header(decode_header(plain[one].replace("\r\n", "")))) for one in ("To", "Subject")]
    if not name.isascii():
        assert decoded == [f"{name} <{CUSTOMER.address}>", name]


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
    assert wire_address("a@b.example") == "a@b.example"
