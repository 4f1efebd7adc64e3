"""The one table of Kafka topics: who owns each, its key, events, readers and retention.

Topics are created from it (`shared.setup`), AsyncAPI is generated from it, and every event's
CloudEvents type is found in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shared.contracts import contacts, conversations, deliveries, directory, ingest, integrations, routing
from shared.contracts.base import Event

Owner = Literal["ingest", "tickets", "routing", "notifications", "integrations"]

DAY_MS = 24 * 60 * 60 * 1000
PARTITIONS = 12
"""Fixed for every topic: changing it would move keys and break the order of a conversation."""


@dataclass(frozen=True)
class Topic:
    """`groups` are the consumer groups that read it, `<service>.<purpose>`; each has a dead-letter topic.

    A compacted topic is read whole by every replica, without a group. `retention_ms` None: for ever.
    """

    name: str
    owner: Owner
    key: str
    about: str
    events: tuple[type[Event], ...]
    groups: tuple[str, ...] = ()
    retention_ms: int | None = 30 * DAY_MS
    compacted: bool = False

    def dead_letters(self, group: str) -> str:
        return f"{self.name}.{group}.dlq"

    def type_of(self, event: type[Event]) -> str:
        """The CloudEvents type, `switchboard.<owner>.<EventName>.v<N>`."""
        return f"switchboard.{self.owner}.{event.__name__}.v{event.VERSION}"


INTEGRATIONS = Topic(
    name="integrations.inbound.v1",
    owner="integrations",
    key="anything",
    about="What integrators publish: messages of custom channels.",
    events=(integrations.MessagePosted,),
    groups=("ingest.integrations",),
)
MESSAGES = Topic(
    name="ingest.messages.v1",
    owner="ingest",
    key="conversation id",
    about="What arrived by email, chat, phone or a custom channel, one event per thing that happened.",
    events=(
        ingest.MessageReceived,
        ingest.CallProgressed,
        ingest.BounceReceived,
        ingest.VisitorIdentified,
    ),
    groups=("tickets.conversations",),
)
CONVERSATIONS = Topic(
    name="tickets.conversations.v1",
    owner="tickets",
    key="conversation id",
    about="Everything that happens to a conversation, each with the conversation's head after it.",
    events=(
        conversations.ConversationStarted,
        conversations.CustomerReplied,
        conversations.ReplySent,
        conversations.NoteAdded,
        conversations.CallUpdated,
        conversations.Assigned,
        conversations.PriorityChanged,
        conversations.TopicChanged,
        conversations.Tagged,
        conversations.Snoozed,
        conversations.Woken,
        conversations.Closed,
        conversations.Reopened,
        conversations.SpamMarked,
        conversations.SpamUnmarked,
        conversations.DeliveryUpdated,
    ),
    groups=("routing.conversations", "notifications.deliveries", "notifications.live"),
)
CONTACTS = Topic(
    name="tickets.contacts.v1",
    owner="tickets",
    key="contact id",
    about="The people we talk with.",
    events=(contacts.ContactCreated, contacts.ContactUpdated),
)
DIRECTORY = Topic(
    name="tickets.directory.v1",
    owner="tickets",
    key="<kind>:<id>",
    about="Agents, teams, roles, brands and signing keys, the latest state of each.",
    events=(
        directory.AgentChanged,
        directory.TeamChanged,
        directory.RoleChanged,
        directory.BrandChanged,
        directory.SigningKeyChanged,
    ),
    retention_ms=None,
    compacted=True,
)
DECISIONS = Topic(
    name="routing.decisions.v1",
    owner="routing",
    key="conversation id",
    about="What the rules and the assignment decided.",
    events=(routing.Decided,),
    groups=("tickets.conversations",),
)
AVAILABILITY = Topic(
    name="routing.availability.v1",
    owner="routing",
    key="agent id",
    about="Who is online, away or offline.",
    events=(routing.StatusChanged,),
    groups=("notifications.live",),
)
DELIVERIES = Topic(
    name="notifications.deliveries.v1",
    owner="notifications",
    key="conversation id",
    about="What became of the messages that we sent.",
    events=(deliveries.DeliverySent, deliveries.DeliveryFailed),
    groups=("tickets.conversations",),
)

TOPICS: tuple[Topic, ...] = (
    INTEGRATIONS,
    MESSAGES,
    CONVERSATIONS,
    CONTACTS,
    DIRECTORY,
    DECISIONS,
    AVAILABILITY,
    DELIVERIES,
)

BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}

EVENT_TYPES: dict[tuple[str, str], type[Event]] = {
    (topic.name, topic.type_of(event)): event for topic in TOPICS for event in topic.events
}
"""(topic name, CloudEvents type) → model."""


def read_by(group: str) -> tuple[Topic, ...]:
    """The topics that a consumer group reads, in the table's order."""
    return tuple(topic for topic in TOPICS if group in topic.groups)
