"""Looks after all endpoints now and then: measures what waits for each, and wakes one that was forgotten.

The figures come from the database, so that any replica tells the same.
"""

from __future__ import annotations

from services.notifications.webhooks.store.calls import Calls
from services.notifications.webhooks.store.endpoints import Endpoints
from services.notifications.webhooks.store.history import History
from shared import metrics
from shared.clock import Clock
from shared.loop import Loop

EVERY_S = 10.0


class WebhookWatch(Loop):
    """A part."""

    def __init__(self, endpoints: Endpoints, calls: Calls, history: History, clock: Clock) -> None:
        super().__init__("webhooks.watch", pause_s=EVERY_S)
        self._endpoints = endpoints
        self._calls = calls
        self._history = history
        self._clock = clock
        self._shown: set[str] = set()

    async def turn(self) -> bool:
        await self._measure()
        await self._wake()
        return False

    async def _wake(self) -> None:
        """A process that died between writing what is due and saying so leaves an endpoint without a timer."""
        deleted = set(await self._endpoints.deleted())
        forgotten = [
            one for one in await self._endpoints.idle() if one in deleted or await self._calls.next_due(one) is not None
        ]
        if forgotten:
            await self._endpoints.nudge(forgotten, self._clock())

    async def _measure(self) -> None:
        endpoints = await self._endpoints.all()
        for state in ("active", "disabled"):
            metrics.webhook_endpoints.labels(state).set(sum(1 for one in endpoints if one.state == state))
        for one in endpoints:
            _, dead, oldest = await self._history.counts(one.id)
            age_s = (self._clock() - oldest).total_seconds() if oldest else 0.0
            metrics.webhook_oldest_seconds.labels(one.id).set(max(0.0, age_s))
            metrics.webhook_dead.labels(one.id).set(dead)
        now = {one.id for one in endpoints}
        for gone in self._shown - now:
            metrics.webhook_oldest_seconds.remove(gone)
            metrics.webhook_dead.remove(gone)
        self._shown = now
