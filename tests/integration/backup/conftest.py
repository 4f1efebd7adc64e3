"""Kafka topics and databases of each test's own, on a server that keeps the history a back-up reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from tests.integration.shared.conftest import kafka, settings
from tests.servers import Servers

__all__ = ["history", "kafka", "settings"]

HISTORY = "minSnapshotHistoryWindowInSeconds"


@pytest.fixture(scope="module", autouse=True)
def history(servers: Servers) -> Iterator[None]:
    """A back-up reads all databases as of one moment; the tests' server keeps none of the past unless told so
    (`MongoMember.drops_at_once`)."""
    with MongoClient[dict[str, Any]](servers.mongo) as client:
        before = client.admin.command("getParameter", 1, **{HISTORY: 1})[HISTORY]
        client.admin.command("setParameter", 1, **{HISTORY: 300})
        yield
        client.admin.command("setParameter", 1, **{HISTORY: before})
