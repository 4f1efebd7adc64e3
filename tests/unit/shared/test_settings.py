"""Settings: no default secret, nothing secret in a log, frozen, and one desk apart from another."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from shared import kafka, redis
from shared.settings import Settings

SECRET = "a secret of at least thirty-two characters"
GIVEN: dict[str, Any] = {
    "kafka": " one:9092, two:9092,",
    "mongo": "mongodb://user:hunter2@localhost/?replicaSet=rs0",
    "redis": "redis://:hunter2@localhost/0",
    "secret": SECRET,
}


@pytest.fixture(autouse=True)
def _nothing_from_this_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA", "MONGO", "REDIS", "SECRET", "PREFIX", "ROLES"):
        monkeypatch.delenv(f"SWITCHBOARD_{name}", raising=False)


@pytest.mark.parametrize("missing", GIVEN)
def test_servers_and_secret_must_be_given(missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        Settings(**{key: value for key, value in GIVEN.items() if key != missing})


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValidationError, match="secret"):
        Settings(**GIVEN | {"secret": "x" * 31})


def test_no_secret_is_shown() -> None:
    shown = f"{Settings(**GIVEN | {'kafka_password': 'hunter2'})!r}"
    assert "hunter2" not in shown
    assert SECRET not in shown


def test_they_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings(**GIVEN).prefix = "x"  # type: ignore[misc]


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(f"SWITCHBOARD_{name.upper()}", value)
    monkeypatch.setenv("SWITCHBOARD_ROLES", '["http", "relay"]')
    found = Settings()
    assert found.kafka_servers == ["one:9092", "two:9092"]
    assert found.roles == {"http", "relay"}


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValidationError, match="roles"):
        Settings(**GIVEN | {"roles": {"http", "everything"}})


def test_the_prefix_keeps_two_desks_apart() -> None:
    one = Settings(**GIVEN | {"prefix": "blue-"})
    assert kafka.topic_name(one, "ingest.messages.v1") == "blue-ingest.messages.v1"
    assert one.database("tickets") == "blue-switchboard_tickets"
    assert redis.key(one, "a", "b") == "blue-switchboard:a:b"
