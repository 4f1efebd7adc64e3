"""What `tickets.conversations.v1` says of what the customer did in a brand's product."""

from __future__ import annotations

from shared.contracts.activity import Activity
from shared.contracts.conversations import ConversationEvent


class CustomerActed(ConversationEvent):
    """The customer did something in the product while this was their newest conversation that is not closed. It is not
    of the conversation: it neither wakes it nor moves it up."""

    activity: Activity
