"""What is wrong with a brand, told at its place; and what a change of the configuration is told as."""

from __future__ import annotations

from typing import Any

import pytest

from services.tickets.model.audit import changes, is_configuration, name_of
from services.tickets.model.brand import wrong_with
from shared.contracts.common import Address
from shared.contracts.directory import AttributeChanged, BrandChanged, MacroChanged, SegmentChanged, SpamSettings


def brand(brand_id: str = "tea", **fields: Any) -> BrandChanged:
    return BrandChanged(brand_id=brand_id, seq=1, **{"name": "Tea", "color": "#112233", **fields})


def mailbox(*addresses: str) -> tuple[Address, ...]:
    return tuple(Address(address=one) for one in addresses)


SALT = brand("salt", name="Salt", addresses=mailbox("hi@salt.example"), lines=("+13105550100",))


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"addresses": mailbox("hi@tea.example"), "lines": ("+13105550101",), "topics": ("Milk",)}, []),
        ({"name": "  "}, ["body.name"]),
        ({"time_zone": "Mars/Olympus"}, ["body.time_zone"]),
        ({"addresses": mailbox("hi@salt.example")}, ["body.addresses.0"]),
        ({"addresses": mailbox("hi@salt.example"), "active": False}, []),
        ({"addresses": mailbox("a@tea.example", "a@tea.example")}, ["body.addresses.0"]),
        ({"addresses": mailbox("a+b@tea.example")}, ["body.addresses.0.address"]),
        ({"lines": ("+13105550100",)}, ["body.lines.0"]),
        ({"topics": ("Milk", " Milk")}, ["body.topics.1"]),
        ({"topics": ("Milk", "Milk")}, ["body.topics.0"]),
        ({"spam": SpamSettings(allowed=("ann@pans.example", "tea.example"), blocked=("x.co.uk",))}, []),
        (
            {"spam": SpamSettings(allowed=("tea",), blocked=("@x.example", "a b@c.example"))},
            ["body.spam.allowed.0", "body.spam.blocked.0", "body.spam.blocked.1"],
        ),
        ({"spam": SpamSettings(allowed=("a.example",), blocked=("b.example", "a.example"))}, ["body.spam.blocked.1"]),
        ({"site": "javascript:alert(1)"}, ["body.site"]),
        ({"site": "https://tea.example/shop?x=1"}, []),
    ],
)
def test_what_is_wrong_is_told_at_its_place(fields: dict[str, Any], wanted: list[str]) -> None:
    assert [one.path for one in wrong_with(brand(**fields), {"salt": SALT})] == wanted


def test_a_retired_brands_mailbox_may_be_another_brands() -> None:
    retired = SALT.model_copy(update={"active": False})
    assert wrong_with(brand(addresses=mailbox("hi@salt.example")), {"salt": retired}) == []
    assert wrong_with(SALT, {"salt": SALT}) == [], "and one's own is one's own"


def test_changes_are_told_field_by_field_and_secrets_by_name() -> None:
    before, after = brand(topics=("Milk",)), brand(topics=("Milk", "Sugar"), name="Teas").model_copy(update={"seq": 2})
    told = changes(before, after, ["password", "nonce"])
    assert [(one.field, one.before, one.after, one.hidden) for one in told] == [
        ("name", "Tea", "Teas", False),
        ("topics", ["Milk"], ["Milk", "Sugar"], False),
        ("password", None, None, True),
    ]
    assert changes(after, after) == ()
    assert {one.field for one in changes(None, before)} >= {"name", "color", "brand_id"}


def test_what_is_configuration_and_what_it_is_called() -> None:
    attribute = AttributeChanged(attribute_id="a", seq=1, applies_to="contact", label="Tier")
    assert (is_configuration(attribute), name_of(attribute)) == (True, "Tier")
    assert not is_configuration(MacroChanged(macro_id="m", seq=1, name="M")), "its acts are told by themselves"
    assert not is_configuration(SegmentChanged(segment_id="s", seq=1, name="S"))
