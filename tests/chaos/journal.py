"""The journal on disk: what was accepted, done and seen, one JSON object a line, in the order of time.

Written while the gate runs, read by the checker when all has settled. `kind` says what a line is:

    message   a mail, chat message or custom event that was taken: `channel`, `mark`, and where it belongs:
              `thread`, a name that all messages of one conversation share, or `answers`, the Message-ID of our mail
    refused   something that is right was refused for good, or for minutes: `what`, `why`
    call      an Aircall webhook that was taken: `call`, `step`, `told` (what it said)
    action    an agent's command that was taken: `action`, `mark`, `conversation`, `events`
    answer    a repeated command was answered otherwise than the first time: `first`, `again`
    poison    a record that nobody can read, taken by the broker: `topic`, `partition`, `offset`, `what`, `sha256`
    mail      the customers' mail server took a mail of the desk: `message_id`, `sender`, `began`, `to`
    hook      the webhook receiver was called: `id`, `subject`, `sequence`, `source`, `outcome`
    spoilt    a mail or call was answered slowly, with an error, or not at all: `what`, `whom`, `id`
    fault     something was broken, or mended: `what`, `whom`, `seconds`
    late      a member that was asked to leave (SIGTERM) had to be killed: `whom`, `seconds`
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Line = dict[str, Any]


class Journal:
    """Append-only; a line is with the system before `write` returns."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        self._out = file.open("a", encoding="utf-8")
        self.counts: Counter[str] = Counter()

    def write(self, kind: str, **fields: Any) -> None:
        self.counts[kind] += 1
        self._out.write(json.dumps({"kind": kind, "at": time.time(), **fields}, ensure_ascii=False) + "\n")
        self._out.flush()

    def close(self) -> None:
        self._out.close()


def read(file: Path) -> Iterator[Line]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
