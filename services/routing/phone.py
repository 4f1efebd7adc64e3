"""What happens on `ingest.agents.v1`: a status from the phone system becomes the agent's status here.

Emits StatusChanged (key: agent id), marked as the phone's. Idempotent by the event's id.
"""

from __future__ import annotations

from collections.abc import Callable

from services.routing.store.availability import Availability
from shared import metrics
from shared.clock import Clock
from shared.consume import Batch
from shared.contracts.agents import PhoneStatusChanged
from shared.directory import Directory
from shared.errors import Transient
from shared.log import Cause
from shared.logs import get_logger
from shared.phone_status import PhoneStatus

log = get_logger(__name__)

OUTCOMES = ("taken", "echo", "older", "nothing_new", "known", "unknown_agent")


class PhoneStatusHandlers:
    def __init__(
        self, availability: Availability, directory: Directory, clock: Clock, nudge: Callable[[], None]
    ) -> None:
        metrics.expect(metrics.phone_statuses, OUTCOMES)
        self._availability = availability
        self._directory = directory
        self._clock = clock
        self._nudge = nudge

    async def on_statuses(self, batch: Batch) -> None:
        """Consumes PhoneStatusChanged. Whoever is no active agent here is passed over, and counted."""
        if (waits := self._directory.missing()) is not None:
            raise Transient(waits)
        by_email = {agent.email.lower(): agent.agent_id for agent in self._directory.agents.values() if agent.active}
        taken = 0
        for received in batch:
            heard = received.data
            if not isinstance(heard, PhoneStatusChanged):
                continue
            agent_id = by_email.get(heard.email)
            if agent_id is None:
                log.info("a phone status of nobody here", input_id=heard.input_id)
                outcome = "unknown_agent"
            else:
                phone = PhoneStatus(heard.available, heard.substatus)
                cause, now = Cause.of(received), self._clock()
                outcome = await self._availability.hear(agent_id, phone, at=heard.at, cause=cause, now=now)
            metrics.phone_statuses.labels(outcome).inc()
            taken += outcome == "taken"
        if taken:
            self._nudge()
