"""A segment's conditions over conversations and activity as filters of MongoDB, over what `store.talk_work` keeps on
contacts.

`places` are the brands that somebody works for, or ALL: what they are told is of those conversations alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.tickets.model.talks import CONVERSATIONS, OPEN_TICKET, UNCLOSED, day_of
from services.tickets.store.talk_work import talked_key
from shared.contracts.directory import Condition
from shared.mongo import Document

EVERYBODY: Document = {}
NOBODY: Document = {"facets": {"$in": []}}

_KEYS = {
    "talked_on_channel": "channel",
    "talked_with_brand": "brand",
    "talked_about_topic": "topic",
    "talked_with_tag": "tag",
    "ticket_type": "ticket_type",
}
_NUMBERS = {"conversations": CONVERSATIONS, "unclosed_conversations": UNCLOSED}
_LATEST = {"last_wrote_at": "last_wrote", "last_answered_at": "last_answered"}


def talk_filter(one: Condition, places: Sequence[str], now: datetime) -> Document:
    if one.field in _KEYS:
        found = _has(f"{_KEYS[one.field]}:{one.value}", places)
        return found if one.operator == "is" else {"$nor": [found]}
    if one.field == "open_ticket":
        found = _has(OPEN_TICKET, places)
        return found if one.value else {"$nor": [found]}
    if one.field == "did":
        return _did(one, places, now)
    if one.field in _NUMBERS:
        return _number(_NUMBERS[one.field], one.operator, int(float(one.value or 0)), places)
    if one.operator in ("is_set", "is_empty"):
        found = _day(_LATEST.get(one.field, "first_wrote"), {"$gt": ""}, places)
        return found if one.operator == "is_set" else {"$nor": [found]}
    day = day_of(now - timedelta(days=float(one.value or 0))) if one.operator == "within_days" else str(one.value)
    if one.field in _LATEST:
        return _latest(_LATEST[one.field], day, places, before=one.operator == "before")
    return _first(day, places, before=one.operator == "before")


def _did(one: Condition, places: Sequence[str], now: datetime) -> Document:
    wanted: Document = {"name": one.activity.strip()}
    if one.operator in ("within_days", "not_within_days"):
        wanted["day"] = {"$gte": day_of(now - timedelta(days=float(one.value or 0)))}
    found = _day("did", {"$elemMatch": wanted}, places)
    return found if one.operator in ("within_days", "is_set") else {"$nor": [found]}


def _has(key: str, places: Sequence[str]) -> Document:
    return {"talked": {"$in": [talked_key(place, key) for place in places]}}


def _day(name: str, wanted: Document, places: Sequence[str]) -> Document:
    """In any of the places."""
    return {"talks": {"$elemMatch": {"place": {"$in": list(places)}, name: wanted}}}


def _latest(name: str, day: str, places: Sequence[str], *, before: bool) -> Document:
    """The latest of all places is on or after `day` when one of them is."""
    if before and len(places) == 1:
        return _day(name, {"$gt": "", "$lt": day}, places)
    since = _day(name, {"$gte": day}, places)
    return {"$and": [_day(name, {"$gt": ""}, places), {"$nor": [since]}]} if before else since


def _first(day: str, places: Sequence[str], *, before: bool) -> Document:
    """The first of all places is before `day` when one of them is."""
    if not before and len(places) == 1:
        return _day("first_wrote", {"$gte": day}, places)
    earlier = _day("first_wrote", {"$gt": "", "$lt": day}, places)
    return earlier if before else {"$and": [_day("first_wrote", {"$gt": ""}, places), {"$nor": [earlier]}]}


def _number(name: str, operator: str, value: int, places: Sequence[str]) -> Document:
    if operator == "greater":
        return _at_least(name, value + 1, places)
    if operator == "less":
        return {"$nor": [_at_least(name, value, places)]} if value > 0 else NOBODY
    return {"$and": [_at_least(name, value, places), {"$nor": [_at_least(name, value + 1, places)]}]}


def _at_least(name: str, least: int, places: Sequence[str]) -> Document:
    if least <= 0:
        return EVERYBODY
    if least == 1 and name == UNCLOSED:
        return _has(UNCLOSED, places)
    if least == 1 or len(places) == 1:
        found = _day(name, {"$gte": least}, places)
        # Few have something open, and an index says who.
        return {"$and": [_has(UNCLOSED, places), found]} if name == UNCLOSED else found
    theirs = {"$filter": {"input": {"$ifNull": ["$talks", []]}, "cond": {"$in": ["$$this.place", list(places)]}}}
    counts = {"$map": {"input": theirs, "in": f"$$this.{name}"}}
    return {"$expr": {"$gte": [{"$sum": counts}, least]}}
