"""Cursors and places that came back from outside: ours, or refused; never another error."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import bson
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.cursor import cursor_of, read_cursor
from services.notifications.live.replay import id_of, place_of
from shared.errors import Invalid

TIMES = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))


@given(TIMES, st.text(min_size=1, max_size=50).filter(lambda one: one.isprintable()))
def test_a_cursor_of_ours_reads_back(at: datetime, row_id: str) -> None:
    assert read_cursor(cursor_of(at, row_id)) == (at, row_id)


@given(st.text(max_size=300) | st.binary(max_size=200).map(lambda one: base64.urlsafe_b64encode(one).decode()))
@settings(max_examples=500)
def test_any_other_is_refused_or_fits_a_query(cursor: str) -> None:
    try:
        at, row_id = read_cursor(cursor)
    except Invalid:
        return
    bson.encode({"created_at": {"$lt": at}, "_id": {"$lt": row_id}})


@given(st.sampled_from(["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-01-01", "2026-01-01T00:00:00"]))
def test_times_at_the_ends_of_the_calendar_are_refused(at: str) -> None:
    cursor = base64.urlsafe_b64encode(f"{at} x".encode()).decode()
    try:
        bson.encode({"at": read_cursor(cursor)[0]})
    except Invalid:
        return


@given(st.text(max_size=60))
@settings(max_examples=500)
def test_a_place_in_the_stream_is_ours_or_none(text: str) -> None:
    place = place_of(text)
    if place is not None:
        assert place_of(id_of(place)) == place
