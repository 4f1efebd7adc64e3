"""A link for a new password is mailed once, to the agent alone, while it opens; and is readable nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest_asyncio

from services.notifications.accounts.handlers import AccountHandlers
from services.notifications.accounts.mailer import AGAIN_AFTER, AccountMailer
from services.notifications.accounts.store import AccountMails
from services.notifications.settings import NotificationsSettings
from services.notifications.smtp import Smtp
from shared import metrics, mongo
from shared.contracts.accounts import PasswordResetRequested
from shared.directory import Directory
from shared.sealing import RESET_LINKS, Seal
from shared.topics import ACCOUNTS
from tests.integration.notifications.world import SECRET, Desk, Mailbox, MovingClock, until
from tests.unit.notifications.examples import received

TOKEN = "tokenthatopensonce"
SEAL = Seal(SECRET, RESET_LINKS)


@dataclass
class Part:
    """One process's worth of mailing."""

    clock: MovingClock
    directory: Directory
    mails: AccountMails
    handlers: AccountHandlers
    mailer: AccountMailer

    async def hears(self, **fields: Any) -> PasswordResetRequested:
        event = self.request(**fields)
        await self.handlers.on_account_events([received(event, topic=ACCOUNTS.name)])
        return event

    def request(self, **fields: Any) -> PasswordResetRequested:
        now = self.clock()
        given = {"request_id": "r-1", "agent_id": "maya", "expires_at": now + timedelta(hours=1)}
        return PasswordResetRequested(**{"seq": 1, "at": now, "sealed": SEAL.close(f"maya {TOKEN}"), **given, **fields})

    async def idle(self) -> None:
        """Nothing waits to be mailed by now."""

        async def look() -> bool:
            return await self.mails.rows.find_one({"due_at": {"$lte": self.clock()}}) is None

        await until(look)


@pytest_asyncio.fixture
async def part(settings: NotificationsSettings) -> AsyncIterator[Part]:
    moving, client = MovingClock(), mongo.connect(settings)
    directory = Directory(settings)
    for _, event in Desk().events():
        directory.learn(event)
    directory._whole = True
    mails = AccountMails(mongo.database(client, settings, "notifications"))
    await mails.ensure_indexes()
    mailer = AccountMailer(settings, mails, Smtp(settings), directory, SEAL, moving)
    handlers = AccountHandlers(mails, moving, mailer.nudge)
    await mailer.start()
    yield Part(moving, directory, mails, handlers, mailer)
    await mailer.stop()
    await client.close()


async def test_the_link_is_mailed_once_however_often_its_event_comes(part: Part, mailbox: Mailbox) -> None:
    event = await part.hears()
    await part.idle()
    await part.handlers.on_account_events([received(event), received(event)])
    await part.idle()
    (mail,) = mailbox.mails()
    assert (str(mail["To"]), str(mail["From"])) == ("Maya <maya@desk.example>", "Switchboard <no-reply@desk.example>")
    assert (str(mail["Auto-Submitted"]), str(mail["Message-ID"])) == ("auto-generated", "<account.r-1@desk.example>")
    for kind in ("plain", "html"):
        said = mail.get_body((kind,)).get_content()  # type: ignore[union-attr]
        assert f"https://desk.example/new-password#{TOKEN}" in said
    kept = await part.mails.rows.find_one({"_id": "r-1"})
    assert kept is not None
    assert "sealed" not in kept


async def test_what_waits_in_the_database_tells_no_token(part: Part, mailbox: Mailbox) -> None:
    mailbox.refuse_rcpt = {"maya@desk.example": "451 come back later"}
    event = await part.hears()
    await part.idle()
    row = await part.mails.rows.find_one({"_id": "r-1"})
    assert row is not None
    assert TOKEN not in str(row)
    assert TOKEN not in event.model_dump_json()
    mailbox.refuse_rcpt = {}
    part.clock.forward(AGAIN_AFTER.total_seconds() + 1)
    part.mailer.nudge()
    await part.idle()
    assert len(mailbox.mails()) == 1


async def test_a_link_that_is_over_is_not_mailed(part: Part, mailbox: Mailbox) -> None:
    mailbox.refuse_rcpt = {"maya@desk.example": "451 come back later"}
    await part.hears()
    await part.idle()
    mailbox.refuse_rcpt = {}
    before = metrics.account_mails.labels("failed")._value.get()
    part.clock.forward(3600)
    part.mailer.nudge()
    await part.idle()
    assert metrics.account_mails.labels("failed")._value.get() == before + 1
    await part.hears(request_id="r-2", expires_at=part.clock())
    assert await part.mails.rows.count_documents({}) == 1
    assert mailbox.mails() == []


async def test_pauses_grow_while_the_server_takes_none(part: Part, mailbox: Mailbox) -> None:
    mailbox.refuse_rcpt = {"maya@desk.example": "451 come back later"}
    await part.hears()
    await part.idle()
    pauses = []
    for _ in range(5):
        row = await part.mails.rows.find_one({"_id": "r-1"})
        assert row is not None
        pauses.append(round((row["due_at"] - part.clock()) / timedelta(minutes=1)))
        part.clock.forward((row["due_at"] - part.clock()).total_seconds() + 0.1)
        part.mailer.nudge()
        await part.idle()
    assert pauses == [1, 2, 4, 8, 10]


async def test_nobody_gets_anothers_link_nor_who_left_one(part: Part, mailbox: Mailbox) -> None:
    await part.hears(agent_id="admin")
    await part.hears(request_id="r-2", sealed="not sealed here")
    part.directory.learn(Desk.agent("maya", seq=2, active=False))
    await part.hears(request_id="r-3")
    await part.idle()
    assert mailbox.mails() == []
    assert await part.mails.rows.count_documents({"due_at": {"$exists": True}}) == 0


async def test_who_is_not_known_yet_is_waited_for(part: Part, mailbox: Mailbox) -> None:
    await part.hears(agent_id="new", sealed=SEAL.close(f"new {TOKEN}"))
    assert mailbox.mails() == []
    part.directory.learn(Desk.agent("new"))

    async def came() -> bool:
        part.clock.forward(1)
        part.mailer.nudge()
        return bool(mailbox.mails())

    await until(came)


async def test_who_signs_in_elsewhere_is_told_so(part: Part, mailbox: Mailbox) -> None:
    await part.hears(sealed="", elsewhere="Demo ID")
    await part.idle()
    said = mailbox.mails()[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "you sign in with Demo ID" in said
    assert "new-password" not in said
