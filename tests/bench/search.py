"""Search over HTTP with a million messages there: what people type, by two agents, until the whole answer is here.

Making the index is timed too: what a process that has none needs, and how large it is.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from tests.bench import running, spoken
from tests.bench.pages import ALL_SEEING, NARROW, Asking, percentile, prepare
from tests.bench.row import Row, alone
from tests.servers import Servers

MESSAGES = 1_000_000
OF_EACH = 12
MADE_WITHIN_S = 1_800


def _words(chance: random.Random, low: int, high: int, count: int) -> str:
    return " ".join(chance.choices(spoken.vocabulary()[low:high], k=count))


KINDS: Mapping[str, Callable[[random.Random], str]] = {
    "a frequent word": lambda chance: _words(chance, 0, 30, 1) + " ",
    "a usual word": lambda chance: _words(chance, 200, 3_000, 1) + " ",
    "a rare word": lambda chance: _words(chance, 20_000, 30_000, 1) + " ",
    "two frequent words": lambda chance: _words(chance, 0, 30, 2) + " ",
    "three words": lambda chance: _words(chance, 0, 2_000, 3) + " ",
    "two letters": lambda chance: _words(chance, 0, 500, 1)[:2],
    "four letters": lambda chance: _words(chance, 300, 8_000, 1)[:4],
    "a phrase": lambda chance: '"' + " ".join(chance.choice(spoken.texts()[:50]).split()[3:6]) + '"',
    "an order number": lambda chance: spoken.order_number(chance.randrange(MESSAGES)),
    "an address": lambda chance: f"customer{chance.randrange(400_000)}@example.org",
    "a name": lambda chance: f"customer {chance.randrange(400_000)}",
    "from:": lambda chance: f"from:customer{chance.randrange(400_000)}",
    "status: and a word": lambda chance: f"status:open {_words(chance, 0, 300, 1)} ",
    "tag:, team: and a word": lambda chance: (
        f"tag:tag-00{chance.randrange(9)} team:team-01 {_words(chance, 0, 300, 1)} "
    ),
    "without a word": lambda chance: f"brand:brand-03 -{_words(chance, 0, 30, 1)} ",
    "dates and a word": lambda chance: f"after:2026-04-01 before:2026-05-01 {_words(chance, 0, 300, 1)} ",
}


async def run(servers: Servers, *, repetitions: int, messages: int = MESSAGES) -> list[Row]:
    prefix = running.new_prefix()
    try:
        await prepare(servers, prefix)
        with running.service("tickets", servers, prefix, {"SWITCHBOARD_ROLES": '["http","relay"]'}):
            pass  # its keys are known to all: a relay would tell them only after a million messages
        await asyncio.to_thread(spoken.write, servers.mongo, f"{prefix}switchboard_tickets", messages)
        with tempfile.TemporaryDirectory() as folder:
            env = {"SWITCHBOARD_ROLES": '["http","search"]', "SWITCHBOARD_SEARCH_FOLDER": folder}
            began = time.monotonic()
            with running.service("tickets", servers, prefix, env) as tickets:
                asked = {agent_id: Asking(tickets.port, agent_id) for agent_id in (ALL_SEEING, NARROW)}
                await asyncio.to_thread(_made, asked[ALL_SEEING])
                made_s = time.monotonic() - began
                ms: dict[str, list[float]] = {kind: [] for kind in KINDS}
                turns = [_turn(asked, random.Random(turn), ms, keep=turn > 0) for turn in range(repetitions + 1)][1:]
                size = sum(one.stat().st_size for one in Path(folder).rglob("*") if one.is_file())
                memory = tickets.memory_mib()
            again = time.monotonic()
            with running.service("tickets", servers, prefix, env) as tickets:
                await asyncio.to_thread(_made, Asking(tickets.port, ALL_SEEING))
                again_s = time.monotonic() - again
    finally:
        running.drop(servers, prefix)
    _tell(ms, made_s, again_s, size, memory)
    beside = {kind: {"p50": percentile(one, 50), "p95": percentile(one, 95)} for kind, one in ms.items()}
    more = {"made_s": made_s, "opened_again_s": again_s, "index_mb": size / 1e6, "memory_mib": memory}
    name = f"search p95, {messages:,} messages"
    return [alone(name, turns, unit="ms", first=300, then=100, at_most=True, beside={**beside, **more})]


def _made(asking: Asking) -> None:
    """Wait until the process has its index."""
    give_up_at = time.monotonic() + MADE_WITHIN_S
    while True:
        try:
            asking.get("/search?q=x")
            return
        except RuntimeError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.5)


def _turn(asked: Mapping[str, Asking], chance: random.Random, ms: dict[str, list[float]], *, keep: bool) -> float:
    """Every kind OF_EACH times, a third by who sees a part, a quarter of what has more with its second page; the 95th
    percentile of all."""
    found: list[float] = []
    questions = [(kind, n) for kind in KINDS for n in range(OF_EACH)]
    chance.shuffle(questions)
    for kind, n in questions:
        asking = asked[NARROW if n % 3 == 0 else ALL_SEEING]
        path = f"/search?q={quote(KINDS[kind](chance))}"
        took, answer = asking.get(path)
        times = [took]
        if n % 4 == 0 and answer["next_cursor"]:
            times.append(asking.get(f"{path}&cursor={quote(answer['next_cursor'])}")[0])
        found += times
        if keep:
            ms[kind] += times
    return percentile(found, 95)


def _tell(ms: Mapping[str, list[float]], made_s: float, again_s: float, size: float, memory: float) -> None:
    print(f"  made in {made_s:.0f} s, {size / 1e6:,.0f} MB; opened again in {again_s:.1f} s; process {memory:.0f} MiB")
    for kind, one in ms.items():
        print(f"    {kind:24} {percentile(one, 50):7.1f} {percentile(one, 95):7.1f} ms", flush=True)
