"""Mails the links for a new password (AG1), until they are over.

A crash between the server's "250" and its record sends the mail again, with the same link and Message-ID.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from services.notifications.accounts import words
from services.notifications.accounts.store import AccountMails
from services.notifications.leased import Leased, Place, Terms
from services.notifications.mail import build_mail, desk_sender, usable
from services.notifications.model import Mail, Outcome, Refusal
from services.notifications.settings import NotificationsSettings
from services.notifications.smtp import Smtp
from shared import metrics
from shared.clock import Clock
from shared.contracts.common import Address
from shared.contracts.directory import AgentChanged
from shared.directory import Directory
from shared.logs import get_logger
from shared.mongo import Document
from shared.sealing import Seal

log = get_logger(__name__)

SOON = timedelta(seconds=1)
"""Agents are never taken out of the directory: who is not in it has not been read yet."""
AGAIN_AFTER = timedelta(minutes=1)
"""The first pause; each is twice the one before. Somebody waits for it, and an hour later it opens nothing: sooner than
other mails are tried again."""
LONGEST_PAUSE = timedelta(minutes=10)


class AccountMailer(Leased):
    """A part: leased work over `account_mails`. `seal` opens what tickets closed."""

    def __init__(
        self,
        settings: NotificationsSettings,
        mails: AccountMails,
        smtp: Smtp,
        directory: Directory,
        seal: Seal,
        clock: Clock,
    ) -> None:
        metrics.expect(metrics.account_mails, ["sent", "retry", "failed"])
        self._public_url = settings.public_url
        self._mails = mails
        self._smtp = smtp
        self._directory = directory
        self._seal = seal
        self._clock = clock
        self._sender = desk_sender(settings.notices_from, settings.public_url)
        terms = Terms(lease_s=4 * settings.send_s, lasts_s=2 * settings.send_s, places=4, drain_s=settings.drain_s)
        super().__init__(mails.rows, self._look, terms, name="account-mails", clock=clock)

    async def _look(self, row: Document, _: Place) -> None:
        now = self._clock()
        if row["expires_at"] <= now:
            await self._end(row, "failed", why="It is over and was not mailed.")
            return
        agent = self._directory.agents.get(row["agent_id"])
        if agent is None or self._directory.missing():
            await self._mails.later(row, now + SOON)
            return
        if not agent.active:
            await self._mails.done(row)
            return
        outcome = await self._attempt(row, agent)
        due = now + pause_after(row.get("tries", 0))
        why = "; ".join(one.reason for one in outcome.refusals)
        if outcome.accepted or any(one.final for one in outcome.refusals) or due >= row["expires_at"]:
            await self._end(row, "sent" if outcome.accepted else "failed", why)
            return
        await self.keep(lambda: self._mails.again(row, due), agent_id=agent.agent_id)
        _told(row, "retry", why)

    async def _end(self, row: Document, result: Literal["sent", "failed"], why: str) -> None:
        await self.keep(lambda: self._mails.done(row), agent_id=row["agent_id"])
        _told(row, result, why)

    async def _attempt(self, row: Document, agent: AgentChanged) -> Outcome:
        if not usable(agent.email):
            return _never(agent, "That is not a mail address.")
        address = None
        if row["sealed"]:
            whose, _, token = (self._seal.open(row["sealed"]) or "").partition(" ")
            if whose != agent.agent_id:
                # Sealed under another secret, or for somebody else's account.
                return _never(agent, "The link cannot be read.")
            address = words.link(self._public_url, token)
        about = {"name": agent.name, "address": address, "until": row["expires_at"], "elsewhere": row["elsewhere"]}
        mail = Mail(
            sender=self._sender,
            to=(Address(address=agent.email, name=agent.name),),
            subject=words.SUBJECT,
            text=words.text(**about),
            html=words.html(**about),
            written_at=self._clock(),
            automatic=True,
        )
        message_id = f"<account.{row['_id']}@{self._sender.address.rpartition('@')[2]}>"
        built = build_mail(mail, sender=self._sender, delivery_id=row["_id"], message_id=message_id, files={})
        self.may_begin()
        return await self._smtp.send(self._sender.address, [agent.email], built.as_bytes())


def pause_after(tries: int) -> timedelta:
    """Until the next try, when one more than `tries` went wrong."""
    return min(AGAIN_AFTER * (1 << min(tries, 10)), LONGEST_PAUSE)


def _told(row: Document, result: Literal["sent", "retry", "failed"], why: str) -> None:
    metrics.account_mails.labels(result).inc()
    say = log.warning if result == "failed" else log.info
    say("link for a new password", agent_id=row["agent_id"], request_id=row["_id"], result=result, why=why[:200])


def _never(agent: AgentChanged, why: str) -> Outcome:
    return Outcome(refusals=(Refusal(address=agent.email, reason=why, final=True),))
