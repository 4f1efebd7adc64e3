"""Messages of custom channels and product activity, from `integrations.inbound.v1` and by HTTP.

Consumes MessagePosted and ActivityPosted, emits MessageReceived (key: conversation) and ActivityRecorded (key: the
customer's handle); idempotent by the CloudEvent's source and id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.ingest.channels import activity, custom
from services.ingest.channels.email.words import clean_line
from services.ingest.handlers.intake import Intake, labelled
from services.ingest.model.arrival import Accepted, Arrival, Decision, Draft, custom_input_id, entry_id
from shared.cloudevents import Received
from shared.contracts.base import Event
from shared.contracts.integrations import ActivityPosted, MessagePosted
from shared.errors import DomainError, FieldError, Invalid, Transient

ACTIVITY_ACCOUNT = "activity"


class Custom:
    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def on_batch(self, batch: Sequence[Received[Event]]) -> None:
        """One batch of the topic in one transaction. What cannot be accepted is kept in `rejected` with the reason."""
        drafts: list[Draft] = []
        for one in batch:
            try:
                drafts.append(await self.draft(one))
            except DomainError as error:
                await self.reject(one, error)
        if drafts:
            await self._intake.store.accept(drafts)

    async def accept(self, one: Received[Event]) -> Accepted:
        """One event by HTTP. Raises Invalid, after keeping it, when it cannot be accepted."""
        (accepted,) = await self.accept_each([one])
        if isinstance(accepted, DomainError):
            raise accepted
        return accepted

    async def accept_each(self, batch: Sequence[Received[Event]]) -> list[Accepted | DomainError]:
        """Events by HTTP, all that can be accepted in one transaction; in their order, why not for each of the
        others. Those are kept, but for activity that is wrong in itself: no replay could take it, and who sent it has
        it."""
        drafts: dict[int, Draft] = {}
        refused: dict[int, DomainError] = {}
        for n, one in enumerate(batch):
            try:
                drafts[n] = await self.draft(one)
            except DomainError as error:
                refused[n] = error
        accepted = dict(zip(drafts, await self._intake.store.accept(list(drafts.values())), strict=True))
        for n, why in refused.items():
            if why.code != activity.NEVER:
                await self.reject(batch[n], why)
        return [refused[n] if n in refused else accepted[n] for n in range(len(batch))]

    async def draft(self, one: Received[Event]) -> Draft:
        """Raises Invalid when it cannot be accepted as it is."""
        match one.data:
            case MessagePosted() as posted:
                return await self._message(one, posted)
            case ActivityPosted() as done:
                return self._activity(one, done)
        raise TypeError(f"{type(one.data).__name__} is on {one.record.topic}, but nobody handles it")

    def _need_brand(self, brand_id: str) -> None:
        brand = self._intake.directory.brands.get(brand_id)
        if brand is None or not brand.active:
            waits = self._intake.directory.missing()
            if waits is not None:
                raise Transient(waits)
            raise Invalid(
                "unknown_brand",
                f"There is no brand with the id {clean_line(brand_id, 100)!r}.",
                (FieldError("data.brand", "use the id of a brand, as the directory names it"),),
            )

    async def _message(self, one: Received[Event], posted: MessagePosted) -> Draft:
        intake = self._intake
        self._need_brand(posted.brand)
        input_id = custom_input_id(one.source, one.id)
        at = intake.clock()
        kept = custom.files_of(posted)
        hashes = await intake.keep_bytes(kept)
        files = tuple(labelled(file, sha256) for file, sha256 in zip(kept, hashes, strict=True))
        event = custom.received(posted, input_id, files, at)
        decision = Decision(event.conversation_id, event.message.entry_id, (event,), files)
        return Draft(_arrival(one, input_id, posted.channel, posted.brand, at), lambda _: decision)

    def _activity(self, one: Received[Event], posted: ActivityPosted) -> Draft:
        """It belongs to no conversation: whose customer did it, tickets finds out."""
        self._need_brand(posted.brand)
        input_id, at = custom_input_id(one.source, one.id), self._intake.clock()
        decision = Decision("", entry_id(input_id), (activity.recorded(posted, input_id, at),))
        return Draft(_arrival(one, input_id, ACTIVITY_ACCOUNT, posted.brand, at), lambda _: decision)

    async def reject(self, one: Received[Event], error: DomainError) -> None:
        await self._intake.rejected.keep(
            "custom", error.code, error.message, one.record.value or b"", "application/json", _envelope(one),
            self._intake.clock(),
        )  # fmt: skip


def _arrival(one: Received[Event], input_id: str, account: str, brand_id: str, at: datetime) -> Arrival:
    return Arrival(
        id=input_id,
        channel="custom",
        account=account,
        brand_id=brand_id,
        received_at=at,
        raw=one.record.value or b"",
        content_type="application/json",
        envelope=_envelope(one),
        correlation_id=one.correlation_id,
        traceparent=one.traceparent,
    )


def _envelope(one: Received[Event]) -> dict[str, str]:
    """What a replay needs beside the value: the CloudEvent's attributes. Structured mode has them in the value too."""
    attributes = {"ce_id": one.id, "ce_source": one.source, "ce_type": one.type, "ce_subject": one.subject}
    structured = dict(one.record.headers).get("content-type") or b""
    return {**attributes, "content-type": structured.decode("latin-1")[:200]}
