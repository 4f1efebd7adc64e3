"""The one table of Kafka topics: who owns each, its key, events, readers and retention.

Topics are created from it (`shared.setup`), AsyncAPI is generated from it, and every event's
CloudEvents type is found in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shared.contracts import (
    accounts,
    acted,
    activity,
    agents,
    audit,
    automation,
    beside,
    contacts,
    conversations,
    deliveries,
    directory,
    governance,
    ingest,
    integrations,
    linked,
    notices,
    routing,
    sla,
    targets,
    tickets,
)
from shared.contracts.base import Event

Owner = Literal["ingest", "tickets", "routing", "notifications", "integrations"]

DAY_MS = 24 * 60 * 60 * 1000
PARTITIONS = 12
"""Fixed for every topic: changing it would move keys and break the order of a conversation."""


@dataclass(frozen=True)
class Topic:
    """`groups` are the consumer groups that read it, `<service>.<purpose>`; each has a dead-letter topic.

    A compacted topic is read whole by every replica, without a group. `retention_ms` None: for ever,
    where nothing is told again by itself. `never_forgotten`:
    its readers know a record that comes again however old it is, not only while they remember applied inputs.
    """

    name: str
    owner: Owner
    key: str
    about: str
    events: tuple[type[Event], ...]
    groups: tuple[str, ...] = ()
    retention_ms: int | None = 30 * DAY_MS
    compacted: bool = False
    never_forgotten: bool = False

    def dead_letters(self, group: str) -> str:
        return f"{self.name}.{group}.dlq"

    def type_of(self, event: type[Event]) -> str:
        """The CloudEvents type, `switchboard.<owner>.<EventName>.v<N>`."""
        return f"switchboard.{self.owner}.{event.__name__}.v{event.VERSION}"


INTEGRATIONS = Topic(
    name="integrations.inbound.v1",
    owner="integrations",
    key="anything",
    about="What integrators publish: messages of custom channels, and what customers did in a product.",
    events=(integrations.MessagePosted, integrations.ActivityPosted),
    groups=("ingest.integrations",),
)
MESSAGES = Topic(
    name="ingest.messages.v1",
    owner="ingest",
    key="conversation id",
    about="What arrived by email, chat, phone or a custom channel, one event per thing that happened.",
    events=(
        ingest.MessageReceived,
        ingest.SideMessageReceived,
        ingest.CallProgressed,
        ingest.BounceReceived,
        ingest.VisitorIdentified,
    ),
    groups=("tickets.conversations",),
)
ACTIVITY = Topic(
    name="ingest.activity.v1",
    owner="ingest",
    key="the customer's first handle",
    about="What customers did in a brand's product.",
    events=(activity.ActivityRecorded,),
    groups=("tickets.activity",),
)
AGENTS = Topic(
    name="ingest.agents.v1",
    owner="ingest",
    key="the agent's address",
    about="What other systems say of our agents: who is available in the phone system.",
    events=(agents.PhoneStatusChanged,),
    groups=("routing.phone",),
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
        conversations.CallRequested,
        conversations.DialUpdated,
        conversations.CallAttempted,
        conversations.LoopStopped,
        conversations.Assigned,
        conversations.PriorityChanged,
        conversations.TopicChanged,
        conversations.AttributesChanged,
        conversations.Tagged,
        conversations.Snoozed,
        conversations.Woken,
        conversations.Closed,
        conversations.Reopened,
        conversations.SpamMarked,
        conversations.SpamUnmarked,
        conversations.DeliveryUpdated,
        conversations.LinkAdded,
        conversations.LinkRemoved,
        conversations.LinkProgressed,
        linked.TicketUpdated,
        acted.CustomerActed,
        targets.SlaPolicyApplied,
        targets.SlaUpdated,
        automation.AlertRaised,
        automation.CustomEventEmitted,
        automation.ActionRefused,
        beside.Merged,
        beside.MergeReceived,
        beside.Unmerged,
        beside.MergeReverted,
        beside.SideStarted,
        beside.SideReplySent,
        beside.SideReplyReceived,
        beside.Followed,
        beside.Unfollowed,
    ),
    groups=(
        "routing.conversations",
        "routing.sla",
        "notifications.deliveries",
        "notifications.live",
        "notifications.webhooks",
        "notifications.notices",
    ),
)
TICKETS = Topic(
    name="tickets.tickets.v1",
    owner="tickets",
    key="ticket id",
    about="Back-office tickets and trackers, each event with the ticket's head after it.",
    events=(
        tickets.TicketSubmitted,
        tickets.TicketStateChanged,
        tickets.TicketAssigned,
        tickets.TicketFieldsChanged,
        tickets.TicketDueChanged,
        tickets.TicketCommented,
        tickets.TicketLinked,
        tickets.TicketUnlinked,
        tickets.UpdatePosted,
        tickets.TicketSlaUpdated,
    ),
    groups=("routing.tickets", "notifications.live", "notifications.notices"),
)
CONTACTS = Topic(
    name="tickets.contacts.v1",
    owner="tickets",
    key="contact id",
    about="The people we talk with.",
    events=(
        contacts.ContactCreated,
        contacts.ContactUpdated,
        contacts.ContactNoted,
        contacts.ContactsMerged,
        contacts.ContactsUnmerged,
        contacts.ContactBlocked,
        contacts.ContactUnblocked,
    ),
    groups=("routing.contacts", "notifications.live", "notifications.webhooks"),
)
DIRECTORY = Topic(
    name="tickets.directory.v1",
    owner="tickets",
    key="<kind>:<id>",
    about="Agents, teams, roles, brands, ticket types, attributes, segments, macros, apps, signing keys, "
    "settings of the desk: the latest state of each.",
    events=(
        directory.AgentChanged,
        directory.TeamChanged,
        directory.RoleChanged,
        directory.BrandChanged,
        directory.SigningKeyChanged,
        directory.TicketTypeChanged,
        directory.AttributeChanged,
        directory.SegmentChanged,
        directory.MacroChanged,
        directory.DeskSettingsChanged,
        directory.AppChanged,
    ),
    retention_ms=None,
    compacted=True,
)
AUDIT = Topic(
    name="tickets.audit.v1",
    owner="tickets",
    key="<kind>:<id>",
    about="Who changed the desk's configuration, when and how.",
    events=(audit.ConfigurationChanged,),
    retention_ms=365 * DAY_MS,
)
ACCOUNTS = Topic(
    name="tickets.accounts.v1",
    owner="tickets",
    key="agent id",
    about="What agents want of their own accounts: a mail with a link for a new password.",
    events=(accounts.PasswordResetRequested,),
    groups=("notifications.notices",),
    retention_ms=DAY_MS,
)
DECISIONS = Topic(
    name="routing.decisions.v1",
    owner="routing",
    key="conversation id",
    about="What the rules and the assignment decided, and what becomes of service levels' targets.",
    events=(
        routing.Decided,
        sla.SlaStarted,
        sla.SlaMoved,
        sla.SlaWarned,
        sla.SlaBreached,
        sla.SlaMet,
        sla.SlaEnded,
    ),
    groups=("tickets.conversations", "notifications.webhooks"),
)
TICKET_TARGETS = Topic(
    name="routing.tickets.v1",
    owner="routing",
    key="ticket id",
    about="What becomes of the time to resolve a ticket.",
    events=(sla.TicketSlaChanged,),
    groups=("tickets.targets",),
)
ARTIFACTS = Topic(
    name="routing.artifacts.v1",
    owner="routing",
    key="<kind>:<id>",
    about="What became of rules and service level policies, and of what they ask for before one is in force.",
    events=(governance.ArtifactChanged,),
    groups=("tickets.audit",),
    retention_ms=365 * DAY_MS,
    never_forgotten=True,
)
AVAILABILITY = Topic(
    name="routing.availability.v1",
    owner="routing",
    key="agent id",
    about="Who is online, away or offline.",
    events=(routing.StatusChanged,),
    groups=("notifications.live", "notifications.webhooks", "notifications.phone"),
)
DELIVERIES = Topic(
    name="notifications.deliveries.v1",
    owner="notifications",
    key="conversation id",
    about="What became of the messages that we sent, of the calls that agents asked for and of those of webhooks that "
    "rules asked for.",
    events=(
        deliveries.DeliverySent,
        deliveries.DeliveryFailed,
        deliveries.CallDialed,
        deliveries.CallDialFailed,
        deliveries.WebhookRefused,
    ),
    groups=("tickets.conversations",),
)
NOTICES = Topic(
    name="notifications.notices.v1",
    owner="notifications",
    key="agent id",
    about="Which agents were told of what.",
    events=(notices.AgentNotified,),
    groups=("notifications.live",),
)
ENDPOINTS = Topic(
    name="notifications.endpoints.v1",
    owner="notifications",
    key="endpoint id",
    about="The receivers of outgoing webhooks: what they are called, and what happens to them.",
    events=(deliveries.EndpointChanged, deliveries.EndpointDisabled),
    groups=("routing.endpoints",),
    retention_ms=None,
    never_forgotten=True,
)

TOPICS: tuple[Topic, ...] = (
    INTEGRATIONS,
    MESSAGES,
    ACTIVITY,
    AGENTS,
    CONVERSATIONS,
    TICKETS,
    CONTACTS,
    DIRECTORY,
    AUDIT,
    ACCOUNTS,
    DECISIONS,
    TICKET_TARGETS,
    ARTIFACTS,
    AVAILABILITY,
    DELIVERIES,
    NOTICES,
    ENDPOINTS,
)

BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}

EVENT_TYPES: dict[tuple[str, str], type[Event]] = {
    (topic.name, topic.type_of(event)): event for topic in TOPICS for event in topic.events
}
"""(topic name, CloudEvents type) → model."""


def read_by(group: str) -> tuple[Topic, ...]:
    """The topics that a consumer group reads, in the table's order."""
    return tuple(topic for topic in TOPICS if group in topic.groups)
