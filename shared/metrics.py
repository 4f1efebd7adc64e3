"""Every metric of every service, in one place, each with its unit. Names: `switchboard_<what>_<unit>`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from prometheus_client import Counter, Gauge, Histogram

FAST_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def expect(metric: Counter | Gauge, *values: Sequence[str]) -> None:
    """Let it be 0 before its first count, for all combinations of its labels' values.

    Otherwise it is not there until then, and Prometheus sees no increase in the first, which may be the only one.
    """
    for labels in product(*values):
        metric.labels(*labels)


# ── consumers (shared.consume) ───────────────────────────────────────────────────────────────────
consumed = Counter("switchboard_consumed_records_total", "Records applied.", ["group", "topic"])
dead_lettered = Counter(
    "switchboard_dead_letter_records_total",
    "Records put aside, by reason: invalid (unreadable) or failed (a bug).",
    ["group", "topic", "reason"],
)
unknown_types = Counter(
    "switchboard_unknown_type_records_total",
    "Records of a type this reader does not know.",
    ["group", "topic"],
)
batch_records = Histogram("switchboard_batch_records", "Records in one batch.", ["group"], buckets=SIZES)
batch_seconds = Histogram("switchboard_batch_seconds", "Time to apply one batch.", ["group"], buckets=FAST_S)
batch_retries = Counter(
    "switchboard_batch_retries_total",
    "Batches tried again: away (a server) or failed (a bug).",
    ["group", "why"],
)
consumer_paused = Gauge(
    "switchboard_consumer_paused", "1 while a consumer waits because of too many dead letters.", ["group"]
)
assigned_partitions = Gauge("switchboard_assigned_partitions", "Partitions this member holds.", ["group"])
event_age_seconds = Histogram(
    "switchboard_event_age_seconds",
    "Age of each record when its effects were durable: the SLI, of which 99.9% shall be under 10 s.",
    ["group"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
)

# ── what nobody has taken yet (shared.watch: told by the writer, so that a dead reader is seen) ───
group_members = Gauge("switchboard_group_members", "Members of a consumer group, as the broker says.", ["group"])
lag_records = Gauge("switchboard_lag_records", "End offset less committed offset.", ["group", "topic", "partition"])
committed_offset = Gauge(
    "switchboard_committed_offset", "Where a group reads next, in records.", ["group", "topic", "partition"]
)
end_offset = Gauge("switchboard_end_offset", "Where the next record goes, in records.", ["topic", "partition"])
oldest_unprocessed_seconds = Gauge(
    "switchboard_oldest_unprocessed_seconds",
    "Age of the oldest record that a group has not acknowledged; 0 when there is none.",
    ["group", "topic"],
)
log_room_ratio = Gauge(
    "switchboard_log_room_ratio",
    "How far a group that is behind stands from the log's start, where records are deleted unread: 0 there, 1 safe.",
    ["group", "topic"],
)
dead_letters_waiting = Gauge(
    "switchboard_dead_letters_waiting",
    "Records in a dead-letter topic since its last whole redrive.",
    ["group", "topic"],
)
dead_letter_age_seconds = Gauge(
    "switchboard_dead_letter_age_seconds", "Age of the oldest of them; 0 when there is none.", ["group", "topic"]
)
outbox_rows = Gauge(
    "switchboard_outbox_rows", "Rows of the log that the relay has not published, counted up to 10,000.", ["service"]
)
outbox_age_seconds = Gauge(
    "switchboard_outbox_age_seconds", "Age of the oldest of them; 0 when there is none.", ["service"]
)
watched_at_seconds = Gauge(
    "switchboard_watched_at_seconds", "When all of these were last seen, in seconds since 1970.", ["service"]
)

# ── the log and the relay (shared.log, shared.relay) ─────────────────────────────────────────────
applied_duplicates = Counter(
    "switchboard_duplicate_inputs_total",
    "Inputs that had been applied before, so changed nothing.",
    ["service"],
)
logged = Counter("switchboard_logged_events_total", "Events written to the log.", ["service"])
relayed = Counter("switchboard_relayed_events_total", "Events published from the log.", ["service"])
relay_leader = Gauge("switchboard_relay_leader", "1 while this process relays the log.", ["service"])
relay_age_seconds = Histogram(
    "switchboard_relay_age_seconds",
    "From the log to the Kafka topic, a sample of each batch.",
    ["service"],
    buckets=FAST_S,
)
relay_restarts = Counter("switchboard_relay_restarts_total", "Times the relay began anew after an error.", ["service"])
transactions_retried = Counter("switchboard_transaction_retries_total", "Transactions run again after a conflict.")
orphans_ended = Counter(
    "switchboard_orphaned_transactions_total",
    "Transactions of killed processes that were ended, to free what they held.",
)

# ── timers (shared.timers) ───────────────────────────────────────────────────────────────────────
timers_fired = Counter("switchboard_timers_fired_total", "Due rows handled.", ["timer"])
timer_delay_seconds = Histogram(
    "switchboard_timer_delay_seconds", "How late a timer fired.", ["timer"], buckets=(*FAST_S, 30, 60, 300)
)
timer_overdue_seconds = Gauge(
    "switchboard_timer_overdue_seconds",
    "How late the oldest due row is that nobody has claimed; 0 when none is.",
    ["timer"],
)

# ── HTTP (shared.http) ───────────────────────────────────────────────────────────────────────────
http_requests = Counter("switchboard_http_requests_total", "Requests answered.", ["method", "route", "status"])
http_seconds = Histogram("switchboard_http_seconds", "Time to answer.", ["method", "route"], buckets=FAST_S)

# ── ingest ───────────────────────────────────────────────────────────────────────────────────────
inputs = Counter(
    "switchboard_ingest_inputs_total",
    "Inputs by channel and outcome: accepted, duplicate, rejected (kept for inspection) or ignored.",
    ["channel", "outcome"],
)
refused = Counter(
    "switchboard_ingest_refused_total",
    "What was refused before it was accepted, so that its sender knows: by channel and reason.",
    ["channel", "reason"],
)
mail_parse_seconds = Histogram(
    "switchboard_ingest_mail_parse_seconds", "Time to parse one mail in the parsing process.", buckets=FAST_S
)
mail_unreadable = Counter(
    "switchboard_ingest_mail_unreadable_total", "Accepted mails that could not be parsed; agents got the original."
)

images = Counter(
    "switchboard_ingest_images_total",
    "Remote images that an agent asked to see: shown, blocked (an address that we do not call), unavailable, "
    "too_large or not_image.",
    ["outcome"],
)

# ── tickets ──────────────────────────────────────────────────────────────────────────────────────
tickets_inputs = Counter(
    "switchboard_tickets_inputs_total",
    "Inputs taken by tickets: applied, known (a second delivery), or the code of what was left out.",
    ["input", "outcome"],
)
tickets_commands = Counter(
    "switchboard_tickets_commands_total", "Agents' commands: changed, unchanged, repeated or held.", ["outcome"]
)
tickets_sign_ins = Counter("switchboard_tickets_sign_ins_total", "Sign-ins: ok, refused or throttled.", ["outcome"])
search_lag_seconds = Histogram(
    "switchboard_search_lag_seconds",
    "From the log until this process finds it, a sample of what came.",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
search_behind_seconds = Gauge(
    "switchboard_search_behind_seconds",
    "Since when this process's search knows all that the log said then; grows while its index is made or stands still.",
)
search_conversations = Gauge("switchboard_search_conversations", "Conversations in this process's search index.")

# ── routing ──────────────────────────────────────────────────────────────────────────────────────
rules_seconds = Histogram(
    "switchboard_rules_seconds",
    "Time to run all rules over one event.",
    buckets=(0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.1),
)
rule_loops = Counter(
    "switchboard_rule_loops_total", "Rules that did not act, as they would have acted on what they led to themselves."
)
rules_asked_later = Counter(
    "switchboard_rules_asked_later_total",
    "Rules whose time came: waited, waited in vain (the conversation did not qualify any more), about time, so before "
    "(it would answer customers for what was so before it came into force), or at a time of the clock.",
    ["why"],
)
clock_struck = Counter(
    "switchboard_clock_struck_total",
    "Times of the clock at which a rule was to be asked of conversations: whole, missed (too long ago when it was "
    "seen) or ended (too long ago before all were asked).",
    ["how"],
)
clock_asked = Counter(
    "switchboard_clock_asked_total", "Conversations of which a rule was asked as the clock had struck."
)
decided = Counter("switchboard_decisions_total", "Decisions with something to do.")
assigned = Counter(
    "switchboard_assignments_total",
    "Conversations given to an agent: at once, or after waiting.",
    ["how"],
)
phone_statuses = Counter(
    "switchboard_phone_statuses_total",
    "Agents' statuses heard from the phone system: taken, echo (our own came back), older, nothing_new, known, "
    "unknown_agent.",
    ["outcome"],
)
sla_events = Counter(
    "switchboard_sla_events_total",
    "What became of service levels' targets: started, moved, warned, breached, met or ended.",
    ["what"],
)
sla_late_seconds = Histogram(
    "switchboard_sla_late_seconds",
    "From the moment that a warning or a breach was due until it was told.",
    buckets=(0.5, 1, 2, 3, 5, 10, 30, 60, 300, 3600),
)
sla_running = Gauge("switchboard_sla_running", "Conversations with a warning or a breach before them.")
conversations_waiting = Gauge("switchboard_conversations_waiting", "Conversations that wait for an agent.")
loads_mended = Counter("switchboard_loads_mended_total", "Loads in Redis that differed from MongoDB for two audits.")

# ── notifications ────────────────────────────────────────────────────────────────────────────────
deliveries = Counter(
    "switchboard_delivery_attempts_total",
    "Attempts to deliver, by result: sent, retry, failed, overtaken (another process recorded one first); and calls "
    "that agents asked for.",
    ["channel", "result"],
)
webhook_attempts = Counter(
    "switchboard_webhook_attempts_total", "Calls of webhook endpoints, by result: sent, retry, dead.", ["result"]
)
webhook_oldest_seconds = Gauge(
    "switchboard_webhook_oldest_seconds",
    "Age of the oldest call that waits, by endpoint (their number is bounded by SWITCHBOARD_WEBHOOK_ENDPOINTS).",
    ["endpoint"],
)
webhook_dead = Gauge("switchboard_webhook_dead", "Calls on the dead list, by endpoint.", ["endpoint"])
webhook_endpoints = Gauge("switchboard_webhook_endpoints", "Webhook endpoints, by state: active, disabled.", ["state"])
notices = Counter(
    "switchboard_notices_total",
    "Notices made for agents, by kind: mention, team_mention, assigned, reply, ticket, call_missed, alert.",
    ["kind"],
)
notice_mails = Counter(
    "switchboard_notice_mails_total",
    "Mails of what agents have not read, by result: sent, retry, failed.",
    ["result"],
)
account_mails = Counter(
    "switchboard_account_mails_total",
    "Mails with a link for a new password, by result: sent, retry, failed.",
    ["result"],
)
live_sockets = Gauge("switchboard_live_sockets", "Open WebSockets, by audience: agents, visitors.", ["audience"])
live_frames = Counter("switchboard_live_frames_total", "Frames put into sockets' queues.", ["audience"])
screen_seconds = Histogram(
    "switchboard_screen_seconds",
    "Until the frame is queued for the screens: since a customer's message was accepted, or since the desk did it.",
    ["began"],
    buckets=(0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30, 60, 300),
)
live_closed = Counter(
    "switchboard_live_closed_total",
    "Sockets that we closed, by reason: expired, slow, unauthenticated, crowded, bad_frame.",
    ["reason"],
)
live_resyncs = Counter(
    "switchboard_live_resyncs_total", "Clients told to fetch anew, by reason: gap (theirs), stream (ours).", ["reason"]
)
