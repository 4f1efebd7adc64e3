"""Writes docs/message-path.md: the six files that one email passes, and every Kafka topic, from the registry.

`make contracts` runs it; `--check` fails when the file differs from what the code says. The lines about each file
are its own module docstring, so that they cannot go stale beside it.
"""

from __future__ import annotations

import ast
from pathlib import Path

from shared.topics import CONVERSATIONS, DECISIONS, DELIVERIES, MESSAGES, TOPICS, Topic

ROOT = Path(__file__).parents[1]
PATH = ROOT / "docs" / "message-path.md"

STEPS: tuple[tuple[str, str, Topic | None], ...] = (
    ("services/ingest/smtp.py", "The mail comes in. 250 is said only when it is durable.", None),
    (
        "services/ingest/handlers/mail.py",
        "It is read, given its conversation, and logged in one transaction.",
        MESSAGES,
    ),
    ("services/tickets/handlers.py", "The conversation starts, or goes on.", CONVERSATIONS),
    ("services/routing/handlers.py", "Rules look at it; an agent is found.", DECISIONS),
    ("services/notifications/live/sockets.py", "It appears on the agents' screens.", None),
    (
        "services/notifications/sender.py",
        "The agent's answer leaves by mail, and what became of it comes back.",
        DELIVERIES,
    ),
)

INTRODUCTION = """# The path of one email

Six files, in order, from the socket to the screen and back. `tests/e2e/test_message_path.py` tells the same story in
as many asserts; `docs/invariants.md` says what holds at every step. What carries events between the files is always
the same: the transaction writes the log (`shared/log.py`), the relay publishes it (`shared/relay.py`), the next
service consumes it in batches (`shared/consume.py`).

This page is written by `make contracts` from the registry (`shared/topics.py`) and the files' own docstrings.
"""


def render() -> str:
    """The whole page."""
    steps = [_step(number, *step) for number, step in enumerate(STEPS, 1)]
    rows = [_row(topic) for topic in TOPICS]
    head = "| Kafka topic | key | what | events | read by |\n|---|---|---|---|---|"
    closing = (
        "A record that a group cannot read or apply goes to `<topic>.<group>.dlq` with its original bytes;\n"
        "`python -m shared.redrive` sends it back. The events' fields are in `docs/asyncapi.json`.\n"
    )
    return "\n".join([INTRODUCTION, *steps, "## The Kafka topics\n", head, *rows, "", closing])


def _step(number: int, file: str, what: str, topic: Topic | None) -> str:
    said = ast.get_docstring(ast.parse((ROOT / file).read_text())) or ""
    quoted = "\n".join(f"> {line}".rstrip() for line in said.splitlines())
    out = f"\nOut: `{topic.name}`, key: {topic.key}.\n" if topic else ""
    return f"## {number}. [`{file}`](../{file})\n\n{what}\n\n{quoted}\n{out}"


def _row(topic: Topic) -> str:
    events = ", ".join(event.__name__ for event in topic.events)
    readers = ", ".join(f"`{group}`" for group in topic.groups) or ("all, whole" if topic.compacted else "integrators")
    return f"| `{topic.name}` | {topic.key} | {topic.about} | {events} | {readers} |"
