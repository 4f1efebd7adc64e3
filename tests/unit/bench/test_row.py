"""What the benchmarks say of a row: medians of pairs, the spread, and which bound holds."""

from __future__ import annotations

import json

import pytest

from tests.bench.row import alone, row_of, table


def test_the_value_is_the_median_of_the_pairs_and_not_the_ratio_of_medians() -> None:
    row = row_of("path", [100, 1000, 200], [50, 900, 160], first=0.5, then=0.9)
    assert (row.reference, row.measured) == (200, 160)
    assert row.value == 0.8
    assert row.spread == (0.5, 0.9)


@pytest.mark.parametrize(("measured", "holds"), [(95, "then"), (90, "then"), (60, "first"), (50, "first"), (49, "no")])
def test_a_rate_holds_from_its_bound_up(measured: float, holds: str) -> None:
    assert row_of("path", [100], [measured], first=0.5, then=0.9).holds == holds


@pytest.mark.parametrize(("measured", "holds"), [(80, "then"), (120, "first"), (120.1, "no")])
def test_memory_holds_up_to_its_bound(measured: float, holds: str) -> None:
    row = alone("idle", [measured], unit="MiB", first=120, then=80, at_most=True)
    assert row.holds == holds
    assert row.reference is None


def test_repetitions_that_have_no_partner_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        row_of("path", [1, 2], [1], first=0.5, then=0.9)


def test_a_row_is_one_line_of_the_table_and_one_object_of_the_json() -> None:
    rows = [
        row_of("path", [100], [60], first=0.5, then=0.9, beside={"cpu_us": {"mongod": 4.0}}),
        alone("idle", [100.0], unit="MiB", first=120, then=80, at_most=True),
    ]
    _, first, second = table(rows).splitlines()
    assert first.startswith("path, /s")
    assert "≥ 0.5" in first
    assert "≤ 120" in second
    read = json.loads(json.dumps([row.document() for row in rows]))
    assert [one["holds"] for one in read] == ["first", "first"]
    assert read[0]["beside"] == {"cpu_us": {"mongod": 4.0}}
