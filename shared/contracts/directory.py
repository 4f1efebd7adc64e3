"""`tickets.directory.v1`: agents, teams, roles, brands and signing keys. Compacted; key `<kind>:<id>`.

Every replica of every service reads it whole at start and follows it, without a consumer group, so
that no service must call another to answer a request.
"""

from __future__ import annotations

from typing import Any, Literal

from shared.contracts.base import Event, Id, Time, Value
from shared.contracts.common import Address, Channel
from shared.contracts.governance import Rollout
from shared.contracts.tickets import FieldValue, TicketKind, TicketState

Permission = Literal[
    "conversations.read",
    "conversations.reply",
    "conversations.edit",
    "conversations.assign_others",
    "conversations.merge",
    "rules.read",
    "rules.write",
    "rules.publish",
    "directory.manage",
    "operations.manage",
    "tickets.read",
    "tickets.write",
    "contacts.read",
    "contacts.write",
    "macros.write",
    "macros.publish",
    "dashboard.read",
]
"""reply: answer, note, compose. edit: state, tags, topic, priority, spam, taking what is unassigned, handing
over one's own. assign_others: any assignment. merge: two conversations into one, and back.
operations.manage: rejected inputs, dead letters, deliveries.
tickets.*: back-office tickets and trackers. contacts.*: the people we talk with, by brand, and segments of them.
rules.write, macros.write: drafts of rules and service level policies, of the texts that everybody uses (one's own need
no more than to reply). rules.publish, macros.publish: to approve and publish those. dashboard.read: who has what,
what is late, how much is done, and colleagues' time in each status; of the part of the desk that one works on."""


class Capacities(Value):
    """At most so many of a channel; None: as many as there is room for, 0: none of it. A field for each channel."""

    email: int | None = None
    chat: int | None = None
    phone: int | None = None
    custom: int | None = None


class AgentChanged(Event):
    """An agent's public card. `brand_ids` empty means all brands. Inactive agents stay, for attribution.

    `capacity` is how many open conversations may be assigned to them automatically, `capacities` how many of them may
    be of one channel. `languages` are BCP 47 tags, `skills` words of the desk's own; they have those of their teams
    besides.

    `generation` rises when all access tokens given so far must end: a new password, a session ended elsewhere."""

    agent_id: Id
    seq: int
    name: str
    email: str
    role_id: Id
    team_ids: tuple[str, ...] = ()
    brand_ids: tuple[str, ...] = ()
    capacity: int = 20
    capacities: Capacities = Capacities()
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    active: bool = True
    generation: int = 0


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class OpenHours(Value):
    """One stretch of a day, `HH:MM` in 24 hours; `closes` is later than `opens`, "24:00" at the latest."""

    day: Weekday
    opens: str
    closes: str


class TeamHours(Value):
    """When a team works, by the clocks of `time_zone` (an IANA name). No `open` at all: never."""

    time_zone: str
    open: tuple[OpenHours, ...] = ()


class TeamChanged(Event):
    """A team; its members are the agents that name it. `hours` None: always. `languages` are BCP 47 tags (`de`,
    `pt-BR`), `skills` words of the desk's own."""

    team_id: Id
    seq: int
    name: str
    channels: tuple[str, ...] = ()
    hours: TeamHours | None = None
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()


class RoleChanged(Event):
    """What its agents may do, and with which conversations: of these `channels` (empty: all), of their own teams alone
    when `own_teams_only`. What they began or were given themselves they see all the same (`shared.scope`).

    `second_factor`: who has it proves a second thing besides the password at every sign-in. Inactive: it was deleted,
    and nobody has it."""

    role_id: Id
    seq: int
    name: str
    permissions: tuple[Permission, ...]
    channels: tuple[Channel, ...] = ()
    own_teams_only: bool = False
    second_factor: bool = False
    active: bool = True


class MessengerLook(Value):
    greeting: str = "Hello! How can we help?"
    answers_in: str = "We usually answer within minutes"


class SpamSettings(Value):
    """`threshold`: a conversation that nobody has answered goes to Spam by itself, with a message of this score (0 to
    1), unless not `enabled`; the score is there for rules either way. `allowed` and `blocked` are senders: addresses,
    and domains with all below them, in lower case; who is allowed is never spam."""

    enabled: bool = True
    threshold: float = 0.9
    allowed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()


class BrandChanged(Event):
    """A brand. `addresses` are its mailboxes (the first one answers), `lines` its phone numbers in E.164,
    `color` is `#rrggbb`, `topics` what its conversations may be about, `time_zone` an IANA name.

    Not `active`: nothing new comes in for it or is begun in its name; what there is stays and is answered."""

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
    spam: SpamSettings = SpamSettings()
    active: bool = True


class SigningKeyChanged(Event):
    """A public key (JWK, RFC 7517) that access tokens are signed with; EdDSA over Ed25519 (RFC 8037).

    It signs from `signs_from` on (None: at once), when every service has heard of it, and its tokens are good until
    `ends_at` (None: it has no successor yet)."""

    key_id: Id
    seq: int
    jwk: dict[str, Any]
    signs_from: Time | None = None
    ends_at: Time | None = None


FieldType = Literal["text", "long_text", "number", "choice", "date", "yes_no", "url"]


