"""One line of the table: what was measured, beside its reference."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """Medians of events per second; `ratio` is the median of the pairwise ratios."""

    name: str
    reference: float
    measured: float
    ratio: float
    spread: tuple[float, float]
    first: float


def row_of(name: str, reference: Sequence[float], measured: Sequence[float], *, first: float) -> Row:
    """Of repetitions that took turns; `first` is the ratio that must be reached."""
    ratios = [mine / floor for mine, floor in zip(measured, reference, strict=True)]
    return Row(
        name=name,
        reference=statistics.median(reference),
        measured=statistics.median(measured),
        ratio=statistics.median(ratios),
        spread=(min(ratios), max(ratios)),
        first=first,
    )
