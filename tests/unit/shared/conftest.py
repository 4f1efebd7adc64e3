"""Settings that name servers which do not exist."""

from __future__ import annotations

import pytest

from shared.settings import Settings


@pytest.fixture
def settings() -> Settings:
    return Settings(
        kafka="127.0.0.1:1",
        mongo="mongodb://127.0.0.1:1/?replicaSet=none",
        redis="redis://127.0.0.1:1/0",
        secret="a secret of at least thirty-two characters",
        prefix="t-",
        http_limit_bytes=1000,
    )
