"""Aircall's webhooks about users."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.channels.aircall_users import base_name, email_of, status

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def hook(event: str = "user.closed", **data: Any) -> dict[str, Any]:
    user = {"id": 5, "email": " Leo@Switchboard.example ", "time_zone": "Pacific/Auckland", **data}
    return {"resource": "user", "event": event, "timestamp": 1_777_885_200, "token": "t", "data": user}


@pytest.mark.parametrize(
    ("payload", "available", "substatus"),
    [
        (hook(), False, ""),
        (hook("user.opened"), True, ""),
        (hook("user.opened.v2", availability_status="available", substatus="always_opened"), True, ""),
        (hook(availability_status="unavailable", substatus="out_for_lunch"), False, "out_for_lunch"),
        (hook("user.opened", availability_status="unavailable"), False, ""),
        (hook("user.closed", availability_status="custom"), False, ""),
        (hook("user.closed", substatus=7), False, ""),
    ],
)
def test_what_the_user_is_now(payload: dict[str, Any], available: bool, substatus: str) -> None:
    found = status(payload, id="i", received_at=NOW)
    assert (found.email, found.available, found.substatus) == ("leo@switchboard.example", available, substatus)


def test_the_time_is_utc_whatever_the_users_time_zone() -> None:
    assert status(hook(), id="i", received_at=NOW).at == datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
    assert status(hook() | {"timestamp": "soon"}, id="i", received_at=NOW).at == NOW


@pytest.mark.parametrize("bad", [None, "", 7, "leo", "a b@c.example", "a@b\n", "x@" + "y" * 400])
def test_who_has_no_address_is_nobody(bad: Any) -> None:
    assert email_of(hook(email=bad)) in ("", "a@b")
    assert email_of({"data": []}) == ""


def test_both_versions_of_an_event_are_one() -> None:
    assert base_name("user.opened.v2") == base_name("user.opened") == "user.opened"


@given(st.dictionaries(st.sampled_from(["availability_status", "substatus", "name"]), st.text() | st.integers()))
def test_whatever_else_it_says_is_a_status(data: dict[str, Any]) -> None:
    assert isinstance(status(hook(**data), id="i", received_at=NOW).available, bool)
