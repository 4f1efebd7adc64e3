"""`tickets.directory.v1`: agents, teams, roles, brands and signing keys. Compacted; key `<kind>:<id>`.

Every replica of every service reads it whole at start and follows it, without a consumer group, so
that no service must call another to answer a request.
"""

from __future__ import annotations

from typing import Any, Literal

from shared.contracts.base import Event, Id, Value
from shared.contracts.common import Address

Permission = Literal[
    "conversations.read",
    "conversations.reply",
    "conversations.edit",
    "conversations.assign_others",
    "rules.read",
    "rules.write",
    "directory.manage",
    "operations.manage",
]
"""reply: answer, note, compose. edit: state, tags, topic, priority, spam, taking what is unassigned, handing
over one's own. assign_others: any assignment. operations.manage: rejected inputs, dead letters, deliveries."""


class AgentChanged(Event):
    """An agent's public card. `brand_ids` empty means all brands. `capacity` is how many open
    conversations may be assigned to them automatically. Inactive agents stay, for attribution."""

    agent_id: Id
    seq: int
    name: str
    email: str
    role_id: Id
    team_ids: tuple[str, ...] = ()
    brand_ids: tuple[str, ...] = ()
    capacity: int = 20
    active: bool = True


class TeamChanged(Event):
    """A team; its members are the agents that name it."""

    team_id: Id
    seq: int
    name: str
    channels: tuple[str, ...] = ()


class RoleChanged(Event):
    role_id: Id
    seq: int
    name: str
    permissions: tuple[Permission, ...]


class MessengerLook(Value):
    greeting: str = "Hello! How can we help?"
    answers_in: str = "We usually answer within minutes"


class BrandChanged(Event):
    """A brand. `addresses` are its mailboxes (the first one answers), `lines` its phone numbers in E.164,
    `color` is `#rrggbb`, `topics` what its conversations may be about, `time_zone` an IANA name."""

    brand_id: Id
    seq: int
    name: str
    color: str
    time_zone: str = "UTC"
    addresses: tuple[Address, ...] = ()
    lines: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    site: str = ""
    messenger: MessengerLook = MessengerLook()


class SigningKeyChanged(Event):
    """A public key (JWK, RFC 7517) that access tokens are signed with; EdDSA over Ed25519 (RFC 8037)."""

    key_id: Id
    seq: int
    jwk: dict[str, Any]
