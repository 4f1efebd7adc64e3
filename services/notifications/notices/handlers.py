"""What happens on the Kafka topics of group `notifications.notices`: events become notices of the agents concerned.

Needs MongoDB alone. A group of its own: what goes wrong here holds up no mail to a customer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.notifications.notices.model import KINDS, Preferences, ways_for
from services.notifications.notices.reasons import Telling, tellings
from services.notifications.notices.store import Made, Notices
from services.notifications.notices.who import sees, viewer_of
from shared import metrics
from shared.access import Access
from shared.clock import Clock
from shared.cloudevents import Received
from shared.contracts.base import Event
from shared.contracts.conversations import Assigned, ConversationEvent
from shared.directory import Directory
from shared.errors import Transient
from shared.log import Cause


class NoticeHandlers:
    """`nudge` wakes who mails."""

    def __init__(
        self, notices: Notices, directory: Directory, access: Access, clock: Clock, nudge: Callable[[], None]
    ) -> None:
        metrics.expect(metrics.notices, KINDS)
        self._notices = notices
        self._directory = directory
        self._access = access
        self._clock = clock
        self._nudge = nudge

    async def on_events(self, batch: Sequence[Received[Event]]) -> None:
        """Consumes tickets.conversations.v1 and tickets.tickets.v1; emits AgentNotified. Key: agent id.

        Idempotent by what is told of and to whom. Raises Transient while the directory is not read: nobody can be said
        not to exist, or to see too little.
        """
        found = [(one, telling) for one in batch for telling in self._tellings(one)]
        if found and (why := self._directory.missing()):
            raise Transient(why)
        seen = [(one, telling) for one, telling in found if self._may_see(telling)]
        wishes = await self._notices.wishes({telling.agent_id for _, telling in seen}) if seen else {}
        made = [self._made(one, telling, wishes[telling.agent_id]) for one, telling in seen]
        told = await self._notices.make([one for one in made if one.ways.any])
        for one in told:
            metrics.notices.labels(one.notice.kind).inc()
        if any(one.mail_due for one in told):
            self._nudge()
        await self._notices.moved(_last_assigned(batch))

    def _tellings(self, received: Received[Event]) -> list[Telling]:
        return tellings(received.id, received.data, self._members, agent_of=self._agent_of, leads=self._leads)

    def _made(self, received: Received[Event], telling: Telling, wished: Preferences) -> Made:
        now, notice = self._clock(), telling.notice
        ways = ways_for(wished, notice.kind, at=notice.at, now=now, again=received.republished)
        due = wished.mail_due(now, now) if ways.email else None
        placed = received.data.seq if isinstance(received.data, ConversationEvent) else 0
        return Made(telling.agent_id, notice, ways, now, due, Cause.of(received), placed)

    def _may_see(self, telling: Telling) -> bool:
        viewer = viewer_of(self._access, telling.agent_id)
        return viewer is not None and sees(viewer, telling.notice)

    def _members(self, team_id: str) -> list[str]:
        return [one.agent_id for one in self._directory.members(team_id)]

    def _leads(self, team_id: str | None) -> list[str]:
        agents = self._directory.members(team_id) if team_id else self._directory.agents.values()
        viewers = (viewer_of(self._access, one.agent_id) for one in agents)
        return [one.agent_id for one in viewers if one is not None and one.may("conversations.assign_others")]

    def _agent_of(self, address: str) -> str | None:
        agents = self._directory.agents.values()
        return next((one.agent_id for one in agents if one.email.lower() == address.lower()), None)


def _last_assigned(batch: Sequence[Received[Event]]) -> list[Assigned]:
    """Of each conversation; those before it say nothing any more."""
    last: dict[str, Assigned] = {}
    for event in (one.data for one in batch if isinstance(one.data, Assigned)):
        if (known := last.get(event.conversation_id)) is None or known.seq < event.seq:
            last[event.conversation_id] = event
    return list(last.values())
