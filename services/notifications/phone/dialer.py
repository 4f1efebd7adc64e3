"""Has Aircall dial what agents asked for: at most once for each request, whatever dies.

Looking the user up may be repeated; from the moment that Aircall is asked to dial, nothing is. A process that dies in
between leaves a row that says so, and whoever claims it after the lease tells the agent that it is not known.
"""

from __future__ import annotations

from datetime import timedelta

from services.notifications.leased import Leased, Place, Terms
from services.notifications.phone.aircall import Aircall, NoAnswer, NotReached, Refused
from services.notifications.phone.model import (
    DIALED,
    NO_ACCOUNT,
    NOT_KNOWN,
    Dialing,
    Verdict,
    before_asking,
    ended,
    judge,
)
from services.notifications.phone.store import Dials, dialing_of
from services.notifications.settings import NotificationsSettings
from shared import metrics
from shared.clock import Clock
from shared.directory import Directory
from shared.logs import get_logger
from shared.mongo import Document

log = get_logger(__name__)

REQUESTS = 4
"""To Aircall for one call: two pages of users, the user, the call itself."""
SOON = timedelta(seconds=1)
"""While the directory is being read, nobody can be said to be unknown."""
NOT_REACHED = Verdict(code="not_reached", reason="Aircall cannot be reached just now. Call again in a moment.")


class Dialer(Leased):
    """A part: leased work over `dials`."""

    def __init__(
        self, settings: NotificationsSettings, dials: Dials, aircall: Aircall, directory: Directory, clock: Clock
    ) -> None:
        metrics.expect(metrics.deliveries, ["phone"], ["sent", "failed"])
        self._dials = dials
        self._aircall = aircall
        self._directory = directory
        self._clock = clock
        terms = Terms(
            lease_s=(REQUESTS + 1) * settings.aircall_s,
            lasts_s=REQUESTS * settings.aircall_s,
            places=10,
            drain_s=settings.drain_s,
        )
        super().__init__(dials.rows, self._dial, terms, name="dials", clock=clock)

    async def _dial(self, document: Document, _: Place) -> None:
        row = dialing_of(document)
        verdict = before_asking(row, self._clock())
        if verdict is None:
            if row.agent_id not in self._directory.agents and self._directory.missing():
                await self._dials.later(row, self._clock() + SOON)
                return
            found = await self._look_up(row)
            if isinstance(found, Verdict):
                verdict = found
            else:
                self.may_begin()
                begun = await self._dials.begin(row)
                if begun is None:
                    return
                row = begun
                verdict = await self._ask(row, *found)
        after, event = ended(row, verdict, self._clock())
        recorded = await self.keep(lambda: self._dials.end(row, after, event), request_id=row.id)
        if recorded:
            metrics.deliveries.labels("phone", "sent" if verdict.dialed else "failed").inc()
        log.info("call asked for", request_id=row.id, state=after.state, code=after.code, recorded=recorded)

    async def _look_up(self, row: Dialing) -> tuple[int, int] | Verdict:
        """(Aircall's user, the number to call from), or why there will be no call."""
        if not self._aircall.configured:
            return NO_ACCOUNT
        agent = self._directory.agents.get(row.agent_id)
        try:
            user_id = await self._aircall.user_id(agent.email) if agent is not None else None
            if agent is None or user_id is None:
                said = f"Aircall has no user {agent.email if agent else row.agent_id}. An admin adds you there."
                return Verdict(code="unknown_user", reason=said)
            user = await self._aircall.user(user_id)
        except Refused as error:
            verdict = judge(error.status, error.headers, self._clock())
            return verdict if verdict.known else NOT_REACHED
        except (NotReached, NoAnswer):
            return NOT_REACHED
        number_id = user.lines.get(row.line)
        if number_id is None:
            said = f"You may not call from {row.line} in Aircall. An admin adds you to that number there."
            return Verdict(code="line_not_theirs", reason=said)
        return user_id, number_id

    async def _ask(self, row: Dialing, user_id: int, number_id: int) -> Verdict:
        try:
            await self._aircall.call(user_id, number_id, row.number)
        except Refused as error:
            return judge(error.status, error.headers, self._clock())
        except NotReached:
            return NOT_REACHED
        except NoAnswer:
            return NOT_KNOWN
        return DIALED
