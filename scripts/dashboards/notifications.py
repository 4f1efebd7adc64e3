"""What notifications sends and tells."""

from __future__ import annotations

from scripts.dashboards.panels import Board, Row, panel
from scripts.dashboards.parts import consumers, log_and_relay, or_none, process, rate, timers, troubles

NOTIFICATIONS = Board(
    "switchboard-notifications",
    "Switchboard: notifications",
    "What goes out: mail, calls of webhooks, live updates.",
    (
        Row(
            "Deliveries",
            (
                panel(
                    "Attempts",
                    "ops",
                    "retry comes again by itself; failed is told to the agents.",
                    (rate("switchboard_delivery_attempts_total", "channel, result"), "{{channel}} {{result}}"),
                ),
                panel(
                    "Calls of webhooks",
                    "ops",
                    "dead ones wait on a list of their endpoint.",
                    (or_none(rate("switchboard_webhook_attempts_total", "result")), "{{result}}"),
                ),
                panel(
                    "Oldest call that waits, by endpoint",
                    "s",
                    "Above an hour somebody should ask the endpoint's owner.",
                    (or_none("max by (endpoint) (switchboard_webhook_oldest_seconds)"), "{{endpoint}}"),
                ),
                panel(
                    "Webhook endpoints",
                    "short",
                    "A disabled one failed for days and is not called any more.",
                    (or_none("max by (state) (switchboard_webhook_endpoints)"), "{{state}}"),
                ),
            ),
        ),
        Row(
            "What agents are told",
            (
                panel(
                    "Notices",
                    "ops",
                    "By what they tell.",
                    (or_none(rate("switchboard_notices_total", "kind")), "{{kind}}"),
                ),
                panel(
                    "Mails of what nobody read",
                    "ops",
                    "retry comes again by itself.",
                    (or_none(rate("switchboard_notice_mails_total", "result")), "{{result}}"),
                ),
                panel(
                    "Mails with a link for a new password",
                    "ops",
                    "retry comes again by itself, until the link is too old.",
                    (or_none(rate("switchboard_account_mails_total", "result")), "{{result}}"),
                ),
                panel(
                    "Webhook calls given up",
                    "short",
                    "They wait on the endpoint's list, to be called again by hand.",
                    (or_none("max by (endpoint) (switchboard_webhook_dead)"), "{{endpoint}}"),
                ),
            ),
        ),
        Row("What is due", timers("deliveries|webhooks|dials|notice-mails|account-mails|phone-statuses")),
        Row(
            "Live updates",
            (
                panel(
                    "Open sockets",
                    "short",
                    "By audience.",
                    (or_none("sum by (audience) (switchboard_live_sockets)"), "{{audience}}"),
                ),
                panel(
                    "Frames",
                    "ops",
                    "Put into sockets' queues.",
                    (or_none(rate("switchboard_live_frames_total", "audience")), "{{audience}}"),
                ),
                panel(
                    "Sockets that we closed",
                    "ops",
                    "slow: its reader did not keep up. expired: its token ran out.",
                    (or_none(rate("switchboard_live_closed_total", "reason")), "{{reason}}"),
                ),
                panel(
                    "Clients told to fetch anew",
                    "ops",
                    "gap: theirs, after long away. stream: ours, as Redis lost it.",
                    (or_none(rate("switchboard_live_resyncs_total", "reason")), "{{reason}}"),
                ),
            ),
        ),
        consumers("notifications.*"),
        troubles("notifications.*"),
        log_and_relay("notifications"),
        process("notifications"),
    ),
)
