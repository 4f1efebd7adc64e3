"""What the load's mail servers do with an answer, by a real SMTP server."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.ports import any_free
from tests.bench.crowd import MAILBOX, deliver

LETTERS = [f"Subject: {n}\r\n\r\nHello.\r\n".encode() for n in range(4)]


class Host:
    def __init__(self, answers: list[str]) -> None:
        self.answers = answers
        self.heard: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.heard.append((envelope.rcpt_tos, content))
        return self.answers[len(self.heard) - 1]


@contextmanager
def listening(answers: list[str]) -> Iterator[tuple[Host, int]]:
    host, [port] = Host(answers), any_free(1)
    controller = Controller(host, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield host, port
    finally:
        controller.stop()


def test_a_mail_that_was_put_off_does_not_count_and_the_next_one_is_sent() -> None:
    with listening(["250 OK", "451 Later", "250 OK", "250 OK"]) as (host, port):
        assert deliver(port, LETTERS) == 3
    assert host.heard == [([MAILBOX], letter) for letter in LETTERS]


def test_a_mail_that_is_refused_for_good_ends_the_measurement() -> None:
    with listening(["250 OK", "554 Never"]) as (_, port), pytest.raises(smtplib.SMTPDataError):
        deliver(port, LETTERS)


def test_a_server_that_hangs_up_has_taken_what_it_said_it_took() -> None:
    with listening(["250 OK", "421 Closing"]) as (_, port):
        assert deliver(port, LETTERS) == 1
