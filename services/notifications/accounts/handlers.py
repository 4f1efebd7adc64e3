"""What happens on `tickets.accounts.v1` for group `notifications.notices`: a request becomes a mail that is due."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.notifications.accounts.store import AccountMails
from shared.clock import Clock
from shared.cloudevents import Received
from shared.contracts.accounts import PasswordResetRequested
from shared.contracts.base import Event


class AccountHandlers:
    """`nudge` wakes who mails."""

    def __init__(self, mails: AccountMails, clock: Clock, nudge: Callable[[], None]) -> None:
        self._mails = mails
        self._clock = clock
        self._nudge = nudge

    async def on_account_events(self, batch: Sequence[Received[Event]]) -> None:
        """Consumes PasswordResetRequested. Key: agent id. Idempotent by the request's id. Other events, and requests
        whose link is over, have no effect."""
        asked = [one.data for one in batch if isinstance(one.data, PasswordResetRequested)]
        now = self._clock()
        if await self._mails.accept([one for one in asked if one.expires_at > now], now):
            self._nudge()
