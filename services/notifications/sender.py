"""Sends what is due: claim by lease, fetch files, build, send, record. At most one sending per delivery at a time.

A crash between the server's "250" and the record sends the mail again, with the same Message-ID and bytes.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta

from services.notifications.files import Files
from services.notifications.mail import build_mail, sender_of, usable
from services.notifications.model import Delivery, Mail, Outcome, Refusal, record, refuse_all
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
from shared.timers import Timers

log = get_logger(__name__)

LEASES_PER_SEND = 4
"""The lease outlives fetching, sending and a wait for a free place, so nobody else begins meanwhile."""


class Sender:
    """A part: the shared timers over `deliveries`, with `settings.sends_at_once` sendings side by side.

    A server that hangs holds its own places only as long as `settings.send_s`; the rest goes on.
    """

    name = "sender"

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
        self._store = store
        self._files = files
        self._smtp = smtp
        self._directory = directory
        self._clock = clock
        self._places = asyncio.Semaphore(settings.sends_at_once)
        self._sending: set[asyncio.Task[None]] = set()
        self._in_hand: set[str] = set()
        self.timers = Timers(
            store.deliveries,
            self._fire,
            name="deliveries",
            clock=clock,
            lease_s=LEASES_PER_SEND * settings.send_s,
            batch=settings.sends_at_once,
        )

    async def start(self) -> None:
        await self.timers.start()

    async def stop(self) -> None:
        """Claim no more; let the sendings in hand come to their record, or leave them to their lease."""
        await self.timers.stop()
        if self._sending:
            await asyncio.wait(self._sending, timeout=self._settings.drain_s)
        for task in self._sending:
            task.cancel()

    def alive(self) -> bool:
        return self.timers.alive()

    async def ready(self) -> str | None:
        return await self.timers.ready()

    def nudge(self) -> None:
        self.timers.nudge()

    async def _fire(self, rows: Sequence[Document]) -> None:
        """Begin each as soon as there is a place. Returns when all have begun, not when all are sent."""
        for row in rows:
            if row["_id"] in self._in_hand:
                continue  # sent by us, and its result waits for MongoDB longer than the lease
            await self._places.acquire()
            self._in_hand.add(row["_id"])
            task = asyncio.create_task(self._one(row), name=f"send.{row['_id']}")
            self._sending.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # The row stays leased and is tried again after the lease.
            log.error("sending failed", exc_info=error)

    async def _one(self, row: Document) -> None:
        try:
            try:
                lasts = timedelta(seconds=2 * self._settings.send_s)
                if row["lease_until"] - self._clock() < lasts:
                    return  # frozen or crowded: too little of the lease is left to be alone to its end
                delivery = delivery_of(row)
                outcome = await self._attempt(delivery)
            finally:
                self._places.release()
            await self._record(delivery, outcome)
        finally:
            self._in_hand.discard(row["_id"])

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
        """Keep the result, waiting for MongoDB as long as it takes: a mail that left must not leave again."""
        now, chance = self._clock(), random.random()  # noqa: S311
        after, events = record(delivery, outcome, now=now, chance=chance)
        pause_s = 0.1
        while True:
            try:
                recorded = await self._store.record(delivery, after, events)
                break
            except Transient as error:
                log.warning("result waits", delivery_id=delivery.id, error=repr(error)[:200])
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, 5.0)
        result = after.state if after.state != "queued" else "retry"
        metrics.deliveries.labels(delivery.channel, result if recorded else "overtaken").inc()
        log.info("delivery attempted", delivery_id=delivery.id, attempt=after.attempt, result=result)
