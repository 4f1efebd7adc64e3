"""What happens on the Kafka topics of group `notifications.webhooks`: events become calls of endpoints.

Consumes every topic that the group reads (shared/topics.py); emits DeliverySent where a custom channel has no
endpoint, DeliveryFailed where it is switched off, WebhookRefused where a rule names an endpoint that is not called.
Key: conversation id. Idempotent by the event's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from services.notifications.model import Delivery, intend, outbound, report
from services.notifications.store import Intent as PlainIntent
from services.notifications.store import Store
from services.notifications.webhooks.events import Link, answers_for, asked_by, body_of, refusal, refused, wants
from services.notifications.webhooks.model import Call, Endpoint
from services.notifications.webhooks.sender import WebhookSender
from services.notifications.webhooks.store.calls import AT_ONCE, Calls, Intent
from services.notifications.webhooks.store.endpoints import Endpoints, Moved
from shared.clock import Clock
from shared.cloudevents import Received
from shared.contracts.automation import CustomEventEmitted
from shared.contracts.base import Event
from shared.contracts.common import Message
from shared.contracts.conversations import ConversationEvent
from shared.contracts.deliveries import DeliveryEvent
from shared.ids import derived
from shared.log import Cause

BYTES_AT_ONCE = 4 * 1024 * 1024
SWITCHED_OFF = "The endpoint was switched off when a rule called it."
OFF = "The webhook endpoint that answers for this channel is switched off."

Answer = tuple[ConversationEvent, Message]


class WebhookHandlers:
    """`link` gives a file's signed address."""

    def __init__(
        self, endpoints: Endpoints, calls: Calls, deliveries: Store, sender: WebhookSender, link: Link, clock: Clock
    ) -> None:
        self._endpoints = endpoints
        self._calls = calls
        self._deliveries = deliveries
        self._sender = sender
        self._link = link
        self._clock = clock

    async def on_events(self, batch: Sequence[Received[Event]]) -> None:
        """Writes in several transactions when many endpoints want much; each of them is whole by itself, so all is
        decided again when an endpoint that a rule names is another by then."""
        while True:
            try:
                return await self._decide(batch)
            except Moved:
                continue

    async def _decide(self, batch: Sequence[Received[Event]]) -> None:
        endpoints = await self._endpoints.all()
        answers = {one.id: found for one in batch if (found := _answer(one))}
        elsewhere = {one for one, found in answers.items() if answers_for(endpoints, found[0])}
        for intents in _some_at_once(
            self._intent(one, endpoints, answers[one.id] if one.id in elsewhere else None) for one in batch
        ):
            await self._accept(intents)
        alone = [one for one in batch if one.id in answers and one.id not in elsewhere]
        await self._deliveries.accept(
            [PlainIntent(Cause.of(one), *self._intend(one, answers[one.id], None)) for one in alone]
        )

    async def _accept(self, intents: Sequence[Intent]) -> None:
        """The nudge follows the transaction, on a second delivery too: a crash between the two is mended by that."""
        await self._calls.accept(intents)
        wanted = {call.endpoint_id for one in intents for call in one.calls}
        if wanted:
            await self._endpoints.nudge(sorted(wanted), self._clock())
            self._sender.nudge()

    def _intent(self, received: Received[Event], endpoints: Sequence[Endpoint], answer: Answer | None) -> Intent | None:
        """One event's calls: of the one that a rule named; else of those who subscribed, and of the one that carries it
        out as an answer."""
        if isinstance(received.data, CustomEventEmitted) and received.data.endpoint_id is not None:
            return self._named(received, received.data, endpoints)
        wanting = [one for one in endpoints if wants(one, received)]
        carrier = answers_for(endpoints, answer[0]) if answer else None
        if carrier is not None and carrier not in wanting:
            wanting.append(carrier)
        if not wanting:
            return None
        calls = [self._call(received, one) for one in wanting]
        delivery: Delivery | None = None
        events: tuple[DeliveryEvent, ...] = ()
        if answer and carrier:
            at = wanting.index(carrier)
            delivery, events, calls[at] = self._carried(received, answer, carrier, calls[at])
        return Intent(Cause.of(received), body_of(received, self._link), tuple(calls), delivery, events)

    def _named(self, received: Received[Event], event: CustomEventEmitted, endpoints: Sequence[Endpoint]) -> Intent:
        """A rule's call of one endpoint alone. One that is not made is told to the conversation."""
        endpoint = next((one for one in endpoints if one.id == event.endpoint_id), None)
        why = refusal(endpoint, event)
        cause, body, asked = Cause.of(received), body_of(received, self._link), asked_by(received, event)
        told = refused(asked, why, self._clock()) if why else None
        if endpoint is None or (why and not why.kept):
            return Intent(cause, body, (), refused=told)
        call = self._call(received, endpoint).model_copy(update={"asked": asked})
        if why:
            call = call.model_copy(update={"state": "dead", "reason": SWITCHED_OFF})
        return Intent(cause, body, (call,), refused=told, named=endpoint)

    def _call(self, received: Received[Event], endpoint: Endpoint) -> Call:
        """The lane is the endpoint's queue of this key on this Kafka topic."""
        now = self._clock()
        key = (received.record.key or b"").decode("utf-8", "replace") or received.subject
        return Call(
            id=derived("webhook", endpoint.id, received.id),
            endpoint_id=endpoint.id,
            lane=derived("lane", endpoint.id, received.record.topic, key),
            place=0,
            event_id=received.id,
            event_type=received.type,
            subject=received.subject,
            created_at=now,
            updated_at=now,
        )

    def _carried(
        self, received: Received[Event], answer: Answer, carrier: Endpoint, call: Call
    ) -> tuple[Delivery, tuple[DeliveryEvent, ...], Call]:
        """An agent's answer on its way to the channel's endpoint; failed at once when that is switched off."""
        delivery, _ = self._intend(received, answer, call.id)
        call = call.model_copy(update={"delivery_id": delivery.id})
        if carrier.state == "active":
            return delivery, (), call
        now = self._clock()
        failed, events = report(delivery, state="failed", attempt=0, reason=OFF, retry_at=None, now=now)
        return failed, events, call.model_copy(update={"state": "dead", "reason": OFF})

    def _intend(
        self, received: Received[Event], answer: Answer, webhook_id: str | None
    ) -> tuple[Delivery, tuple[DeliveryEvent, ...]]:
        event, message = answer
        return intend(
            event,
            message,
            sender=None,
            message_id=None,
            correlation_id=received.correlation_id,
            traceparent=received.traceparent,
            now=self._clock(),
            webhook_id=webhook_id,
        )


def _answer(received: Received[Event]) -> Answer | None:
    """A message of ours on a custom channel."""
    found = outbound(received.data)
    return found if found and found[0].head.channel == "custom" else None


def _some_at_once(intents: Iterable[Intent | None]) -> Iterator[list[Intent]]:
    """What one transaction takes, as it is made: neither too many calls nor too many bytes."""
    some: list[Intent] = []
    calls = size = 0
    for one in intents:
        if one is None:
            continue
        some.append(one)
        calls, size = calls + len(one.calls), size + len(one.body)
        if calls >= AT_ONCE or size >= BYTES_AT_ONCE:
            yield some
            some, calls, size = [], 0, 0
    if some:
        yield some
