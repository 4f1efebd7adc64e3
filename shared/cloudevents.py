"""CloudEvents 1.0 on Kafka: binary mode both ways, structured mode accepted.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
Reading never raises anything but `InvalidMessage`, whatever the bytes are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from shared.contracts.base import Event
from shared.errors import InvalidMessage
from shared.topics import EVENT_TYPES, Topic

E = TypeVar("E", bound=Event, covariant=True)
Headers = Sequence[tuple[str, bytes | None]]
STRUCTURED = "application/cloudevents+json"
REPUBLISHED = "ce_republished"
"""An extension of ours, present ("true") on what is published from a log once more (`shared.republish`)."""
_LAST_MS = 253_402_300_799_000
"""The end of the year 9999, the last that `datetime` knows."""


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record as it came, before anybody believed it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class Received(Generic[E]):
    """A record that was understood. `id` identifies the input: with `source` for events from outside."""

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    sequence: int | None
    correlation_id: str
    causation_id: str
    traceparent: str
    data: E
    record: Record

    @property
    def republished(self) -> bool:
        """It may be old news: whoever shows it to people needs not."""
        return any(name == REPUBLISHED for name, _ in self.record.headers)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A well-formed event of a type that this reader does not know: counted and passed over."""

    type: str


class _Structured(BaseModel):
    model_config = ConfigDict(extra="allow")
    specversion: str
    id: str
    source: str
    type: str
    subject: str = ""
    time: AwareDatetime | None = None
    data: JsonValue = None


def encode_headers(
    *,
    id: str,
    type: str,
    source: str,
    subject: str,
    time: datetime,
    sequence: int,
    correlation_id: str,
    causation_id: str,
    traceparent: str,
) -> list[tuple[str, bytes]]:
    """Binary-mode headers. `sequence` is the `sequence` extension; traceparent is W3C Trace Context's."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", id.encode()),
        ("ce_type", type.encode()),
        ("ce_source", source.encode()),
        ("ce_subject", subject.encode()),
        ("ce_time", time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()),
        ("ce_sequence", str(sequence).encode()),
        ("ce_correlationid", correlation_id.encode()),
        ("ce_causationid", causation_id.encode()),
        ("content-type", b"application/json"),
    ]
    if traceparent:
        headers.append(("traceparent", traceparent.encode()))
    return headers


def decode(record: Record, topic: Topic) -> Received[Event] | Unknown:
    """Understand one record of `topic` or raise `InvalidMessage` with the reason (never the content)."""
    if record.value is None:
        raise InvalidMessage("null value")
    headers = _headers(record.headers)
    if headers.get("content-type", "").startswith(STRUCTURED):
        attributes, body = _structured(record.value)
    else:
        attributes, body = headers, record.value
    for required in ("ce_id", "ce_type", "ce_source"):
        if not attributes.get(required):
            raise InvalidMessage(f"header {required} is missing")
    if attributes.get("ce_specversion", "1.0") != "1.0":
        raise InvalidMessage("ce_specversion is not 1.0")
    type_ = attributes["ce_type"]
    model = EVENT_TYPES.get((topic.name, type_))
    if model is None:
        return Unknown(type_)
    try:
        data = model.read(body)
    except ValidationError as error:
        raise InvalidMessage(f"{type_}: {where(error)}") from error
    except ValueError as error:  # not UTF-8, or numbers out of range
        raise InvalidMessage(f"{type_}: not readable as JSON") from error
    return Received(
        id=attributes["ce_id"],
        type=type_,
        source=attributes["ce_source"],
        subject=attributes.get("ce_subject", ""),
        time=_time(attributes.get("ce_time", ""), record.timestamp_ms),
        sequence=_whole(attributes.get("ce_sequence", "")),
        correlation_id=attributes.get("ce_correlationid", "") or attributes["ce_id"],
        causation_id=attributes.get("ce_causationid", ""),
        traceparent=headers.get("traceparent", ""),
        data=data,
        record=record,
    )


def said(record: Record, header: str) -> str:
    """A header of a record that nobody has understood, for a log line: its text, "" when it has none."""
    found = next((value for name, value in record.headers if name == header and value), b"")
    return found[:200].decode(errors="replace")


def where(error: ValidationError) -> str:
    """The places and kinds of a validation error, without the offending values."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(str(part) for part in one['loc']) or 'body'}: {_kind(one)}" for one in found[:5])


def _kind(error: ErrorDetails) -> str:
    # This one message of pydantic's quotes what was sent.
    return "unknown kind" if error["type"] == "union_tag_invalid" else error["msg"]


def _headers(raw: Headers) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in raw:
        if value is None:
            if name.startswith("ce_"):
                raise InvalidMessage(f"header {name} is null")
            continue
        try:
            headers[name.lower()] = value.decode()
        except UnicodeDecodeError:
            if name.startswith("ce_"):
                raise InvalidMessage(f"header {name} is not UTF-8") from None
    return headers


def _structured(value: bytes) -> tuple[Mapping[str, str], bytes]:
    try:
        event = _Structured.model_validate(from_json(value))
    except ValueError as error:
        reason = where(error) if isinstance(error, ValidationError) else "not JSON"
        raise InvalidMessage(f"structured CloudEvent: {reason}") from error
    attributes = {
        "ce_specversion": event.specversion,
        "ce_id": event.id,
        "ce_source": event.source,
        "ce_type": event.type,
        "ce_subject": event.subject,
        "ce_time": event.time.isoformat() if event.time else "",
    }
    extensions = {f"ce_{name}": value for name, value in (event.model_extra or {}).items() if isinstance(value, str)}
    return {**extensions, **attributes}, to_json(event.data)


def _time(text: str, timestamp_ms: int) -> datetime:
    """The attribute, else the record's own time, which a producer may set to anything too."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(min(max(timestamp_ms, 0), _LAST_MS) / 1000, UTC)


def _whole(text: str) -> int | None:
    """Only what fits 64 bits: Python refuses to read more than 4,300 digits, MongoDB to keep more than 19."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
