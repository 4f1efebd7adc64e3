"""Any number of messages as tickets' log keeps them, made from a seed: words as often as people use them.

The words are made up and follow Zipf's law: some are in every second message, many in a few of a million. A message has
about sixty, and an order's number of its own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate, islice
from typing import Any

from pydantic_core import to_json
from pymongo import MongoClient

from shared.ids import derived
from tests.bench import million

VOCABULARY = 30_000
TEXTS = 20_000
"""Different ones; each comes again and again, with another number in it."""
PER_CONVERSATION = 4
AT_ONCE = 4_000
_BEGINNINGS = "b c d f g h j k l m n p r s t v w br cr dr fl gr pl pr sh st th tr"
_MIDDLES = "a e i o u ai ea ee oo ou"
_ENDS = " n r s t l m d ck nd st rt ng"


@cache
def vocabulary() -> tuple[str, ...]:
    """The most frequent first; none is another's beginning by chance more often than in a language."""
    chance = random.Random(3)
    sounds = [_BEGINNINGS.split(), _MIDDLES.split(), _ENDS.split(" ")]
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        syllables = 1 + (len(found) > 300) + (len(found) > 8_000)
        word = "".join(chance.choice(one) for one in sounds * syllables)
        found[word] = None
    return tuple(found)


@cache
def texts(seed: int = 7) -> list[str]:
    chance = random.Random(seed)
    weights = list(accumulate(1 / (rank + 2.7) for rank in range(VOCABULARY)))
    made = [chance.choices(vocabulary(), cum_weights=weights, k=chance.randint(15, 105)) for _ in range(TEXTS)]
    return [" ".join(words) for words in made]


def order_number(n: int) -> str:
    return f"SB-{n:07}"


def conversations(messages: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """As `million` makes them, four messages each."""
    for document in million.documents(messages // PER_CONVERSATION, seed):
        document["message_count"] = document["seq"] = PER_CONVERSATION
        yield document


def rows(conversation: dict[str, Any], first: int, written: list[str], at: datetime) -> Iterator[dict[str, Any]]:
    """The log's rows of one conversation, `first` the number of its first message of all."""
    id_, handle = conversation["_id"], conversation["handle"]
    ours = {"address": conversation["account"], "name": ""}
    theirs = {"address": handle["value"], "name": handle["name"]}
    head = {name: value for name, value in conversation.items() if name != "boxes"}
    for k in range(PER_CONVERSATION):
        inward, n = k % 2 == 0, first + k
        name = "ConversationStarted" if k == 0 else "CustomerReplied" if inward else "ReplySent"
        text = f"{written[n * 7919 % len(written)]} {order_number(n)}"
        by = {"kind": "customer" if inward else "agent", "id": "", "name": handle["name"] if inward else "Maya"}
        message = {
            "entry_id": derived("spoken", str(n)),
            "direction": "in" if inward else "out",
            "author": by,
            "sender": handle if inward else None,
            "subject": conversation["subject"],
            "text": text,
            "html": f"<p>{text}</p>",
            "signature_text": "",
            "quoted_text": "",
            "to": [ours if inward else theirs],
            "cc": [],
            "bcc": [],
            "attachments": [],
            "received_at": conversation["last_activity_at"].isoformat(),
        }
        event = {"conversation_id": id_, "seq": k + 1, "at": message["received_at"], "by": by, "message": message}
        yield {
            "_id": derived("row", str(n)),
            "topic": "tickets.conversations.v1",
            "key": id_,
            "aggregate_id": id_,
            "seq": k + 1,
            "type": f"switchboard.tickets.{name}.v1",
            "at": conversation["last_activity_at"],
            "logged_at": at + timedelta(milliseconds=n),
            "cause": derived("cause", str(n)),
            "correlation_id": id_,
            "traceparent": "",
            "value": to_json({**event, "head": head}).decode(),
        }


def write(mongo: str, database: str, messages: int, seed: int = 7) -> None:
    """Into a database without any: `conversations` and `log`."""
    written, at = texts(seed), million.NOW
    with MongoClient[dict[str, Any]](mongo, tz_aware=True, compressors=[]) as client:
        found = conversations(messages, seed)
        first = 0
        while batch := list(islice(found, AT_ONCE // PER_CONVERSATION)):
            lines: list[dict[str, Any]] = []
            for one in batch:
                lines += rows(one, first, written, at)
                first += PER_CONVERSATION
            client[database].conversations.insert_many(batch, ordered=False)
            client[database].log.insert_many(lines, ordered=False)
