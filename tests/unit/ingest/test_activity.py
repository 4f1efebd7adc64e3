"""What a product says that somebody did: read, refused with its place."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.ingest.api.activity import ActivityAnswer, ActivityBatch, PostedActivity
from services.ingest.channels.activity import AHEAD, recorded
from shared.contracts.activity import ATTRIBUTES_MAX, KEPT_FOR, TEXT_CHARS
from shared.contracts.integrations import ActivityPosted
from shared.errors import Invalid

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def given_as(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in attributes.items()]


def posted(**more: Any) -> ActivityPosted:
    said = {"brand": "b", "user": {"id": "u-1"}, "name": "Paid", "at": NOW.isoformat(), **more}
    return ActivityPosted.model_validate(said)


def test_who_it_was_is_written_as_contacts_are_known() -> None:
    user = {"id": "u-1", "email": " Ann@Shop.Example ", "phone": "0044 20 7946 0000", "name": " Ann \u202e Lee "}
    found = recorded(posted(user=user), "i", NOW)
    assert (found.external_id, found.email, found.phone) == ("u-1", "ann@shop.example", "+442079460000")
    assert found.person == "Ann Lee"
    assert found.key == "external:b:u-1"


@pytest.mark.parametrize(
    ("user", "key"),
    [
        ({"email": "ann@shop.example", "phone": "+442079460000"}, "email:ann@shop.example"),
        ({"phone": "+442079460000"}, "phone:+442079460000"),
    ],
)
def test_the_key_is_the_strongest_handle(user: dict[str, str], key: str) -> None:
    assert recorded(posted(user=user), "i", NOW).key == key


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"user": {"id": "u-1", "email": "nobody"}}, "data.user.email"),
        ({"user": {"id": "u-1", "email": "an\u200bn@shop.example"}}, "data.user.email"),
        ({"user": {"id": "u-1", "email": "a nn@shop.example"}}, "data.user.email"),
        ({"user": {"id": "u-1", "email": "<ann@shop.example>"}}, "data.user.email"),
        ({"user": {"phone": "12"}}, "data.user.phone"),
        ({"user": {"phone": "(310) 555-0142"}}, "data.user.phone"),
        ({"user": {"phone": "06 12345678"}}, "data.user.phone"),
        ({"user": {"id": "a\u200bnn"}}, "data.user.id"),
        ({"user": {"id": " ann"}}, "data.user.id"),
        ({"name": "\u200b\u200b"}, "data.name"),
        ({"at": (NOW + AHEAD + timedelta(seconds=1)).isoformat()}, "data.at"),
        ({"at": (NOW - KEPT_FOR).isoformat()}, "data.at"),
    ],
)
def test_what_cannot_be_taken_as_it_is_is_refused_with_its_place(more: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as refused:
        recorded(posted(**more), "i", NOW)
    assert [one.path for one in refused.value.fields] == [place]


def test_every_wrong_place_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        recorded(posted(user={"email": "x", "phone": "y"}, at=(NOW + timedelta(days=1)).isoformat()), "i", NOW)
    assert [one.path for one in refused.value.fields] == ["data.user.email", "data.user.phone", "data.at"]


@pytest.mark.parametrize(
    "more",
    [
        {"user": {}},
        {"user": {"name": "Ann"}},
        {"name": " "},
        {"at": "yesterday"},
        {"at": "2026-05-04T09:00:00"},
        {"attributes": given_as({"nested": {"a": 1}})},
        {"attributes": given_as({"list": [1]})},
        {"attributes": given_as({"none": None})},
        {"attributes": given_as({"$where": 1})},
        {"attributes": given_as({"a.b": 1})},
        {"attributes": given_as({"long": "x" * (TEXT_CHARS + 1)})},
        {"attributes": given_as({"endless": float("inf")})},
        {"attributes": given_as({"huge": 10**400})},
        {"attributes": [{"name": "plan", "value": 1}, {"name": "plan", "value": 2}]},
        {"attributes": {"plan": "yearly"}},
        {"attributes": given_as({f"a{n}": n for n in range(ATTRIBUTES_MAX + 1)})},
    ],
)
def test_what_is_of_another_shape_is_no_activity(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        posted(**more)


def test_attributes_keep_their_types() -> None:
    said = {"plan": "1", "amount": 12.5, "attempt": 2, "trial": True, "word": "yes"}
    found = recorded(posted(attributes=given_as(said)), "i", NOW).activity.attributes
    assert {one.name: one.value for one in found} == said
    assert [type(one.value) for one in found] == [str, float, float, bool, str]


def test_the_documents_example_is_taken() -> None:
    text = (Path(__file__).parents[3] / "docs" / "activity.md").read_text()
    batch, answer = (json.loads(one) for one in re.findall(r"```json\n(.*?)```", text, re.DOTALL))
    assert [PostedActivity.model_validate(one).name for one in ActivityBatch.model_validate(batch).events]
    assert ActivityAnswer.model_validate(answer).refused


@given(name=st.text(min_size=1, max_size=100), text=st.text(max_size=TEXT_CHARS), user=st.text(max_size=200))
def test_whatever_is_read_is_taken_or_refused(name: str, text: str, user: str) -> None:
    try:
        said = posted(name=name, attributes=given_as({"text": text}), user={"id": user, "email": "a@b.example"})
        found = recorded(said, "i", NOW)
    except (ValidationError, Invalid):
        return
    assert type(found).model_validate_json(found.model_dump_json()) == found
