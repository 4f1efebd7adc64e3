"""Messages of custom channels, from `integrations.inbound.v1` and by HTTP.

Consumes MessagePosted, emits MessageReceived; key: conversation; idempotent by the CloudEvent's source and id.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.ingest.channels import custom
from services.ingest.channels.email.words import clean_line
from services.ingest.handlers.intake import Intake, labelled
from services.ingest.model.arrival import Accepted, Arrival, Decision, Draft, custom_input_id
from shared.cloudevents import Received
from shared.contracts.base import Event
from shared.contracts.integrations import MessagePosted
from shared.errors import DomainError, FieldError, Invalid, Transient


class Custom:
    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def on_batch(self, batch: Sequence[Received[Event]]) -> None:
        """One batch of the topic in one transaction. What cannot be accepted is kept in `rejected` with the reason."""
        drafts: list[Draft] = []
        for one in batch:
            if not isinstance(one.data, MessagePosted):
                continue
            try:
                drafts.append(await self.draft(one, one.data))
            except DomainError as error:
                await self.reject(one, error)
        if drafts:
            await self._intake.store.accept(drafts)

    async def accept(self, one: Received[Event]) -> Accepted:
        """One event by HTTP. Raises Invalid, after keeping it, when it cannot be accepted."""
        if not isinstance(one.data, MessagePosted):
            raise Invalid("unknown_event", "Only switchboard.integrations.MessagePosted.v1 is read here.")
        try:
            draft = await self.draft(one, one.data)
        except DomainError as error:
            await self.reject(one, error)
            raise
        (accepted,) = await self._intake.store.accept([draft])
        return accepted

    async def draft(self, one: Received[Event], posted: MessagePosted) -> Draft:
        intake = self._intake
        brand = intake.directory.brands.get(posted.brand)
        if brand is None or not brand.active:
            waits = intake.directory.missing()
            if waits is not None:
                raise Transient(waits)
            raise Invalid(
                "unknown_brand",
                f"There is no brand with the id {clean_line(posted.brand, 100)!r}.",
                (FieldError("data.brand", "use the id of a brand, as the directory names it"),),
            )
        input_id = custom_input_id(one.source, one.id)
        at = intake.clock()
        kept = custom.files_of(posted)
        hashes = await intake.keep_bytes(kept)
        files = tuple(labelled(file, sha256) for file, sha256 in zip(kept, hashes, strict=True))
        event = custom.received(posted, input_id, files, at)
        arrival = Arrival(
            id=input_id,
            channel="custom",
            account=posted.channel,
            brand_id=posted.brand,
            received_at=at,
            raw=one.record.value or b"",
            content_type="application/json",
            envelope=_envelope(one),
            correlation_id=one.correlation_id,
            traceparent=one.traceparent,
        )
        decision = Decision(event.conversation_id, event.message.entry_id, (event,), files)
        return Draft(arrival, lambda _: decision)

    async def reject(self, one: Received[Event], error: DomainError) -> None:
        await self._intake.rejected.keep(
            "custom", error.code, error.message, one.record.value or b"", "application/json", _envelope(one),
            self._intake.clock(),
        )  # fmt: skip


def _envelope(one: Received[Event]) -> dict[str, str]:
    """What a replay needs beside the value: the CloudEvent's attributes. Structured mode has them in the value too."""
    attributes = {"ce_id": one.id, "ce_source": one.source, "ce_type": one.type, "ce_subject": one.subject}
    structured = dict(one.record.headers).get("content-type") or b""
    return {**attributes, "content-type": structured.decode("latin-1")[:200]}
