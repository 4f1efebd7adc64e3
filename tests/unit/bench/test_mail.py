"""The bare parsers of the benchmark read the same mails as ingest does: same headers, text and files."""

from __future__ import annotations

from collections.abc import Callable
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from pathlib import Path

import pytest

from services.ingest.channels.email.parse import parse
from tests.bench import mail, spam
from tests.bench.mail import both_read, mails, real_mails
from tests.bench.reference.mail import content_of, lenient, usual


@pytest.mark.parametrize("reference", [usual, lenient])
def test_bare_and_ours_read_the_same_from_a_mail(reference: Callable[[bytes], Message]) -> None:
    for raw in mails(20):
        floor, ours = reference(raw), parse(raw)
        assert ours.sender is not None
        assert parseaddr(str(floor["From"]))[1] == ours.sender.address
        assert str(make_header(decode_header(str(floor["Subject"])))).strip() == ours.subject
        assert str(floor["Message-ID"]) == ours.message_id
        leaves = [(part.get_content_type(), content_of(part)) for part in floor.walk() if not part.is_multipart()]
        assert str(leaves[0][1]).splitlines()[0] in ours.text
        assert [one.data for one in ours.files] == [content for kind, content in leaves if kind == "image/jpeg"]


def test_a_text_of_an_unknown_charset_is_read_all_the_same_by_the_lenient_one_alone() -> None:
    raw = b"From: ada@example.org\nContent-Type: text/plain; charset=DEFAULT_CHARSET\n\nHallo J\xfcrgen\n"
    assert content_of(lenient(raw)) == "Hallo Jürgen\n"
    assert not both_read(raw)


def test_without_the_public_corpus_the_row_says_that_no_real_mails_were_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWITCHBOARD_CACHE", str(tmp_path))
    monkeypatch.setattr(spam, "node", _offline)
    monkeypatch.setattr(mail, "SECONDS", 0.01)
    assert real_mails() == []
    [row] = mail.run(repetitions=1)
    assert row.name == "mails parsed, made here alone, no real ones"
    assert row.reference == max(row.beside["usual_policy"], row.beside["lenient_policy"])


def _offline(*_: object) -> None:
    raise OSError("no network")
