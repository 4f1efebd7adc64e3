"""The registry says one thing only: names, owners, groups and types fit together."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from shared.contracts.base import Event
from shared.topics import BY_NAME, ENDPOINTS, EVENT_TYPES, TOPICS, Owner, Topic, read_by

EACH = pytest.mark.parametrize("topic", TOPICS, ids=[topic.name for topic in TOPICS])
SERVICES = set(get_args(Owner)) - {"integrations"}


@EACH
def test_a_name_is_owner_plural_and_version(topic: Topic) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z]+\.v[1-9]\d*", topic.name)
    assert topic.name.split(".")[0] == topic.owner


@EACH
def test_a_group_is_service_and_purpose_and_never_the_owners_own(topic: Topic) -> None:
    for group in topic.groups:
        assert re.fullmatch(r"[a-z]+\.[a-z]+", group)
        # What is shown live goes one way, what notifications itself has to tell as well.
        assert group == "notifications.live" or group.split(".")[0] in SERVICES - {topic.owner}
    assert len(set(topic.groups)) == len(topic.groups)


@EACH
def test_every_group_has_dead_letters_of_its_own(topic: Topic) -> None:
    names = [topic.dead_letters(group) for group in topic.groups]
    assert all(name == f"{topic.name}.{group}.dlq" for name, group in zip(names, topic.groups, strict=True))
    assert not set(names) & set(BY_NAME)


@EACH
def test_a_compacted_topic_is_read_without_a_group_and_what_is_kept_for_ever_can_be_told_again(topic: Topic) -> None:
    assert (topic.retention_ms is None) == (topic.compacted or topic is ENDPOINTS)
    assert topic.retention_ms is not None or topic.compacted or topic.never_forgotten
    assert not (topic.compacted and topic.groups)


@EACH
def test_events_are_in_the_past_tense_and_of_no_other_topic(topic: Topic) -> None:
    for event in topic.events:
        assert re.search(r"(ed|Sent|Woken|Left|Met)$", event.__name__), event.__name__
        assert [other.name for other in TOPICS if event in other.events] == [topic.name]


def test_every_event_that_is_written_down_is_registered() -> None:
    registered = {event for topic in TOPICS for event in topic.events}
    written = {event for event in _descendants(Event) if event.__module__.startswith("shared.contracts")}
    # A service may say more of one where it takes it by HTTP.
    assert {event for event in written if written.isdisjoint(event.__subclasses__())} == registered


def test_types_and_names_are_unique() -> None:
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)
    assert len({type_ for _, type_ in EVENT_TYPES}) == len(EVENT_TYPES)
    assert all(re.fullmatch(r"switchboard\.[a-z]+\.[A-Za-z]+\.v[1-9]\d*", type_) for _, type_ in EVENT_TYPES)


def test_a_group_finds_its_topics_and_a_stranger_none() -> None:
    assert [topic.name for topic in read_by("tickets.conversations")] == [
        "ingest.messages.v1",
        "routing.decisions.v1",
        "notifications.deliveries.v1",
    ]
    assert read_by("nobody.nothing") == ()


def _descendants(model: type[Event]) -> set[type[Event]]:
    return {one for child in model.__subclasses__() for one in {child} | _descendants(child)}
