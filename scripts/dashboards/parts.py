"""Panels that several dashboards have: how often, how long, what waits."""

from __future__ import annotations

from scripts.dashboards.panels import Panel, Row, panel

EVERY = "$__rate_interval"


def rate(metric: str, by: str, where: str = "") -> str:
    """Per second."""
    return f"sum by ({by}) (rate({metric}{{{where}}}[{EVERY}]))"


def quantile(share: float, metric: str, by: str, where: str = "") -> str:
    """Of a histogram; an answer of nothing where nothing happened becomes none, not NaN."""
    by_le = f"le, {by}" if by else "le"
    buckets = f"sum by ({by_le}) (rate({metric}_bucket{{{where}}}[{EVERY}]))"
    return f"histogram_quantile({share}, {buckets}) >= 0 or vector(0)"


def or_none(expr: str) -> str:
    """0 where the thing has never happened: a counter has no value before its first count."""
    return f"{expr} or vector(0)"


def consumers(groups: str) -> Row:
    """Of the groups whose names match."""
    where = f'group=~"{groups}"'
    return Row(
        "What it reads",
        (
            panel(
                "Age of the oldest event that waits",
                "s",
                "0 when nothing waits. Above a minute somebody is called.",
                (f"max by (group, topic) (switchboard_oldest_unprocessed_seconds{{{where}}})", "{{group}} {{topic}}"),
            ),
            panel(
                "Lag",
                "short",
                "Records not yet acknowledged.",
                (
                    f"sum by (group, topic) (max by (group, topic, partition) (switchboard_lag_records{{{where}}}))",
                    "{{group}} {{topic}}",
                ),
            ),
            panel(
                "Age of an event when it was handled, 99 of 100",
                "s",
                "The objective is 10 s for 999 of 1,000.",
                (quantile(0.99, "switchboard_event_age_seconds", "group", where), "{{group}}"),
            ),
            panel(
                "Records per batch and batches per second",
                "short",
                "Batches grow with the load, as one transaction takes what is there.",
                (quantile(0.5, "switchboard_batch_records", "group", where), "{{group}} records, median"),
                (rate("switchboard_batch_records_count", "group", where), "{{group}} batches/s"),
            ),
            panel(
                "Time to apply a batch, 99 of 100",
                "s",
                "One transaction and what it reads.",
                (quantile(0.99, "switchboard_batch_seconds", "group", where), "{{group}}"),
            ),
            panel(
                "Partitions held",
                "short",
                "By process; together all of them.",
                (f"sum by (group, instance) (switchboard_assigned_partitions{{{where}}})", "{{group}} {{instance}}"),
            ),
        ),
    )


def troubles(groups: str) -> Row:
    where = f'group=~"{groups}"'
    return Row(
        "What goes wrong",
        (
            panel(
                "Dead letters that wait",
                "short",
                "Records that could not be read or applied.",
                (f"max by (group, topic) (switchboard_dead_letters_waiting{{{where}}})", "{{group}} {{topic}}"),
            ),
            panel(
                "Put aside, by reason",
                "ops",
                "invalid: unreadable. failed: a bug of ours.",
                (
                    or_none(rate("switchboard_dead_letter_records_total", "group, reason", where)),
                    "{{group}} {{reason}}",
                ),
            ),
            panel(
                "Batches tried again",
                "ops",
                "away: a server was. failed: a bug, looked for by halving the batch.",
                (or_none(rate("switchboard_batch_retries_total", "group, why", where)), "{{group}} {{why}}"),
            ),
            panel(
                "Records of a type that is not known",
                "ops",
                "They are passed over. Something newer writes here than what reads.",
                (or_none(rate("switchboard_unknown_type_records_total", "group, topic", where)), "{{group}} {{topic}}"),
            ),
            panel(
                "Members, and paused consumers",
                "short",
                "A group without members reads nothing; a paused one waits for somebody to look at its dead letters.",
                (f"max by (group) (switchboard_group_members{{{where}}})", "{{group}} members"),
                (or_none(f"max by (group) (switchboard_consumer_paused{{{where}}})"), "{{group}} paused"),
            ),
        ),
    )


def log_and_relay(service: str, known_inputs: str = "") -> Row:
    """`known_inputs`: how second deliveries are counted where the log does not know of inputs."""
    where = f'service="{service}"'
    known = known_inputs or rate("switchboard_duplicate_inputs_total", "service", where)
    return Row(
        "Its log, and what leaves it",
        (
            panel(
                "Age of the oldest row that has not left",
                "s",
                "0 when everything is on the Kafka topics.",
                (f"max by (service) (switchboard_outbox_age_seconds{{{where}}})", "age"),
            ),
            panel(
                "Rows that have not left",
                "short",
                "Counted up to 10,000.",
                (f"max by (service) (switchboard_outbox_rows{{{where}}})", "rows"),
            ),
            panel(
                "Events written and published",
                "ops",
                "The two lines are one but for a moment.",
                (or_none(rate("switchboard_logged_events_total", "service", where)), "written"),
                (or_none(rate("switchboard_relayed_events_total", "service", where)), "published"),
            ),
            panel(
                "Inputs that were known already",
                "ops",
                "Second deliveries: they change nothing.",
                (or_none(known), "duplicates"),
            ),
        ),
    )


def timers(names: str) -> tuple[Panel, ...]:
    where = f'timer=~"{names}"'
    return (
        panel(
            "How late the oldest due row is",
            "s",
            "Unclaimed; 0 when nothing is late.",
            (f"max by (timer) (switchboard_timer_overdue_seconds{{{where}}})", "{{timer}}"),
        ),
        panel(
            "Due rows handled",
            "ops",
            "Each once in effect.",
            (or_none(rate("switchboard_timers_fired_total", "timer", where)), "{{timer}}"),
        ),
        panel(
            "How late rows were handled, 99 of 100",
            "s",
            "From the moment that they were due.",
            (quantile(0.99, "switchboard_timer_delay_seconds", "timer", where), "{{timer}}"),
        ),
    )


def process(service: str) -> Row:
    where = f'service="{service}"'
    return Row(
        "HTTP and the process",
        (
            panel(
                "Requests",
                "ops",
                "By the first digit of the answer.",
                (
                    f"sum by (class) (label_replace(rate(switchboard_http_requests_total{{{where}}}[{EVERY}]), "
                    '"class", "${1}xx", "status", "(.).."))',
                    "{{class}}",
                ),
            ),
            panel(
                "Time to answer, 95 of 100",
                "s",
                "By route.",
                (
                    quantile(0.95, "switchboard_http_seconds", "route", f'{where}, route!~"/health.*|/metrics"'),
                    "{{route}}",
                ),
            ),
            panel(
                "Processor",
                "percentunit",
                "Of one core; Python uses one.",
                (f"rate(process_cpu_seconds_total{{{where}}}[{EVERY}])", "{{instance}}"),
            ),
            panel("Memory", "bytes", "Resident.", (f"process_resident_memory_bytes{{{where}}}", "{{instance}}")),
        ),
    )
