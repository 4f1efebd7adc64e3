"""Every metric of every service, in one place, each with its unit. Names: `switchboard_<what>_<unit>`."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

FAST_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

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
lag_records = Gauge("switchboard_lag_records", "End offset less committed offset.", ["group", "topic", "partition"])
oldest_unprocessed_seconds = Gauge(
    "switchboard_oldest_unprocessed_seconds", "Age of the oldest record not yet applied (the SLI).", ["group"]
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
    "switchboard_relay_age_seconds", "From the event's time to its publication.", ["service"], buckets=FAST_S
)
relay_restarts = Counter("switchboard_relay_restarts_total", "Times the relay began anew after an error.", ["service"])
transactions_retried = Counter("switchboard_transaction_retries_total", "Transactions run again after a conflict.")

# ── timers (shared.timers) ───────────────────────────────────────────────────────────────────────
timers_fired = Counter("switchboard_timers_fired_total", "Due rows handled.", ["timer"])
timer_delay_seconds = Histogram(
    "switchboard_timer_delay_seconds", "How late a timer fired.", ["timer"], buckets=(*FAST_S, 30, 60, 300)
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

# ── tickets ──────────────────────────────────────────────────────────────────────────────────────
tickets_inputs = Counter(
    "switchboard_tickets_inputs_total",
    "Inputs taken by tickets: applied, known (a second delivery), or the code of what was left out.",
    ["input", "outcome"],
)
tickets_commands = Counter(
    "switchboard_tickets_commands_total", "Agents' commands: changed, unchanged or repeated.", ["outcome"]
)
tickets_sign_ins = Counter("switchboard_tickets_sign_ins_total", "Sign-ins: ok, refused or throttled.", ["outcome"])

# ── routing ──────────────────────────────────────────────────────────────────────────────────────
rules_seconds = Histogram(
    "switchboard_rules_seconds",
    "Time to run all rules over one event.",
    buckets=(0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.1),
)
decided = Counter("switchboard_decisions_total", "Decisions with something to do.")
assigned = Counter(
    "switchboard_assignments_total",
    "Conversations given to an agent: at once, or after waiting.",
    ["how"],
)
conversations_waiting = Gauge("switchboard_conversations_waiting", "Conversations that wait for an agent.")
loads_mended = Counter("switchboard_loads_mended_total", "Loads in Redis that differed from MongoDB for two audits.")

# ── notifications ────────────────────────────────────────────────────────────────────────────────
deliveries = Counter(
    "switchboard_delivery_attempts_total",
    "Attempts to deliver, by result: sent, retry, failed, overtaken (another process recorded one first).",
    ["channel", "result"],
)
live_sockets = Gauge("switchboard_live_sockets", "Open WebSockets, by audience: agents, visitors.", ["audience"])
live_frames = Counter("switchboard_live_frames_total", "Frames put into sockets' queues.", ["audience"])
live_closed = Counter(
    "switchboard_live_closed_total",
    "Sockets that we closed, by reason: expired, slow, unauthenticated, crowded, bad_frame.",
    ["reason"],
)
live_resyncs = Counter(
    "switchboard_live_resyncs_total", "Clients told to fetch anew, by reason: gap (theirs), stream (ours).", ["reason"]
)
