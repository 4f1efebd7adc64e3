"""The mail sink: it keeps mail byte for byte, shows it as text, and misbehaves as told."""

from __future__ import annotations

import json
import smtplib
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.ports import HOST, any_free
from deploy.local.smtp_sink import Sink, serve

RAW = b"From: Ada <ada@example.org>\r\nTo: bob@example.org\r\nSubject: <b>Hi</b>\r\n\r\nHello\r\n"


class Mailbox:
    def __init__(self, smtp: int, http: int) -> None:
        self.smtp = smtp
        self.url = f"http://{HOST}:{http}"

    def send(self, to: str = "bob@example.org") -> None:
        with smtplib.SMTP(HOST, self.smtp, timeout=10) as client:
            client.sendmail("bounces@example.org", [to], RAW)

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            body: bytes = answer.read()
            return body

    def behave(self, **how: Any) -> None:
        request = urllib.request.Request(f"{self.url}/behaviour", json.dumps(how).encode())
        urllib.request.urlopen(request, timeout=10).close()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Mailbox]:
    smtp_port, http_port = any_free(2)
    smtp, view = serve(Sink(tmp_path / "mail"), HOST, smtp_port, http_port)
    yield Mailbox(smtp_port, http_port)
    smtp.stop()
    view.shutdown()
    view.server_close()


def test_a_mail_is_kept_byte_for_byte(box: Mailbox) -> None:
    box.send()
    (mail,) = json.loads(box.get("/messages"))
    assert (mail["from"], mail["to"]) == ("Ada <ada@example.org>", "bob@example.org")
    assert mail["envelope"] == {"from": "bounces@example.org", "to": ["bob@example.org"]}
    assert box.get(f"/messages/{mail['id']}") == RAW


def test_the_newest_is_first_and_the_page_shows_markup_as_text(box: Mailbox) -> None:
    for to in ("one@example.org", "two@example.org"):
        box.send(to)
    assert [mail["envelope"]["to"] for mail in json.loads(box.get("/messages"))] == [
        ["two@example.org"],
        ["one@example.org"],
    ]
    assert b"&lt;b&gt;Hi&lt;/b&gt;" in box.get("/")


@pytest.mark.parametrize(("mode", "code"), [("tempfail", 451), ("permfail", 550)])
def test_it_refuses_as_told_and_keeps_nothing(box: Mailbox, mode: str, code: int) -> None:
    box.behave(mode=mode)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        box.send()
    assert refused.value.smtp_code == code
    assert json.loads(box.get("/messages")) == []


def test_it_hangs_up_as_told(box: Mailbox) -> None:
    box.behave(mode="drop")
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        box.send()


def test_it_is_slow_as_told_and_then_accepts(box: Mailbox) -> None:
    box.behave(mode="slow", seconds=0.05)
    box.send()
    assert len(json.loads(box.get("/messages"))) == 1


def test_only_the_named_recipients_suffer(box: Mailbox) -> None:
    box.behave(mode="permfail", recipients="^bad@")
    box.send("good@example.org")
    with pytest.raises(smtplib.SMTPDataError):
        box.send("bad@example.org")


@pytest.mark.parametrize("said", [{"mode": "odd"}, {"seconds": -1}, {"x": 1}, {"recipients": "("}, []])
def test_what_it_does_not_understand_it_refuses(box: Mailbox, said: Any) -> None:
    request = urllib.request.Request(f"{box.url}/behaviour", json.dumps(said).encode())
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 422
    refused.value.close()


def test_there_is_nothing_elsewhere(box: Mailbox) -> None:
    for path in ("/messages/../secret", "/messages/none", "/other"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            box.get(path)
        assert refused.value.code == 404
        refused.value.close()


def test_mail_kept_before_a_restart_is_still_shown(tmp_path: Path) -> None:
    first, second = any_free(2), any_free(2)
    smtp, view = serve(Sink(tmp_path / "mail"), HOST, *first)
    Mailbox(*first).send()
    smtp.stop()
    view.shutdown()
    view.server_close()
    smtp, view = serve(Sink(tmp_path / "mail"), HOST, *second)
    assert len(json.loads(Mailbox(*second).get("/messages"))) == 1
    smtp.stop()
    view.shutdown()
    view.server_close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((HOST, second[0]), timeout=1)
