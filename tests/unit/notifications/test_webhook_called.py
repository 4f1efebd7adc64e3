"""Which endpoint a rule calls, and why it is not called."""

from __future__ import annotations

from typing import Any

import pytest

from services.notifications.webhooks.events import refusal
from services.notifications.webhooks.model import Endpoint, Key
from shared.contracts.automation import CustomEventEmitted
from tests.unit.notifications.examples import AT, MAYA, head

EVENT = CustomEventEmitted(
    conversation_id="c1",
    seq=2,
    at=AT,
    by=MAYA,
    head=head(brand_id="paleo-hacks"),
    custom_id="x1",
    name="order.late",
    endpoint_id="hook",
)


def endpoint(**changes: Any) -> Endpoint:
    keys = (Key(salt="s"),)
    return Endpoint(
        **{"id": "hook", "name": "Warehouse", "url": "u", "keys": keys, "created_at": AT, "updated_at": AT, **changes}
    )


@pytest.mark.parametrize(
    ("there", "code", "kept"),
    [
        (endpoint(), None, False),
        (endpoint(event_types=("switchboard.tickets.Closed.v1",)), None, False),
        (endpoint(brand_ids=("earth-echo", "paleo-hacks")), None, False),
        (None, "unknown_webhook", False),
        (endpoint(brand_ids=("earth-echo",)), "other_brand", False),
        (endpoint(brand_ids=("earth-echo",), state="disabled"), "other_brand", False),
        (endpoint(state="disabled"), "webhook_off", True),
    ],
)
def test_it_is_called_when_it_is_there_on_and_for_the_brand(
    there: Endpoint | None, code: str | None, kept: bool
) -> None:
    why = refusal(there, EVENT)
    assert (why.code if why else None, bool(why and why.kept)) == (code, kept)


@pytest.mark.parametrize("changes", [{"brand_ids": ("earth-echo",)}, {"state": "disabled"}])
def test_everybody_reads_why_and_nobody_what_the_endpoint_is_called(changes: Any) -> None:
    why = refusal(endpoint(**changes), EVENT)
    assert why is not None
    assert "Warehouse" not in why.reason
