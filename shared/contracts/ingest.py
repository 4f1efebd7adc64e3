"""`ingest.messages.v1`: what arrived, on any channel. Key: conversation id. Owner: ingest.

Every event names the input it came from (`input_id`, derived from the provider's own id, so that the
same input always makes the same event) and the conversation that it belongs to, fixed here for ever.
"""

from __future__ import annotations

from shared.contracts.base import Event, Id, Time
from shared.contracts.common import Call, CallStep, Channel, Handle, Message


class MessageReceived(Event):
    """A customer's message by email, chat or a custom channel.

    `account` is the address, messenger or custom channel it came in by.
    """

    input_id: Id
    conversation_id: Id
    brand_id: Id
    channel: Channel
    account: str
    sender: Handle
    message: Message


class SideMessageReceived(Event):
    """A mail that answers one of ours in a side conversation (our signed Message-ID says which). It is not the
    customer's, and never shown to them."""

    input_id: Id
    conversation_id: Id
    side_id: Id
    brand_id: Id
    account: str
    sender: Handle
    message: Message


class CallProgressed(Event):
    """A phone call took a step. `call` holds what this webhook knew; steps may come in any order."""

    input_id: Id
    conversation_id: Id
    brand_id: Id
    account: str
    caller: Handle
    step: CallStep
    call: Call
    at: Time


class BounceReceived(Event):
    """A delivery status notification (RFC 3464) about a message of ours.

    `entry_id` is the bounced message's, out of our signed Message-ID. `status` is the RFC 3463 code.
    """

    input_id: Id
    conversation_id: Id
    entry_id: Id
    recipient: str
    permanent: bool
    status: str = ""
    diagnostic: str = ""
    at: Time


class VisitorIdentified(Event):
    """A messenger visitor said who they are. `verified` only when the site's HMAC proved it."""

    input_id: Id
    conversation_id: Id
    brand_id: Id
    visitor_id: Id
    verified: bool
    name: str = ""
    email: str = ""
    external_id: str = ""
    at: Time
