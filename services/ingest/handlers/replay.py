"""A rejected input is tried again, after somebody mended what was wrong, by the same functions as the first time."""

from __future__ import annotations

import json
from typing import Any

from services.ingest.handlers.calls import accept_webhook
from services.ingest.handlers.custom import Custom
from services.ingest.handlers.intake import Intake
from services.ingest.handlers.mail import accept_mail
from services.ingest.store import RejectedRow
from shared.cloudevents import Received, Record, Unknown, decode
from shared.contracts.base import Event
from shared.errors import Invalid, InvalidMessage, NotFound
from shared.topics import INTEGRATIONS


async def replay(intake: Intake, rejected_id: str) -> str:
    """The id of the input that it became. Raises NotFound, or the reason why it is still refused (Invalid)."""
    row = await intake.rejected.find(rejected_id)
    raw = await intake.rejected.raw(rejected_id)
    if row is None or raw is None:
        raise NotFound("unknown_input", "There is no rejected input with this id.")
    input_id = await _again(intake, row, raw)
    await intake.rejected.replayed(rejected_id, input_id, intake.clock())
    return input_id


async def _again(intake: Intake, row: RejectedRow, raw: bytes) -> str:
    if row.channel == "email":
        named = [one for one in row.envelope.get("rcpt", "").split(",") if one]
        return (await accept_mail(intake, raw, named, row.envelope))[0].input_id
    if row.channel == "phone":
        payload: dict[str, Any] = json.loads(raw)
        outcome = await accept_webhook(intake, payload, raw, keep=False)
        if outcome.accepted is None:
            raise Invalid("still_rejected", outcome.reason)
        return outcome.accepted.input_id
    return (await Custom(intake).accept(event_of(raw, row.envelope))).input_id


def event_of(raw: bytes, headers: dict[str, str]) -> Received[Event]:
    """A CloudEvent that came by HTTP or is replayed, as if it had come by Kafka. Raises Invalid with the place."""
    record = Record(
        topic=INTEGRATIONS.name,
        partition=-1,
        offset=-1,
        key=None,
        value=raw,
        headers=[(name, value.encode()) for name, value in headers.items() if value],
        timestamp_ms=0,
    )
    try:
        understood = decode(record, INTEGRATIONS)
    except InvalidMessage as error:
        raise Invalid("invalid_event", f"{error}.") from error
    if isinstance(understood, Unknown):
        raise Invalid("unknown_event", f"{understood.type[:200]!r} is not an event of {INTEGRATIONS.name}.")
    return understood
