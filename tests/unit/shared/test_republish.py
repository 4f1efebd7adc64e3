"""What is told again: the service's own topics, the directory first and whole, others as far back as is harmless."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.republish import owned, reach, wanted
from shared.settings import Settings
from shared.topics import (
    ACCOUNTS,
    ACTIVITY,
    AGENTS,
    ARTIFACTS,
    AUDIT,
    CONTACTS,
    CONVERSATIONS,
    DIRECTORY,
    ENDPOINTS,
    MESSAGES,
    TICKETS,
    Topic,
)

NEWEST = datetime(2026, 5, 1, tzinfo=UTC)
FLOOR = NEWEST - timedelta(days=20)


def test_the_directory_comes_first_and_nobody_elses_topics_come_at_all() -> None:
    assert owned("tickets") == (DIRECTORY, CONVERSATIONS, TICKETS, CONTACTS, AUDIT, ACCOUNTS)
    assert owned("ingest") == (MESSAGES, ACTIVITY, AGENTS)
    assert owned("tickets", ["tickets.contacts.v1"]) == (CONTACTS,)
    assert owned("ingest", ["tickets.contacts.v1"]) == ()


@pytest.mark.parametrize(("applied_days", "days"), [(60, 23), (67, 30), (400, 30), (37, 0), (1, 0)])
def test_nothing_outlives_its_readers_memory(settings: Settings, applied_days: int, days: int) -> None:
    """Kept 30 days and a segment of 7 more from now on, and remembered by its readers from when it was applied."""
    told = settings.model_copy(update={"applied_days": applied_days})
    assert reach(told, CONVERSATIONS) == timedelta(days=days)


@pytest.mark.parametrize("topic", [ARTIFACTS, AUDIT], ids=lambda topic: topic.name)
def test_what_no_reader_forgets_is_told_as_far_back_as_it_is_kept(settings: Settings, topic: Topic) -> None:
    assert reach(settings, topic) == timedelta(days=365)


@pytest.mark.parametrize("topic", [DIRECTORY, ENDPOINTS], ids=lambda topic: topic.name)
def test_what_is_kept_for_ever_is_told_whole(topic: Topic) -> None:
    assert wanted(topic, FLOOR, FLOOR, NEWEST)["logged_at"] == {"$lte": NEWEST}


def test_a_topic_is_told_from_its_floor_or_later() -> None:
    assert wanted(CONVERSATIONS, FLOOR, None, NEWEST)["logged_at"] == {"$gte": FLOOR, "$lte": NEWEST}
    later = FLOOR + timedelta(days=1)
    assert wanted(CONVERSATIONS, FLOOR, later, NEWEST)["logged_at"] == {"$gte": later, "$lte": NEWEST}
    assert wanted(CONVERSATIONS, later, FLOOR, NEWEST)["logged_at"] == {"$gte": later, "$lte": NEWEST}


def test_the_directory_is_told_whole() -> None:
    assert wanted(DIRECTORY, FLOOR, FLOOR, NEWEST) == {"topic": DIRECTORY.name, "logged_at": {"$lte": NEWEST}}
