"""What routing decides."""

from __future__ import annotations

from scripts.dashboards.panels import Board, Row, panel
from scripts.dashboards.parts import consumers, log_and_relay, or_none, process, quantile, rate, timers, troubles

ROUTING = Board(
    "switchboard-routing",
    "Switchboard: routing",
    "Rules and assignment.",
    (
        Row(
            "What is decided",
            (
                panel(
                    "Time to run all rules over one event",
                    "s",
                    "It grows with the number of rules.",
                    (quantile(0.5, "switchboard_rules_seconds", "", 'service="routing"'), "median"),
                    (quantile(0.99, "switchboard_rules_seconds", "", 'service="routing"'), "99 of 100"),
                ),
                panel(
                    "Decisions with something to do",
                    "ops",
                    "Of all events that rules looked at.",
                    ('sum(rate(switchboard_decisions_total{service="routing"}[$__rate_interval]))', "decisions"),
                ),
                panel(
                    "Assignments",
                    "ops",
                    "At once, or when an agent had room again.",
                    (or_none(rate("switchboard_assignments_total", "how")), "{{how}}"),
                ),
                panel(
                    "Conversations that wait for an agent",
                    "short",
                    "Nobody who may take them is online and has room.",
                    ('max(switchboard_conversations_waiting{service="routing"})', "waiting"),
                ),
            ),
        ),
        Row(
            "Rules that wait, and rules about time",
            (
                panel(
                    "Rules whose time came",
                    "ops",
                    "in vain: the conversation did not qualify any more.",
                    (or_none(rate("switchboard_rules_asked_later_total", "why")), "{{why}}"),
                ),
                panel(
                    "Rules cut short",
                    "ops",
                    "They would have acted on what they led to themselves: somebody should look at them.",
                    (or_none("sum(rate(switchboard_rule_loops_total[$__rate_interval]))"), "cut"),
                ),
                *timers("sla|ticket-sla|asked-later|clock|publish-.*"),
            ),
        ),
        Row(
            "Rules at times of the clock",
            (
                panel(
                    "Times of the clock",
                    "short",
                    "In an hour. missed, ended: too long ago to be made up for.",
                    (or_none("sum by (how) (increase(switchboard_clock_struck_total{}[1h]))"), "{{how}}"),
                ),
                panel(
                    "Conversations asked by the clock",
                    "ops",
                    "Of which a rule was asked, whether it held or not.",
                    (or_none("sum(rate(switchboard_clock_asked_total[$__rate_interval]))"), "asked"),
                ),
            ),
        ),
        Row(
            "Service levels",
            (
                panel(
                    "Targets",
                    "ops",
                    "What became of them.",
                    (or_none(rate("switchboard_sla_events_total", "what")), "{{what}}"),
                ),
                panel(
                    "Warnings and breaches told late by, 99 of 100",
                    "s",
                    "A few seconds at most.",
                    (quantile(0.99, "switchboard_sla_late_seconds", ""), "late"),
                ),
                panel(
                    "Conversations with a target before them",
                    "short",
                    "They are warned of, or missed, in time.",
                    ("max(switchboard_sla_running)", "running"),
                ),
            ),
        ),
        Row(
            "What agents carry",
            (
                panel(
                    "Loads mended",
                    "ops",
                    "Redis and MongoDB differed for two audits; often, and something is wrong.",
                    (or_none("sum(rate(switchboard_loads_mended_total[$__rate_interval]))"), "mended"),
                ),
                panel(
                    "Statuses from the phone system",
                    "ops",
                    "echo: our own came back.",
                    (or_none(rate("switchboard_phone_statuses_total", "outcome")), "{{outcome}}"),
                ),
            ),
        ),
        consumers("routing.*"),
        troubles("routing.*"),
        log_and_relay("routing"),
        process("routing"),
    ),
)
