"""Out by SMTP (RFC 5321): one mail, one connection, an answer for every recipient. Never raises for the mail's sake."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from services.notifications.mail import needs_utf8, one_line, wire_address
from services.notifications.model import Outcome, Refusal
from services.notifications.settings import NotificationsSettings

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
ANSWER_LENGTH = 200
GRACE_S = 0.5

T = TypeVar("T")


class Smtp:
    """The relay of `settings.smtp_out`."""

    def __init__(self, settings: NotificationsSettings) -> None:
        self._settings = settings
        self._url = urlsplit(settings.smtp_out)

    async def send(self, sender: str, recipients: Sequence[str], content: bytes) -> Outcome:
        """Offer it to every recipient within `settings.send_s`.

        Final is a 5xx to the mail itself: sender, recipient, content. A server that is away, silent,
        says 4xx, or does not want us at all (greeting, EHLO, sign-in) is asked again later.
        """
        by_wire = {wire_address(one): one for one in recipients}
        try:
            talk = self._talk(wire_address(sender), list(by_wire), content)
            refused = await _within(self._settings.send_s, talk)
        except SMTPRecipientsRefused as error:
            refused = {one.recipient: (one.code, one.message) for one in error.recipients}
        except (SMTPAuthenticationError, SMTPHeloError) as error:
            return _refuse(
                recipients, f"The mail server does not let us in: {_answer(error.code, error.message)}", False
            )
        except SMTPNotSupported:
            return _refuse(recipients, "The mail server cannot carry an address with such letters.", True)
        except SMTPResponseException as error:
            final = error.code >= 500 and not isinstance(error, ConnectionError)
            return _refuse(recipients, f"The mail server refused it: {_answer(error.code, error.message)}", final)
        except TimeoutError:
            return _refuse(recipients, f"The mail server did not answer within {self._settings.send_s:g} s.", False)
        except (SMTPException, OSError) as error:
            return _refuse(recipients, f"The mail server is away ({type(error).__name__}).", False)
        return Outcome(
            accepted=tuple(address for wire, address in by_wire.items() if wire not in refused),
            refusals=tuple(
                Refusal(
                    address=by_wire[wire],
                    reason=f"The mail server refused the address: {_answer(code, said)}",
                    final=code >= 500,
                )
                for wire, (code, said) in refused.items()
            ),
        )

    async def _talk(self, sender: str, recipients: list[str], content: bytes) -> dict[str, tuple[int, str]]:
        settings, scheme = self._settings, self._url.scheme
        client = SMTP(
            hostname=self._url.hostname,
            port=self._url.port or PORTS[scheme],
            local_hostname=settings.smtp_out_name or None,
            timeout=2 * settings.send_s,  # `_within` is what ends it
            use_tls=scheme == "smtps",
            start_tls=scheme == "smtp+starttls",
            username=settings.smtp_out_username or None,
            password=settings.smtp_out_password.get_secret_value() or None,
        )
        options = ["SMTPUTF8", "BODY=8BITMIME"] if needs_utf8((sender, *recipients)) else []
        await client.connect()
        try:
            refused, _ = await client.sendmail(sender, recipients, content, mail_options=options)
        finally:
            # Closed at once: the answer to DATA is what counts, and a server slow to say goodbye must not
            # turn an accepted mail into a timeout.
            client.close()
        return {address: (response.code, response.message) for address, response in refused.items()}


async def _within(seconds: float, talk: Coroutine[Any, Any, T]) -> T:
    """What `talk` gives, or TimeoutError.

    A process that was frozen wakes with its time over and the server's "250" unread: what has arrived is
    read first, or the customer would get the mail a second time.
    """
    task = asyncio.create_task(talk)
    try:
        done, _ = await asyncio.wait((task,), timeout=seconds)
        if not done:
            done, _ = await asyncio.wait((task,), timeout=GRACE_S)
        if not done:
            raise TimeoutError
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _refuse(recipients: Sequence[str], reason: str, final: bool) -> Outcome:
    return Outcome(refusals=tuple(Refusal(address=one, reason=reason, final=final) for one in recipients))


def _answer(code: int, said: str) -> str:
    """What the server said, as one short line: it is a stranger's text."""
    return f"{code} {one_line(said)}"[:ANSWER_LENGTH]
