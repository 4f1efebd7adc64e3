"""How a dashboard is put together: rows of panels, each with its unit and its queries; nothing of what they ask."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import LegendDisplayMode, LegendPlacement
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DataSourceRef

Unit = Literal["s", "bytes", "short", "percentunit", "ops", "none"]
SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
WIDTHS = {1: 24, 2: 12, 3: 8, 4: 6, 5: 8, 6: 8}


@dataclass(frozen=True)
class Query:
    """PromQL, and what the legend says of each answer."""

    expr: str
    legend: str = ""


@dataclass(frozen=True)
class Panel:
    """`number` shows the last value large; else lines over time. `about` says what is good and what is not."""

    title: str
    unit: Unit
    about: str
    queries: tuple[Query, ...]
    number: bool = False


@dataclass(frozen=True)
class Row:
    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Board:
    """`uid` is for ever, as links hold on to it."""

    uid: str
    title: str
    about: str
    rows: tuple[Row, ...]


def panel(title: str, unit: Unit, about: str, *queries: str | tuple[str, str], number: bool = False) -> Panel:
    """Queries as `expr`, or `(expr, legend)`."""
    made = tuple(Query(one) if isinstance(one, str) else Query(*one) for one in queries)
    return Panel(title, unit, about, made, number)


def render(board: Board) -> str:
    """The JSON that Grafana is provisioned with."""
    made = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.about)
        .tags(["switchboard"])
        .timezone("browser")
        .refresh("30s")
        .time("now-3h", "now")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .readonly()
        .with_variable(dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
        .link(dashboard.DashboardLink("Switchboard").tags(["switchboard"]).as_dropdown(True).keep_time(True))
    )
    for row in board.rows:
        made = made.with_row(dashboard.Row(row.title))
        for one in row.panels:
            made = made.with_panel(_panel(one, WIDTHS[len(row.panels)]))
    text: str = JSONEncoder(sort_keys=True, indent=2).encode(made.build())
    return json.dumps(json.loads(text), sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def _panel(one: Panel, width: int) -> timeseries.Panel | stat.Panel:
    made: timeseries.Panel | stat.Panel
    if one.number:
        made = stat.Panel()
    else:
        legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
        made = timeseries.Panel().legend(legend.show_legend(True)).fill_opacity(10)
    made = made.title(one.title).description(one.about).unit(one.unit).datasource(SOURCE).span(width).height(7).min(0)
    for n, query in enumerate(one.queries):
        asked = prometheus.Dataquery().expr(query.expr).legend_format(query.legend or "__auto").ref_id(chr(65 + n))
        made = made.with_target(asked)
    return made
