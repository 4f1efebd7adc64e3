"""Sends what is due: claim by lease, fetch files, build, send, record. At most one sending per delivery at a time.

A crash between the server's "250" and the record sends the mail again, with the same Message-ID and bytes. An orderly
stop does not: `settings.drain_s` is longer than a sending.
"""

from __future__ import annotations

import asyncio
import random

from services.notifications.files import Files
from services.notifications.leased import Leased, Place, Terms
from services.notifications.mail import build_mail, sender_of, usable
from services.notifications.model import Delivery, Mail, Outcome, Refusal, hold, must_hold, record, refuse_all
from services.notifications.settings import NotificationsSettings
from services.notifications.smtp import Smtp
from services.notifications.store import Store, delivery_of
from shared import metrics
from shared.clock import Clock
from shared.contracts.common import Address
from shared.directory import Directory
from shared.errors import Invalid, Transient
from shared.logs import get_logger
from shared.mongo import Document

log = get_logger(__name__)

LEASES_PER_SEND = 4
"""The lease outlives fetching, sending and a wait for a free place, so nobody else begins meanwhile."""


class Sender(Leased):
    """A part: leased work over `deliveries`, with `settings.sends_at_once` sendings side by side.

    A server that hangs holds its own places only as long as `settings.send_s`; the rest goes on.
    """

    def __init__(
        self,
        settings: NotificationsSettings,
        store: Store,
        files: Files,
        smtp: Smtp,
        directory: Directory,
        clock: Clock,
    ) -> None:
        self._settings = settings
        metrics.expect(metrics.deliveries, ["email"], ["sent", "retry", "failed"])
        self._store = store
        self._files = files
        self._smtp = smtp
        self._directory = directory
        self._clock = clock
        terms = Terms(
            lease_s=LEASES_PER_SEND * settings.send_s,
            lasts_s=2 * settings.send_s,
            places=settings.sends_at_once,
            drain_s=settings.drain_s,
        )
        super().__init__(store.deliveries, self._send, terms, name="deliveries", clock=clock)

    async def _send(self, row: Document, place: Place) -> None:
        delivery, restored_at = delivery_of(row), await self._store.restored_at()
        if restored_at and must_hold(delivery, restored_at):
            delivery, outcome = hold(delivery, restored_at)
        else:
            outcome = await self._attempt(delivery)
        place.give_back()
        await self._record(delivery, outcome)

    async def _attempt(self, delivery: Delivery) -> Outcome:
        """Offer the mail; everything that can go wrong outside comes back as an outcome."""
        mail = delivery.mail
        bad = tuple(one for one in delivery.pending if not usable(one))
        good = tuple(one for one in delivery.pending if usable(one))
        refused = tuple(Refusal(address=one, reason="That is not a mail address.", final=True) for one in bad)
        if mail is None or not good:
            return Outcome(refusals=refused) if bad else refuse_all(delivery, "It names no recipient.", final=True)
        sender = mail.sender or sender_of(self._directory.brands, delivery.brand_id)
        if sender is None or not usable(sender.address):
            reason = f"The brand {delivery.brand_id} has no address to write from."
            return refuse_all(delivery, reason, final=False)
        try:
            content = await self._content(delivery, mail, sender)
        except Invalid as error:
            return refuse_all(delivery, error.message, final=True)
        except (Transient, TimeoutError):
            return refuse_all(delivery, "The attached files cannot be read just now.", final=False)
        self.may_begin()
        outcome = await self._smtp.send(sender.address, good, content)
        return outcome.model_copy(update={"refusals": (*refused, *outcome.refusals)})

    async def _content(self, delivery: Delivery, mail: Mail, sender: Address) -> bytes:
        async with asyncio.timeout(self._settings.send_s):
            files = await self._files.fetch(mail.attachments)

        def build() -> bytes:
            built = build_mail(
                mail, sender=sender, delivery_id=delivery.id, message_id=delivery.message_id, files=files
            )
            return built.as_bytes()

        # Base64 of large files takes long enough to hold up everything else on the loop.
        return await asyncio.to_thread(build) if files else build()

    async def _record(self, delivery: Delivery, outcome: Outcome) -> None:
        now, chance = self._clock(), random.random()  # noqa: S311
        after, events = record(delivery, outcome, now=now, chance=chance)
        recorded = await self.keep(lambda: self._store.record(delivery, after, events), delivery_id=delivery.id)
        result = after.state if after.state != "queued" else "retry"
        metrics.deliveries.labels(delivery.channel, result if recorded else "overtaken").inc()
        log.info("delivery attempted", delivery_id=delivery.id, attempt=after.attempt, result=result)
