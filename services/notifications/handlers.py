"""What happens on `tickets.conversations.v1` for group `notifications.deliveries`: our messages become deliveries.

Needs MongoDB alone: a mail must not wait for Redis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from services.notifications.mail import sender_of
from services.notifications.model import beside, intend, outbound
from services.notifications.store import Intent, Store
from shared.clock import Clock
from shared.cloudevents import Received
from shared.contracts.base import Event
from shared.contracts.common import Address, Message
from shared.contracts.conversations import ConversationEvent
from shared.directory import Directory
from shared.errors import Transient
from shared.log import Cause
from shared.signing import MessageRef, Signer


class DeliveryHandlers:
    """`nudge` wakes the sender."""

    def __init__(
        self, store: Store, directory: Directory, signer: Signer, clock: Clock, nudge: Callable[[], None]
    ) -> None:
        self._store = store
        self._directory = directory
        self._signer = signer
        self._clock = clock
        self._nudge = nudge

    async def on_conversation_events(self, batch: Sequence[Received[Event]]) -> None:
        """Consumes ConversationStarted, ReplySent, SideStarted, SideReplySent; emits DeliverySent where the event
        itself delivers.

        Key: conversation id. Idempotent by the event's id. Other events have no effect here.
        """
        intents = [intent for received in batch if (intent := await self._intent(received))]
        if await self._store.accept(intents):
            self._nudge()

    async def _intent(self, received: Received[Event]) -> Intent | None:
        found = outbound(received.data)
        if found is not None and found[0].head.channel == "custom":
            return None  # services.notifications.webhooks answers on custom channels
        found = found or beside(received.data)
        if found is None:
            return None
        event, message = found
        sender = sender_of(self._directory.brands, event.head.brand_id)
        if sender is None and (why := self._directory.missing()):
            raise Transient(why)
        delivery, events = intend(
            event,
            message,
            sender=sender,
            message_id=self._message_id(event, message, sender),
            correlation_id=received.correlation_id,
            traceparent=received.traceparent,
            now=self._clock(),
        )
        return Intent(Cause.of(received), delivery, events)

    def _message_id(self, event: ConversationEvent, message: Message, sender: Address | None) -> str | None:
        """Only for a message that came without one: tickets signs it when it decides."""
        if message.message_id or sender is None:
            return message.message_id
        try:
            ref = MessageRef(str(UUID(event.conversation_id)), str(UUID(message.entry_id)))
        except ValueError:
            return None
        return self._signer.message_id(ref, sender.address.rpartition("@")[2])
