"""What an app is told, for whom it is shown, and what counts as a card."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from services.tickets.cards import Card
from services.tickets.model.app_context import claims, shown_for
from shared.contracts.contacts import Contact
from shared.contracts.directory import AppChanged
from tests.unit.tickets.examples import started

NOW = datetime(2026, 5, 1, 12, 0, 0, 900_000, tzinfo=UTC)
APP = AppChanged(app_id="orders", seq=1, name="Orders", url="https://shop.example/card")
AGENT = {"id": "maya", "name": "Maya", "email": "maya@desk.example"}
HEAD = started().head


def test_a_context_names_its_app_its_moment_and_whom_it_is_about() -> None:
    contact = Contact(id=HEAD.contact_id, seq=1, name="Ana", emails=("ana@x.example",), created_at=NOW, updated_at=NOW)
    told = claims(APP, HEAD, contact, AGENT, NOW, "once")
    assert (told["aud"], told["iss"], told["jti"]) == ("orders", "switchboard", "once")
    assert told["exp"] - told["iat"] == 300
    assert told["iat"] <= NOW.timestamp()
    assert told["agent"] == AGENT
    assert told["conversation"]["id"] == HEAD.id
    assert told["customer"]["emails"] == ["ana@x.example"]


def test_who_may_not_read_contacts_tells_no_more_than_an_id() -> None:
    assert claims(APP, HEAD, None, AGENT, NOW, "once")["customer"] == {"id": HEAD.contact_id}


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, True),
        ({"active": False}, False),
        ({"brand_ids": (HEAD.brand_id, "other")}, True),
        ({"brand_ids": ("other",)}, False),
    ],
)
def test_an_app_is_shown_on_its_brands_while_it_is_on(changes: dict[str, Any], shown: bool) -> None:
    assert shown_for(APP.model_copy(update=changes), HEAD) is shown


@pytest.mark.parametrize(
    "body",
    [
        {"fields": [{"label": "Order", "value": 7}]},
        {"fields": [{"label": "Order", "value": "7", "url": "javascript:alert(1)"}]},
        {"links": [{"label": "Shop", "url": "http://shop.example"}]},
        {"links": [{"label": "Shop", "url": "https://shop.example/ x"}]},
        {"links": [{"label": "", "url": "https://shop.example"}]},
        {"text": "x" * 2001},
        {"fields": [{"label": "n", "value": "v"}] * 51},
        [],
        "text",
        None,
    ],
)
def test_what_is_no_card_is_refused(body: Any) -> None:
    with pytest.raises(ValidationError):
        Card.model_validate(body)


def test_what_a_later_version_may_say_is_passed_over() -> None:
    card = Card.model_validate({"text": "VIP", "theme": "dark", "fields": [{"label": "a", "value": "b", "icon": "x"}]})
    assert (card.text, card.fields[0].value) == ("VIP", "b")
