"""Settings that open something are `SecretStr`, have no default that opens it, and are shown nowhere."""

from __future__ import annotations

import re

import pytest
from pydantic import SecretStr

from services.ingest.settings import IngestSettings
from services.notifications.settings import NotificationsSettings
from services.routing.settings import RoutingSettings
from services.tickets.settings import TicketsSettings
from shared.settings import Settings

ALL = (Settings, IngestSettings, TicketsSettings, RoutingSettings, NotificationsSettings)
OPENS = re.compile(r"(^|_)(secret|token|password|key|mongo|redis)(_|$)")
NOT_SECRET = {
    "access_token_s": "a number of seconds",
    "signing_key_days": "a number of days",
    "smtp_tls_key_file": "where a file is",
}
"""Connection strings may hold a password, so `mongo` and `redis` are secret too."""


@pytest.mark.parametrize("kind", ALL)
def test_what_opens_something_is_secret(kind: type[Settings]) -> None:
    named = {name for name in kind.model_fields if OPENS.search(name) and name not in NOT_SECRET}
    assert {"secret", "mongo", "redis", "kafka_password"} <= named
    for name in named:
        field = kind.model_fields[name]
        assert field.annotation is SecretStr, name
        assert field.is_required() or field.default == SecretStr(""), f"{name} has a default that opens something"


@pytest.mark.parametrize("kind", ALL)
def test_settings_show_no_secret(kind: type[Settings]) -> None:
    hidden = "hidden-value-of-more-than-32-characters"
    secret = {name: hidden for name, field in kind.model_fields.items() if field.annotation is SecretStr}
    made = kind.model_validate({"kafka": "k:1", **secret})
    for shown in (repr(made), str(made), made.model_dump_json(), str(made.model_dump()), f"{made.mongo}"):
        assert hidden not in shown
