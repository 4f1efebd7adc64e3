"""Actions of a rule that reach beyond the conversation: colleagues, the customer, tickets, other systems."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from services.routing.rules.scalars import Scalar
from shared.contracts.base import Id, Value
from shared.contracts.routing import NotifyWhom

Long = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Named = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]


class Fill(Value):
    """A value, or the name of the field that it is taken from (`field`); exactly one of the two."""

    model_config = ConfigDict(title="Value")

    id: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(title="Of")
    value: Scalar | None = Field(default=None, title="Value")
    field: str | None = Field(default=None, title="Taken from the field")


class Notify(Value):
    """Tell colleagues, once, as they like to be told. `to`: the conversation's assignee, its followers, its team, or
    those of its team who may assign others' conversations."""

    model_config = ConfigDict(title="Notify colleagues")

    kind: Literal["notify"] = "notify"
    text: Long = Field(title="What they are told")
    to: Annotated[tuple[NotifyWhom, ...], Field(max_length=4)] = Field(default=(), title="Who, by their part in it")
    agent_ids: Annotated[tuple[Id, ...], Field(max_length=50)] = Field(default=(), title="Agents")
    team_ids: Annotated[tuple[Id, ...], Field(max_length=20)] = Field(default=(), title="Teams")


class AnswerWith(Value):
    """Send the customer a macro's text, marked as automatic; at most one automatic reply per sender and hour, and none
    to automatic mail. Who is not known as a user gets one only when it says nothing about them."""

    model_config = ConfigDict(title="Reply with a macro")

    kind: Literal["send_macro"] = "send_macro"
    macro_id: Id = Field(title="Macro")


class MakeTicket(Value):
    """A back-office ticket, linked to the conversation. Where its type allows only one and there is one, that one is
    linked."""

    model_config = ConfigDict(title="Create a ticket")

    kind: Literal["create_ticket"] = "create_ticket"
    type_id: Id = Field(title="Ticket type")
    title: Annotated[str, StringConstraints(max_length=200)] = Field(default="", title="Title")
    fields: Annotated[tuple[Fill, ...], Field(max_length=100)] = Field(default=(), title="Form")


class Track(Value):
    """One more report of a tracker."""

    model_config = ConfigDict(title="Link to a tracker")

    kind: Literal["link_tracker"] = "link_tracker"
    tracker_id: Id = Field(title="Tracker")


class Emit(Value):
    """An event of your own on `tickets.conversations.v1` (CustomEventEmitted), for integrations and webhooks."""

    model_config = ConfigDict(title="Emit an event")

    kind: Literal["emit_event"] = "emit_event"
    name: Named = Field(title="Name, such as order.late")
    attributes: Annotated[tuple[Fill, ...], Field(max_length=20)] = Field(default=(), title="Attributes")


class Call(Value):
    """The same event for one webhook endpoint alone, whatever it subscribes to. It is called as for every other event:
    signed, in the conversation's order, again until it is taken. What cannot be told it is said in the conversation."""

    model_config = ConfigDict(title="Call a webhook")

    kind: Literal["call_webhook"] = "call_webhook"
    endpoint_id: Id = Field(title="Webhook")
    name: Named = Field(title="Name, such as order.late")
    attributes: Annotated[tuple[Fill, ...], Field(max_length=20)] = Field(default=(), title="Attributes")


class Block(Value):
    """What the customer writes from now on goes to Spam and wakes nobody, on every brand, until somebody unblocks them.
    `reason`: for who judges it later."""

    model_config = ConfigDict(title="Block the customer")

    kind: Literal["block"] = "block"
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = Field(title="Why")


Outward = Notify | AnswerWith | MakeTicket | Track | Emit | Call | Block
