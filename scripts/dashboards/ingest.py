"""What comes in through ingest."""

from __future__ import annotations

from scripts.dashboards.panels import Board, Row, panel
from scripts.dashboards.parts import consumers, log_and_relay, or_none, process, quantile, rate, troubles

INGEST = Board(
    "switchboard-ingest",
    "Switchboard: ingest",
    "Every way in: what was accepted, kept or refused.",
    (
        Row(
            "What comes in",
            (
                panel(
                    "Inputs",
                    "ops",
                    "By channel and what became of them. rejected is kept: GET /rejected.",
                    (rate("switchboard_ingest_inputs_total", "channel, outcome"), "{{channel}} {{outcome}}"),
                ),
                panel(
                    "Refused before it was accepted",
                    "ops",
                    "The sender knows. recipient is mail to nobody here; load, away and connections are our limits.",
                    (or_none(rate("switchboard_ingest_refused_total", "channel, reason")), "{{channel}} {{reason}}"),
                ),
                panel(
                    "Time to parse a mail",
                    "s",
                    "In the parsing process.",
                    (quantile(0.5, "switchboard_ingest_mail_parse_seconds", ""), "median"),
                    (quantile(0.99, "switchboard_ingest_mail_parse_seconds", ""), "99 of 100"),
                ),
                panel(
                    "Mails that could not be parsed",
                    "ops",
                    "Agents got the original.",
                    (or_none("sum(rate(switchboard_ingest_mail_unreadable_total[$__rate_interval]))"), "unreadable"),
                ),
            ),
        ),
        Row(
            "What agents ask for",
            (
                panel(
                    "Remote images",
                    "ops",
                    "Shown by us, so that their senders learn nothing. blocked: an address that we do not call.",
                    (or_none(rate("switchboard_ingest_images_total", "outcome")), "{{outcome}}"),
                ),
            ),
        ),
        log_and_relay("ingest", 'sum(rate(switchboard_ingest_inputs_total{outcome="duplicate"}[$__rate_interval]))'),
        consumers("ingest.*"),
        troubles("ingest.*"),
        process("ingest"),
    ),
)
