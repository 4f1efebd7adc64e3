"""The whole path on one page: from what comes in to the agents' screens, and what waits in between."""

from __future__ import annotations

from scripts.dashboards.panels import Board, Row, panel
from scripts.dashboards.parts import or_none, quantile, rate, troubles

ANY = ".*"

PATH = Board(
    "switchboard-path",
    "Switchboard: the whole path",
    "What comes in, how long until it is on the agents' screens, and what waits on the way.",
    (
        Row(
            "Is all well?",
            (
                panel("Services that answer", "none", "All of them.", 'sum(up{job="switchboard"})', number=True),
                panel(
                    "Oldest event that waits",
                    "s",
                    "Over all groups.",
                    "max(switchboard_oldest_unprocessed_seconds)",
                    number=True,
                ),
                panel(
                    "Oldest row that has not left a log",
                    "s",
                    "Over all services.",
                    "max(switchboard_outbox_age_seconds)",
                    number=True,
                ),
                panel(
                    "Dead letters",
                    "none",
                    "They wait for somebody to look.",
                    "sum(max by (group, topic) (switchboard_dead_letters_waiting))",
                    number=True,
                ),
            ),
        ),
        Row(
            "From acceptance to screen",
            (
                panel(
                    "A customer's message, from acceptance to the screens",
                    "s",
                    "Accepted: 250, 2xx or the broker's acknowledgement. Two hops over Kafka lie between.",
                    (quantile(0.5, "switchboard_screen_seconds", "", 'began="customer"'), "median"),
                    (quantile(0.99, "switchboard_screen_seconds", "", 'began="customer"'), "99 of 100"),
                ),
                panel(
                    "What the desk does, to the screens",
                    "s",
                    "Replies, assignments, notes: since tickets decided them.",
                    (quantile(0.5, "switchboard_screen_seconds", "", 'began="desk"'), "median"),
                    (quantile(0.99, "switchboard_screen_seconds", "", 'began="desk"'), "99 of 100"),
                ),
                panel(
                    "Events late, of the last hour",
                    "percentunit",
                    "Handled more than 10 s after they happened; 0.1% are allowed.",
                    (or_none("switchboard:events_late:ratio_rate1h >= 0"), "{{group}}"),
                ),
            ),
        ),
        Row(
            "What comes in and goes out",
            (
                panel(
                    "Inputs accepted",
                    "ops",
                    "By channel.",
                    (rate("switchboard_ingest_inputs_total", "channel", 'outcome="accepted"'), "{{channel}}"),
                ),
                panel(
                    "Not accepted",
                    "ops",
                    "rejected is kept and can be replayed; refused was said to its sender; duplicate changes nothing.",
                    (
                        or_none(rate("switchboard_ingest_inputs_total", "channel, outcome", 'outcome!="accepted"')),
                        "{{channel}} {{outcome}}",
                    ),
                    (or_none(rate("switchboard_ingest_refused_total", "channel, reason")), "{{channel}} {{reason}}"),
                ),
                panel(
                    "Commands of agents",
                    "ops",
                    "By what became of them.",
                    (rate("switchboard_tickets_commands_total", "outcome"), "{{outcome}}"),
                ),
                panel(
                    "Deliveries attempted",
                    "ops",
                    "By result.",
                    (rate("switchboard_delivery_attempts_total", "channel, result"), "{{channel}} {{result}}"),
                ),
            ),
        ),
        Row(
            "What waits on the way",
            (
                panel(
                    "Age of the oldest event, by group",
                    "s",
                    "0 when nothing waits.",
                    (
                        "max by (group, topic) (switchboard_oldest_unprocessed_seconds)",
                        "{{group}} {{topic}}",
                    ),
                ),
                panel(
                    "Age of the oldest row in a log, by service",
                    "s",
                    "0 when everything is on the Kafka topics.",
                    ("max by (service) (switchboard_outbox_age_seconds)", "{{service}}"),
                ),
                panel(
                    "From the log to the Kafka topic, 99 of 100",
                    "s",
                    "The relay.",
                    (quantile(0.99, "switchboard_relay_age_seconds", "service"), "{{service}}"),
                ),
                panel(
                    "Events handled",
                    "ops",
                    "By group.",
                    (rate("switchboard_consumed_records_total", "group"), "{{group}}"),
                ),
            ),
        ),
        troubles(ANY),
    ),
)
