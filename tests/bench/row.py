"""One line of the table: what was measured, beside its reference and the bounds of promises.md."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """`reference` and `measured` are medians in `unit`, `value` what is held against the bounds `first` and `then`: the
    median of the pairwise ratios, or the measured median where nothing stands beside it. `spread`: its lowest and
    highest. `at_most`: a bound from above. `beside`: further figures, for the JSON alone.
    """

    name: str
    unit: str
    reference: float | None
    measured: float
    value: float
    spread: tuple[float, float]
    first: float
    then: float
    at_most: bool = False
    beside: Mapping[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> str:
        """Which of the two bounds: "then", "first" or "no"."""
        if self._within(self.then):
            return "then"
        return "first" if self._within(self.first) else "no"

    def _within(self, bound: float) -> bool:
        return self.value <= bound if self.at_most else self.value >= bound

    def document(self) -> dict[str, Any]:
        return asdict(self) | {"holds": self.holds}


def row_of(
    name: str,
    reference: Sequence[float],
    measured: Sequence[float],
    *,
    unit: str = "/s",
    first: float,
    then: float,
    at_most: bool = False,
    beside: Mapping[str, Any] | None = None,
) -> Row:
    """Of repetitions that took turns; the bounds are of the ratio measured / reference."""
    ratios = [mine / floor for mine, floor in zip(measured, reference, strict=True)]
    row = alone(name, measured, unit=unit, first=first, then=then, at_most=at_most, beside=beside)
    found = {"reference": statistics.median(reference), "value": statistics.median(ratios)}
    return Row(**(row.__dict__ | found | {"spread": (min(ratios), max(ratios))}))


def alone(
    name: str,
    measured: Sequence[float],
    *,
    unit: str,
    first: float,
    then: float,
    at_most: bool = False,
    beside: Mapping[str, Any] | None = None,
) -> Row:
    """Of repetitions without a reference; the bounds are in the unit itself."""
    median = statistics.median(measured)
    spread = (min(measured), max(measured))
    return Row(name, unit, None, median, median, spread, first, then, at_most, dict(beside or {}))


def table(rows: Sequence[Row]) -> str:
    """As text, a line each."""
    lines = [
        f"{'':44} {'reference':>11} {'measured':>11}  {'value':>7} {'spread':>15}  {'first':>8} {'then':>8}  holds"
    ]
    for row in rows:
        floor = f"{row.reference:,.1f}" if row.reference is not None else "–"
        sign = "≤" if row.at_most else "≥"
        spread = f"{row.spread[0]:,.2f}–{row.spread[1]:,.2f}"
        lines.append(
            f"{f'{row.name}, {row.unit}':44} {floor:>11} {row.measured:>11,.1f}  {row.value:>7,.2f} {spread:>15}"
            f"  {f'{sign} {row.first:g}':>8} {f'{sign} {row.then:g}':>8}  {row.holds}"
        )
    return "\n".join(lines)
