"""What happens to conversations in tickets."""

from __future__ import annotations

from scripts.dashboards.panels import Board, Row, panel
from scripts.dashboards.parts import consumers, log_and_relay, or_none, process, quantile, rate, timers, troubles

TICKETS = Board(
    "switchboard-tickets",
    "Switchboard: tickets",
    "Conversations, contacts, agents: what was applied and what agents did.",
    (
        Row(
            "What happens to conversations",
            (
                panel(
                    "Inputs taken",
                    "ops",
                    "applied, known (a second delivery), or the code of what was left out.",
                    (rate("switchboard_tickets_inputs_total", "input, outcome"), "{{input}} {{outcome}}"),
                ),
                panel(
                    "Commands of agents",
                    "ops",
                    "unchanged: there was nothing to do. repeated: the same key again.",
                    (rate("switchboard_tickets_commands_total", "outcome"), "{{outcome}}"),
                ),
                panel(
                    "Sign-ins",
                    "ops",
                    "Many refused or throttled ones are somebody guessing.",
                    (rate("switchboard_tickets_sign_ins_total", "outcome"), "{{outcome}}"),
                ),
                panel(
                    "Transactions run again",
                    "ops",
                    "Two writers met at one conversation; the slower one decided anew. Killed processes' are ended.",
                    (
                        or_none(
                            'sum(rate(switchboard_transaction_retries_total{service="tickets"}[$__rate_interval]))'
                        ),
                        "retries",
                    ),
                    (
                        or_none(
                            'sum(rate(switchboard_orphaned_transactions_total{service="tickets"}[$__rate_interval]))'
                        ),
                        "ended, of killed processes",
                    ),
                ),
            ),
        ),
        consumers("tickets.*"),
        troubles("tickets.*"),
        log_and_relay("tickets"),
        Row("What is due", timers("snooze|outbox|bulk|tags|departures|forgotten-passwords|ticket-news|macros")),
        Row(
            "Search",
            (
                panel(
                    "Behind what happened",
                    "s",
                    "Of each process's index; it grows while one is made or stands still.",
                    ("max by (instance) (switchboard_search_behind_seconds)", "{{instance}}"),
                ),
                panel(
                    "From written to found",
                    "s",
                    "A sample of what came.",
                    (quantile(0.5, "switchboard_search_lag_seconds", ""), "median"),
                    (quantile(0.99, "switchboard_search_lag_seconds", ""), "99 of 100"),
                ),
                panel(
                    "Conversations that are found",
                    "short",
                    "By process; all alike once their indexes are made.",
                    ("max by (instance) (switchboard_search_conversations)", "{{instance}}"),
                ),
            ),
        ),
        process("tickets"),
    ),
)
