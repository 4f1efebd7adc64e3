"""What was published once can be read for ever: golden examples of every version of every event."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from shared.cloudevents import Received, Record, Unknown, decode, encode_headers
from shared.contracts.base import Event
from shared.topics import BY_NAME, EVENT_TYPES, Topic
from tests.contracts.golden import FOLDER, Golden, file_of, goldens, missing_from, wanted

ALL = goldens()
EVENTS = [pytest.param(topic, event, id=topic.type_of(event)) for topic, event in wanted()]
EXAMPLES = [pytest.param(one, id=str(one)) for one in ALL]


@pytest.mark.parametrize(("topic", "event"), EVENTS)
def test_every_event_has_an_example(topic: Topic, event: type[Event]) -> None:
    path = file_of(topic, event)
    assert path.exists(), f"write a realistic example of {event.__name__} to {path.relative_to(FOLDER.parents[1])}"


@pytest.mark.parametrize("golden", EXAMPLES)
def test_an_example_is_of_a_registered_event(golden: Golden) -> None:
    assert golden.topic in BY_NAME, f"{golden.topic} was a Kafka topic once: its records are still out there"
    assert golden.model, f"{golden.type} is not registered any more: readers would pass its old records over"


@pytest.mark.parametrize("golden", EXAMPLES)
def test_an_example_loads_and_loses_nothing(golden: Golden) -> None:
    lost = missing_from(golden.json, _again(golden, golden.raw))
    assert not lost, f"{golden.type} does not read {', '.join(lost)} any more: make it a new version beside the old"


@pytest.mark.parametrize("golden", EXAMPLES)
def test_a_reader_ignores_fields_that_came_later(golden: Golden) -> None:
    later = _everywhere(golden.json)
    assert missing_from(golden.json, _again(golden, json.dumps(later))) == []


@pytest.mark.parametrize("golden", EXAMPLES)
def test_a_producer_cannot_publish_an_unknown_field(golden: Golden) -> None:
    assert golden.model
    golden.model.model_validate_json(golden.raw)
    with pytest.raises(ValidationError, match="a_field_of_the_future"):
        golden.model.model_validate(golden.json | {"a_field_of_the_future": 1})


@pytest.mark.parametrize("golden", EXAMPLES)
def test_an_example_without_a_required_field_is_refused(golden: Golden) -> None:
    """So a field that becomes required, or is renamed, cannot slip past the examples."""
    assert golden.model
    for name, field in golden.model.model_fields.items():
        if field.is_required():
            with pytest.raises(ValidationError, match=name):
                golden.model.read(json.dumps({key: value for key, value in golden.json.items() if key != name}))


def test_the_examples_together_show_every_field() -> None:
    """A field that is added later must be shown too, or nothing would hold it from then on."""
    shown: set[tuple[str, str]] = set()
    for golden in ALL:
        assert golden.model
        shown |= _shown(golden.model.read(golden.raw))
    for _, event in wanted():
        unseen = sorted(f"{model}.{name}" for model, name in _fields(event) - shown)
        assert not unseen, (
            f"no example shows {', '.join(unseen)}: add a file {event.__name__}.v{event.VERSION}.<what>.json that does "
            f"(never change a file that is there)"
        )


@pytest.mark.parametrize("golden", EXAMPLES)
def test_a_record_with_the_golden_headers_is_understood(golden: Golden) -> None:
    headers = _headers() | {"ce_type": golden.type}
    understood = decode(_record(golden.topic, golden.raw, headers), BY_NAME[golden.topic])
    assert isinstance(understood, Received)
    assert type(understood.data) is golden.model


def test_headers_are_written_as_they_always_were() -> None:
    golden = _headers()
    written = encode_headers(
        id=golden["ce_id"],
        type=golden["ce_type"],
        source=golden["ce_source"],
        subject=golden["ce_subject"],
        time=datetime.fromisoformat(golden["ce_time"]),
        sequence=int(golden["ce_sequence"]),
        correlation_id=golden["ce_correlationid"],
        causation_id=golden["ce_causationid"],
        traceparent=golden["traceparent"],
    )
    assert {name: value.decode() for name, value in written} == golden
    assert len(written) == len(golden)


def test_headers_are_read_as_they_always_were() -> None:
    golden = _headers()
    event = file_of(BY_NAME["tickets.conversations.v1"], _event("ConversationStarted"))
    understood = decode(
        _record("tickets.conversations.v1", event.read_bytes(), golden), BY_NAME["tickets.conversations.v1"]
    )
    assert isinstance(understood, Received)
    assert (understood.id, understood.type, understood.source) == (
        golden["ce_id"],
        golden["ce_type"],
        golden["ce_source"],
    )
    assert understood.time.isoformat(timespec="milliseconds").replace("+00:00", "Z") == golden["ce_time"]
    assert understood.sequence == 1
    assert (understood.correlation_id, understood.causation_id) == (
        golden["ce_correlationid"],
        golden["ce_causationid"],
    )
    assert (understood.subject, understood.traceparent) == (golden["ce_subject"], golden["traceparent"])


def test_a_type_of_a_later_version_is_unknown_rather_than_misread() -> None:
    headers = _headers() | {"ce_type": "switchboard.tickets.ConversationStarted.v2"}
    understood = decode(_record("tickets.conversations.v1", b"{}", headers), BY_NAME["tickets.conversations.v1"])
    assert understood == Unknown("switchboard.tickets.ConversationStarted.v2")


def test_the_guard_sees_a_field_that_was_removed_or_changed() -> None:
    """The checks above are only worth something when they fail on what they are for."""
    old = {"a": 1, "b": {"c": [1, {"d": 2}]}}
    assert missing_from(old, {"a": 1, "b": {"c": [1, {"d": 2, "new": 0}]}, "new": 0}) == []
    assert missing_from(old, {"b": {"c": [1, {"d": 2}]}}) == ["a"]
    assert missing_from(old, {"a": 1, "b": {"c": [1, {"d": 3}]}}) == ["b.c.1.d"]
    assert missing_from(old, {"a": 1, "b": {"c": [1]}}) == ["b.c"]


# ── the parts ────────────────────────────────────────────────────────────────────────────────────
def _again(golden: Golden, raw: bytes | str) -> Any:
    assert golden.model
    return json.loads(golden.model.read(raw).model_dump_json())


def _everywhere(value: Any) -> Any:
    """The same JSON with a field of the future in every object."""
    if isinstance(value, dict):
        return {key: _everywhere(inner) for key, inner in value.items()} | {"a_field_of_the_future": {"x": [1]}}
    return [_everywhere(one) for one in value] if isinstance(value, list) else value


def _headers() -> dict[str, str]:
    found: dict[str, str] = json.loads((FOLDER / "headers.v1.json").read_text())
    return found


def _record(topic: str, value: bytes, headers: dict[str, str]) -> Record:
    return Record(topic, 0, 0, b"key", value, [(name, text.encode()) for name, text in headers.items()], 0)


def _event(name: str) -> type[Event]:
    return next(event for event in EVENT_TYPES.values() if event.__name__ == name)


def _shown(value: Any) -> set[tuple[str, str]]:
    """(model, field) of what a JSON text really named, all the way down."""
    if isinstance(value, tuple | list):
        return {found for one in value for found in _shown(one)}
    if not isinstance(value, BaseModel):
        return set()
    found = {(type(value).__name__, name) for name in value.model_fields_set}
    return found.union(*(_shown(getattr(value, name)) for name in value.model_fields_set))


def _fields(model: type[BaseModel]) -> set[tuple[str, str]]:
    found = {(model.__name__, name) for name in model.model_fields}
    return found.union(
        *(_fields(inner) for field in model.model_fields.values() for inner in _models(field.annotation))
    )


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]
