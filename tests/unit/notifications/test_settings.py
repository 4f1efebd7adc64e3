"""Settings that would send a mail twice are refused at the start."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.notifications.settings import NotificationsSettings

SERVERS = {
    "kafka": "127.0.0.1:1",
    "mongo": "mongodb://127.0.0.1:1/?replicaSet=none",
    "redis": "redis://127.0.0.1:1/0",
    "secret": "a secret of at least thirty-two characters",
}


@pytest.mark.parametrize(
    "slow", [{"send_s": 41.0}, {"drain_s": 20.0}, {"drain_s": 34.0, "send_s": 2.0, "webhook_s": 30}]
)
def test_less_time_for_leaving_than_a_sending_takes_is_refused(slow: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match="SWITCHBOARD_DRAIN_S must be at least"):
        NotificationsSettings.model_validate(SERVERS | slow)


def test_as_it_comes_and_with_the_time_that_is_asked_for_it_is_taken() -> None:
    assert NotificationsSettings.model_validate(SERVERS).drain_s == 45
    assert NotificationsSettings.model_validate(SERVERS | {"send_s": 50, "drain_s": 55}).drain_s == 55
