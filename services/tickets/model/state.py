"""What is known when something is decided: the conversation, the desk's directory, who acts and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.contracts.common import Actor
from shared.contracts.conversations import ConversationEvent, DeliveryState, Head
from shared.contracts.directory import (
    AgentChanged,
    AttributeChanged,
    BrandChanged,
    MacroChanged,
    RoleChanged,
    TeamChanged,
    TicketTypeChanged,
)
from shared.scope import scope_of

CUSTOMER = Actor(kind="customer")
SYSTEM = Actor(kind="system")


def whole_ms(at: datetime) -> datetime:
    """MongoDB keeps milliseconds: what is decided must equal what is read back."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000) if at.microsecond % 1000 else at


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far one message of ours came; `bounced` are the recipients that it did not reach."""

    state: DeliveryState
    bounced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """The last reply of ours: which event, and whose."""

    seq: int
    agent_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """The head that everybody sees, and what only the next decision needs.

    `customer_seq` is the `seq` of the customer's last message (0: none), `deliveries` the latest
    messages of ours by entry id, oldest first. `answered` is an agent's last reply. `people_seq` is the `seq` of the
    last assignment that people made, to which routing's decisions yield (0: none; None: not known, as of what was
    written before it was kept).
    """

    head: Head
    customer_seq: int = 0
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)
    answered: Answered | None = None
    people_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """The directory as it was when a batch began. `addresses` are all of our own mailboxes, lower case."""

    agents: Mapping[str, AgentChanged] = field(default_factory=dict)
    teams: Mapping[str, TeamChanged] = field(default_factory=dict)
    brands: Mapping[str, BrandChanged] = field(default_factory=dict)
    addresses: frozenset[str] = frozenset()
    roles: Mapping[str, RoleChanged] = field(default_factory=dict)
    ticket_types: Mapping[str, TicketTypeChanged] = field(default_factory=dict)
    attributes: Mapping[str, AttributeChanged] = field(default_factory=dict)
    macros: Mapping[str, MacroChanged] = field(default_factory=dict)

    def active(self, agent_id: str) -> AgentChanged | None:
        """The agent, unless unknown or no longer with us."""
        agent = self.agents.get(agent_id)
        return agent if agent is not None and agent.active else None

    def sees(self, agent_id: str, head: Head) -> bool:
        """Whether an agent is with us and the conversation is in their scope."""
        return self.active(agent_id) is not None and self.in_scope(agent_id, head)

    def in_scope(self, agent_id: str, head: Head) -> bool:
        """Whether it is one of those they work on, with us still or not."""
        agent = self.agents.get(agent_id)
        return agent is not None and scope_of(agent, self.roles.get(agent.role_id)).sees(head)

    def is_ours(self, address: str) -> bool:
        """Whether a mailbox is our own; `support+anything@` is `support@`."""
        if address in self.addresses:
            return True
        local, _, domain = address.rpartition("@")
        return "+" in local and f"{local.split('+', 1)[0]}@{domain}" in self.addresses


def desk_of(
    agents: Mapping[str, AgentChanged],
    teams: Mapping[str, TeamChanged],
    brands: Mapping[str, BrandChanged],
    roles: Mapping[str, RoleChanged] | None = None,
    ticket_types: Mapping[str, TicketTypeChanged] | None = None,
    attributes: Mapping[str, AttributeChanged] | None = None,
    macros: Mapping[str, MacroChanged] | None = None,
) -> Desk:
    """A snapshot that later directory changes do not touch."""
    addresses = frozenset(a.address.lower() for brand in brands.values() for a in brand.addresses)
    return Desk(
        agents=dict(agents),
        teams=dict(teams),
        brands=dict(brands),
        addresses=addresses,
        roles=dict(roles or {}),
        ticket_types=dict(ticket_types or {}),
        attributes=dict(attributes or {}),
        macros=dict(macros or {}),
    )


@dataclass(frozen=True, slots=True)
class Context:
    """When and by whom. `imported` marks history that nobody must act on again."""

    now: datetime
    by: Actor
    decision_id: str | None = None
    imported: bool = False

    def as_(self, by: Actor) -> Context:
        """The same moment, done by somebody else."""
        return Context(self.now, by, self.decision_id, self.imported)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a consumer's input came to: events and the state after them; by stable codes, what was left out."""

    events: tuple[ConversationEvent, ...] = ()
    ignored: tuple[str, ...] = ()
    state: Conversation | None = None
