"""Mails agents what they have not read (NT2): one mail for all of it, after as long as they like, never in their quiet
hours, and nothing that they read meanwhile.

A crash between the server's "250" and its record sends the mail again, with the same Message-ID.
"""

from __future__ import annotations

from datetime import timedelta

from services.notifications.leased import Leased, Place, Terms
from services.notifications.mail import build_mail, desk_sender, usable
from services.notifications.model import RETRY_AFTER_S, Mail, Outcome, Refusal
from services.notifications.notices import words
from services.notifications.notices.store import Kept, Notices
from services.notifications.notices.who import viewer_of
from services.notifications.settings import NotificationsSettings
from services.notifications.smtp import Smtp
from shared import metrics
from shared.access import Access, Viewer
from shared.clock import Clock
from shared.contracts.common import Address
from shared.directory import Directory
from shared.ids import derived
from shared.logs import get_logger
from shared.mongo import Document

log = get_logger(__name__)

SOON = timedelta(seconds=1)
"""While the directory is being read, nobody can be said to be gone."""


class NoticeMailer(Leased):
    """A part: leased work over `notice_mails`, a row for each agent."""

    def __init__(
        self,
        settings: NotificationsSettings,
        notices: Notices,
        smtp: Smtp,
        directory: Directory,
        access: Access,
        clock: Clock,
    ) -> None:
        metrics.expect(metrics.notice_mails, ["sent", "retry", "failed"])
        self._settings = settings
        self._notices = notices
        self._smtp = smtp
        self._directory = directory
        self._access = access
        self._clock = clock
        self._sender = desk_sender(settings.notices_from, settings.public_url)
        terms = Terms(lease_s=4 * settings.send_s, lasts_s=2 * settings.send_s, places=4, drain_s=settings.drain_s)
        super().__init__(notices.mails, self._look, terms, name="notice-mails", clock=clock)

    async def _look(self, row: Document, _: Place) -> None:
        now = self._clock()
        if self._directory.missing():
            await self._notices.settle(row, now + SOON, tries=row["tries"])
            return
        viewer = viewer_of(self._access, row["_id"])
        if viewer is None:
            await self._notices.unmailable(row["_id"])
            await self._notices.settle(row, None)
            return
        wished = (await self._notices.wishes([viewer.agent_id]))[viewer.agent_id]
        unread = await self._notices.to_mail(viewer, wished.mailed_kinds)
        if not unread:
            await self._notices.settle(row, None)
            return
        due = wished.mail_due(unread[0].made_at, now)
        if due > now:
            await self._notices.settle(row, due)
            return
        await self._mail(row, viewer, unread)

    async def _mail(self, row: Document, viewer: Viewer, unread: list[Kept]) -> None:
        outcome = await self._attempt(viewer, unread)
        ids, tries = [one.notice.id for one in unread], row["tries"] + 1
        if outcome.accepted:
            result, due = "sent", None
        elif any(one.final for one in outcome.refusals) or tries >= len(RETRY_AFTER_S):
            result, due = "failed", None
        else:
            result, due = "retry", self._clock() + timedelta(seconds=RETRY_AFTER_S[tries])
        if result == "sent":
            await self.keep(lambda: self._notices.mailed(ids, self._clock()), agent_id=viewer.agent_id)
        elif result == "failed":
            await self.keep(lambda: self._notices.unmailable(viewer.agent_id), agent_id=viewer.agent_id)
        metrics.notice_mails.labels(result).inc()
        log.info("notices mailed", agent_id=viewer.agent_id, notices=len(ids), result=result)
        left = tries if due else 0
        if not await self.keep(lambda: self._notices.settle(row, due, tries=left), agent_id=viewer.agent_id):
            self.nudge()

    async def _attempt(self, viewer: Viewer, unread: list[Kept]) -> Outcome:
        if not usable(viewer.email):
            no = Refusal(address=viewer.email, reason="That is not a mail address.", final=True)
            return Outcome(refusals=(no,))
        notices = [one.notice for one in unread]
        host = self._sender.address.rpartition("@")[2]
        public_url = self._settings.public_url
        mail_id = derived("notice-mail", viewer.agent_id, *(one.id for one in notices))
        mail = Mail(
            sender=self._sender,
            to=(Address(address=viewer.email, name=viewer.name),),
            subject=words.subject(notices),
            text=words.text(notices, name=viewer.name, public_url=public_url),
            html=words.html(notices, name=viewer.name, public_url=public_url),
            written_at=self._clock(),
            automatic=True,
        )
        built = build_mail(
            mail, sender=self._sender, delivery_id=mail_id, message_id=f"<notices.{mail_id}@{host}>", files={}
        )
        self.may_begin()
        return await self._smtp.send(self._sender.address, [viewer.email], built.as_bytes())
