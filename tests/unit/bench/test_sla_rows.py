"""What the row `sla` fills the collection with is what routing reads there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.routing.sla.targets import Row
from tests.bench.sla import documents

DUE = datetime(2026, 5, 1, tzinfo=UTC)


def test_a_row_is_read_as_routing_reads_it() -> None:
    *_, last = documents("far-", 3, DUE, timedelta(seconds=1))
    id_ = last.pop("_id")
    read = Row(id=id_, **last)
    assert (read.id, read.targets[0].due_at) == ("far-2", DUE + timedelta(seconds=2))
