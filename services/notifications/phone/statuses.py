"""Tells Aircall who is available: the latest status of each agent, until Aircall has it or a newer one comes.

To tell the same twice does no harm, so a failure is simply tried again. What Aircall itself told is not sent back
(`PhoneStatuses.learn`), so the two cannot go round in a circle.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from services.notifications.leased import Leased, Place, Terms
from services.notifications.phone.aircall import Aircall, NoAnswer, NotReached, Refused
from services.notifications.phone.model import retry_at
from services.notifications.phone.store import PhoneStatuses
from services.notifications.settings import NotificationsSettings
from shared.clock import Clock
from shared.directory import Directory
from shared.logs import get_logger
from shared.mongo import Document
from shared.phone_status import in_aircall

log = get_logger(__name__)

PAUSES_S = (5, 15, 60, 300, 900)
"""Between attempts; the last one again and again, until it works or the status is another one."""
REQUESTS = 3


def pause_after(tries: int) -> timedelta:
    return timedelta(seconds=PAUSES_S[min(tries, len(PAUSES_S) - 1)])


class StatusPush(Leased):
    """A part: leased work over `phone_statuses`."""

    def __init__(
        self,
        settings: NotificationsSettings,
        statuses: PhoneStatuses,
        aircall: Aircall,
        directory: Directory,
        clock: Clock,
    ) -> None:
        self._statuses = statuses
        self._aircall = aircall
        self._directory = directory
        self._clock = clock
        terms = Terms(
            lease_s=(REQUESTS + 1) * settings.aircall_s,
            lasts_s=REQUESTS * settings.aircall_s,
            places=4,
            drain_s=settings.drain_s,
        )
        super().__init__(statuses.rows, self._push, terms, name="phone-statuses", clock=clock)

    async def _push(self, row: Document, _: Place) -> None:
        due_at = await self._told(row)
        tries = row["tries"] + 1 if due_at else 0
        if not await self.keep(lambda: self._statuses.settle(row, due_at=due_at, tries=tries), agent_id=row["_id"]):
            self.nudge()

    async def _told(self, row: Document) -> datetime | None:
        """When to try again; None: Aircall has it, or will never take it."""
        agent = self._directory.agents.get(row["_id"])
        again = self._clock() + pause_after(row["tries"])
        if agent is None and self._directory.missing():
            return again
        if not self._aircall.configured or agent is None or not agent.active:
            return None
        try:
            user_id = await self._aircall.user_id(agent.email)
            if user_id is None:
                return None  # not everybody answers the phone
            await self._aircall.set_availability(user_id, in_aircall(row["status"], row["reason"]))
        except Refused as error:
            log.warning("Aircall refused a status", agent_id=agent.agent_id, status=error.status)
            if error.status == 429:
                return retry_at(error.headers, self._clock())
            return None if error.status in (400, 404, 422) else again
        except (NotReached, NoAnswer) as error:
            log.warning("Aircall not reached", agent_id=agent.agent_id, error=type(error).__name__)
            return again
        return None
