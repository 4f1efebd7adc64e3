"""What happens on Kafka for Aircall: requests to call are kept and dialled, statuses are kept and pushed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.notifications.phone.model import wanted
from services.notifications.phone.store import Dials, PhoneStatuses
from shared.clock import Clock
from shared.cloudevents import Received
from shared.contracts.base import Event
from shared.contracts.conversations import CallRequested
from shared.contracts.routing import StatusChanged


class PhoneHandlers:
    """`nudge_dials`, `nudge_statuses` wake those who do the work."""

    def __init__(
        self,
        dials: Dials,
        statuses: PhoneStatuses,
        clock: Clock,
        nudge_dials: Callable[[], None],
        nudge_statuses: Callable[[], None],
    ) -> None:
        self._dials = dials
        self._statuses = statuses
        self._clock = clock
        self._nudge_dials = nudge_dials
        self._nudge_statuses = nudge_statuses

    async def on_conversation_events(self, batch: Sequence[Received[Event]]) -> None:
        """Consumes CallRequested (group `notifications.deliveries`). Idempotent by the request's id."""
        asked = [
            wanted(one.data, correlation_id=one.correlation_id, traceparent=one.traceparent, now=self._clock())
            for one in batch
            if isinstance(one.data, CallRequested) and not one.data.imported
        ]
        if await self._dials.accept(asked):
            self._nudge_dials()

    async def on_availability(self, batch: Sequence[Received[Event]]) -> None:
        """Consumes StatusChanged (group `notifications.phone`). Key: agent id. Idempotent by the status's seq."""
        latest = {one.data.agent_id: one.data for one in batch if isinstance(one.data, StatusChanged)}
        pushed = [await self._statuses.learn(one, self._clock()) for one in latest.values()]
        if any(pushed):
            self._nudge_statuses()
