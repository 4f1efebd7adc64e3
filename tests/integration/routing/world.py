"""What the integration tests of routing know and send."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from services.routing.horizon import Horizon
from services.routing.rules.schema import RuleDraft
from services.routing.settings import RoutingSettings
from services.routing.sla.schema import PolicyDraft
from services.routing.store import Store
from shared.cloudevents import Received, Record
from shared.contracts.base import Event
from shared.contracts.directory import AgentChanged, BrandChanged, Permission, RoleChanged, TeamChanged
from shared.contracts.tickets import TicketEvent
from shared.directory import Directory
from shared.ids import derived
from shared.log import Cause
from shared.topics import CONVERSATIONS, TICKETS
from tests.unit.routing.examples import AT, draft

CAPACITY = 3
LEADING: tuple[Permission, ...] = ("rules.write", "rules.publish", "conversations.assign_others", "dashboard.read")


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


class Known(Horizon):
    """All is known up to any moment that is asked for."""

    def __init__(self, clock: Clock) -> None:
        self._at = clock

    async def until(self) -> datetime:
        self.known = self._at()
        return self.known


class KnownDirectory(Directory):
    """A directory that has been read whole."""

    whole = True

    async def ready(self) -> str | None:
        return None


def directory_events(capacity: int = CAPACITY) -> list[Event]:
    agents = [("maya", "Maya Okafor", "agent"), ("jonas", "Jonas Lindqvist", "agent"), ("lead", "Lena Brandt", "lead")]
    reading = ("conversations.read", "rules.read")
    return [
        TeamChanged(team_id="email-support", seq=1, name="Email Support"),
        TeamChanged(team_id="phone-support", seq=1, name="Phone Support"),
        BrandChanged(brand_id="paleo-hacks", seq=1, name="Paleo Hacks", color="#112233", topics=("Refund",)),
        BrandChanged(brand_id="earth-echo", seq=1, name="Earth Echo", color="#112233"),
        RoleChanged(role_id="agent", seq=1, name="Agent", permissions=reading),
        RoleChanged(role_id="lead", seq=1, name="Lead", permissions=(*reading, *LEADING)),
        *(
            AgentChanged(
                agent_id=id_,
                seq=1,
                name=name,
                email=f"{id_}@switchboard.example",
                role_id=role,
                team_ids=("email-support",) if role == "agent" else (),
                capacity=capacity,
            )
            for id_, name, role in agents
        ),
        AgentChanged(
            agent_id="echo", seq=1, name="Echo", email="echo@x.example", role_id="lead", brand_ids=("earth-echo",)
        ),
    ]


def known_directory(settings: RoutingSettings) -> Directory:
    directory = KnownDirectory(settings)
    for event in directory_events():
        directory.learn(event)
    return directory


def received(event: Any, n: str = "") -> Received[Event]:
    """An event as the consumer hands it over; its id is derived from its conversation or ticket, seq and `n`."""
    of_ticket = isinstance(event, TicketEvent)
    about, topic = (event.ticket_id, TICKETS) if of_ticket else (event.conversation_id, CONVERSATIONS)
    record = Record(topic.name, 0, 0, None, None, (), 0)
    id_ = derived("test", about, str(event.seq), n)
    return Received(id_, "", "", "", event.at, event.seq, f"correlation-{about}", "", "", event, record)


async def add_rule(store: Store, id_: str, at: datetime = AT, **changes: Any) -> None:
    await store.rules.create(id_, RuleDraft.model_validate(draft(**changes)), by="", now=at, publish=True)


async def add_policy(store: Store, id_: str = "all", *, now: datetime = AT, **changes: Any) -> None:
    written = {"name": id_, "if": None, "first_response_s": 3600, "next_response_s": 3600, **changes}
    await store.policies.create(id_, PolicyDraft.model_validate(written), by="", now=now, publish=True)


async def add_email_rule(store: Store, strategy: str = "round_robin") -> None:
    action = {"kind": "assign", "team_id": "email-support", "strategy": strategy}
    when = ["ConversationStarted", "CustomerReplied"]
    await add_rule(store, "email", name="Email → Email Support", when=when, then=[action])


async def come(store: Store, agent_id: str, status: Any = "online", *, at: datetime = AT, n: int = 0) -> None:
    cause = derived("test status", agent_id, status, str(n))
    await store.availability.set(agent_id, status, "", cause=Cause(cause, cause), now=at)


async def decided(database: AsyncDatabase[dict[str, Any]], conversation_id: str | None = None) -> list[dict[str, Any]]:
    """The Decided events in the log, in order."""
    asked: dict[str, Any] = {"topic": "routing.decisions.v1"}
    if conversation_id:
        asked["aggregate_id"] = conversation_id
    return [json.loads(row["value"]) async for row in database.get_collection("log").find(asked).sort("at")]


def agents(events: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Conversation → agent, by what was decided last."""
    return {
        event["conversation_id"]: action["agent_id"]
        for event in events
        for action in event["actions"]
        if action["kind"] == "assign_agent"
    }
