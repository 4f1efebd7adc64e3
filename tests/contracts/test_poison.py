"""The gate's poison is tried on every Kafka topic that somebody reads, and nobody could take it for an event.

The gate itself shares no code with the services, so its list of topics is held to theirs here.
"""

from __future__ import annotations

import random

import pytest

from shared.cloudevents import Record, decode
from shared.errors import InvalidMessage
from shared.topics import BY_NAME, EVENT_TYPES, TOPICS
from tests.chaos.senders.poison import BIG, BIG_ONE_IN, KINDS, TYPES, choice, make


def test_every_topic_that_is_read_in_a_group_is_poisoned() -> None:
    assert set(TYPES) == {topic.name for topic in TOPICS if topic.groups}


@pytest.mark.parametrize("topic", TYPES)
def test_poison_says_that_it_is_an_event_of_its_topic(topic: str) -> None:
    assert (topic, TYPES[topic]) in EVENT_TYPES


@pytest.mark.parametrize("kind", [*KINDS, BIG])
@pytest.mark.parametrize("topic", TYPES)
def test_poison_cannot_be_read(topic: str, kind: str) -> None:
    value, headers = make(topic, kind, "poison-1", random.Random(1))
    with pytest.raises(InvalidMessage):
        decode(Record(topic, 0, 0, b"poison", value, headers, 0), BY_NAME[topic])


def test_soon_there_is_every_kind_and_in_the_end_each_on_every_topic() -> None:
    short = [choice(number) for number in range(50)]
    assert {kind for _, kind in short} == {*KINDS, BIG}
    assert {topic for topic, _ in short} == set(TYPES)
    whole = {choice(number) for number in range(BIG_ONE_IN * len(TYPES))}
    assert whole == {(topic, kind) for topic in TYPES for kind in (*KINDS, BIG)}