class FieldDefinition(Value):
    """One field of a ticket's form. `needed`: not at all, when it is submitted, or when it is resolved."""

    id: Id
    label: str
    type: FieldType = "text"
    options: tuple[str, ...] = ()
    needed: Literal["no", "to_submit", "to_resolve"] = "no"
    help: str = ""


class StateWords(Value):
    """What the customer is told about one state: `label` in a word or two; `message`, when not empty, is sent to the
    linked conversation when a ticket comes into that state."""

    state: TicketState
    label: str = ""
    message: str = ""


class TicketTypeChanged(Event):
    """A type of ticket with its form. Tickets of one type with the same values in all of `one_per` (field ids) may
    exist only once per brand; the one that exists is offered instead. New ones go to `team_id`, and are due
    `due_hours` after they are submitted."""

    type_id: Id
    seq: int
    name: str
    kind: TicketKind = "back_office"
    color: str = "#64748b"
    team_id: str | None = None
    fields: tuple[FieldDefinition, ...] = ()
    one_per: tuple[str, ...] = ()
    customer: tuple[StateWords, ...] = ()
    due_hours: int | None = None
    active: bool = True


class AttributeChanged(Event):
    """A field of their own that a desk gives contacts or conversations. `brand_ids` empty: of every brand.

    `required`: it may be changed, but not emptied, once it has a value; and a form marks it until then.
    """

    attribute_id: Id
    seq: int
    applies_to: Literal["contact", "conversation"]
    label: str
    type: FieldType = "text"
    options: tuple[str, ...] = ()
    help: str = ""
    required: bool = False
    brand_ids: tuple[str, ...] = ()
    active: bool = True


ConditionField = Literal[
    "name",
    "email",
    "email_domain",
    "phone",
    "kind",
    "language",
    "time_zone",
    "location",
    "brand",
    "created_at",
    "last_purchase_at",
    "lifetime_revenue",
    "blocked",
    "conversations",
    "unclosed_conversations",
    "first_wrote_at",
    "last_wrote_at",
    "last_answered_at",
    "talked_on_channel",
    "talked_with_brand",
    "talked_about_topic",
    "talked_with_tag",
    "ticket_type",
    "open_ticket",
    "did",
    "attribute",
]
ConditionOperator = Literal[
    "is",
    "is_not",
    "contains",
    "starts_with",
    "greater",
    "less",
    "before",
    "after",
    "within_days",
    "not_within_days",
    "is_set",
    "is_empty",
]


class Condition(Value):
    """One condition of a segment. `attribute_id` when the field is an attribute, `activity` (its name) when it is what
    somebody did in a product; `value` unless it is about being set.

    Money is in whole units of the contact's own currency, days count back from now, dates are `YYYY-MM-DD` in UTC. Of
    conversations, those in Spam and those merged into others do not count; what is true of any one of them is true.
    """

    field: ConditionField
    attribute_id: str = ""
    activity: str = ""
    operator: ConditionOperator
    value: FieldValue | None = None


class SegmentChanged(Event):
    """A saved set of conditions over contacts, of `all` of which or of `any` one a contact must be."""

    segment_id: Id
    seq: int
    name: str
    match: Literal["all", "any"] = "all"
    conditions: tuple[Condition, ...] = ()
    created_by: str = ""
    active: bool = True


AWAY_REASONS = ("Break/Lunch", "Coaching", "In a meeting", "Other")


class DeskSettingsChanged(Event):
    """What is the same for the whole desk; there is one, "desk". `away_reasons` are offered to who goes away."""

    settings_id: Id = "desk"
    seq: int
    away_reasons: tuple[str, ...] = AWAY_REASONS


class AppChanged(Event):
    """An app of an integrator's, shown beside conversations. "frame": their page; "card": what their server says about
    the customer, as JSON. Either is told by a signed context whom it is about (`docs/apps.md`). `brand_ids` empty: on
    every brand. `height` of a frame, in pixels."""

    app_id: Id
    seq: int
    name: str
    kind: Literal["frame", "card"] = "card"
    url: str
    brand_ids: tuple[str, ...] = ()
    height: int = 240
    active: bool = True


class MacroAction(Value):
    """What a macro does with the sending. `value`: the tag, the topic, a team's id, an agent's id or "me", for how many
    hours to snooze; empty for the others."""

    kind: Literal["tag", "untag", "topic", "priority", "team", "agent", "close", "snooze"]
    value: str = ""


class MacroText(Value):
    """A version of a macro that everybody uses."""

    version: int
    name: str
    html: str = ""
    actions: tuple[MacroAction, ...] = ()
    brand_ids: tuple[str, ...] = ()
    team_ids: tuple[str, ...] = ()


class MacroChanged(Event):
    """A text with {{variables}} that agents write with, and what happens when it is sent. `personal`: only who made it
    uses it. `brand_ids`, `team_ids` empty: on every brand, by every team.

    Everybody's are told as they are in force: `version`; with a `rollout`, only for the conversations that it takes,
    and `before` for the others, who have none of it when that is None."""

    macro_id: Id
    seq: int
    name: str
    html: str = ""
    actions: tuple[MacroAction, ...] = ()
    brand_ids: tuple[str, ...] = ()
    team_ids: tuple[str, ...] = ()
    personal: bool = False
    created_by: str = ""
    active: bool = True
    version: int | None = None
    rollout: Rollout | None = None
    before: MacroText | None = None
