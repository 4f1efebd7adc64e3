"""docs/metrics.md: every metric, from the one place where they are named. Written by `make contracts`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

from shared import metrics as named

PATH = Path(__file__).parents[1] / "docs" / "metrics.md"
UNITS = {"seconds": "seconds", "bytes": "bytes", "ratio": "0 to 1", "records": "records", "rows": "rows"}
KINDS = ((Counter, "counter"), (Gauge, "gauge"), (Histogram, "histogram"))

INTRODUCTION = """# Metrics

Every service answers `GET /metrics` with those that it has, beside Python's own (`process_…`, `python_…`). They are
named in [`shared/metrics.py`](../shared/metrics.py); this page is written from it by `make contracts`. A histogram
`x` has the samples `x_bucket`, `x_sum` and `x_count`. Labels have few values: no ids of people or conversations.

What is read from them: [`deploy/grafana/dashboards`](../deploy/grafana/dashboards), the alerts in
[`deploy/prometheus/rules`](../deploy/prometheus/rules), and [how it is operated](operations.md).
"""


@dataclass(frozen=True)
class Metric:
    """`name` as it is asked for; `samples` are all the names that a query may use."""

    section: str
    name: str
    kind: str
    labels: tuple[str, ...]
    about: str

    @property
    def unit(self) -> str:
        words = self.name.removesuffix("_total").split("_")
        return next((UNITS[word] for word in reversed(words) if word in UNITS), "count")

    @property
    def samples(self) -> tuple[str, ...]:
        ends = ("_bucket", "_sum", "_count") if self.kind == "histogram" else ("",)
        return tuple(f"{self.name}{end}" for end in ends)


def metrics() -> list[Metric]:
    """In the order of the file, under its headings."""
    return list(_read(Path(named.__file__).read_text()))


def _read(source: str) -> Iterator[Metric]:
    section = ""
    for line in source.splitlines():
        if heading := re.match(r"# ── (.*?) ─+$", line):
            section = heading[1]
        elif assigned := re.match(r"(\w+) = (Counter|Gauge|Histogram)\(", line):
            yield _metric(section, getattr(named, assigned[1]))


def _metric(section: str, metric: MetricWrapperBase) -> Metric:
    kind = next(name for one, name in KINDS if isinstance(metric, one))
    (described,) = metric.describe()
    name = f"{described.name}_total" if kind == "counter" else described.name
    return Metric(section, name, kind, tuple(metric._labelnames), described.documentation)


def render() -> str:
    found = metrics()
    parts = [INTRODUCTION]
    for section in dict.fromkeys(one.section for one in found):
        parts.append(f"## {section[0].upper()}{section[1:]}\n")
        parts.append("| metric | kind | unit | labels | meaning |\n|---|---|---|---|---|")
        parts += [_row(one) for one in found if one.section == section]
        parts.append("")
    return "\n".join(parts)


def _row(one: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in one.labels)
    return f"| `{one.name}` | {one.kind} | {one.unit} | {labels} | {one.about} |"
