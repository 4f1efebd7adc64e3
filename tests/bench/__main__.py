"""`python -m tests.bench`: every row beside its reference, interleaved; a table, then one line of JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
from contextlib import ExitStack
from dataclasses import asdict

from tests.bench import idle, mail, tickets
from tests.bench.row import row_of
from tests.servers import start_servers


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--count", type=int, default=20_000, help="inbound events per repetition")
    parser.add_argument("--repetitions", type=int, default=3)
    args = parser.parse_args()
    with ExitStack() as stack:
        servers = start_servers(stack)
        print("inbound events through tickets, all durable effects", flush=True)
        rows = [asyncio.run(tickets.run(servers, count=args.count, repetitions=args.repetitions))]
        print("each service, idle", flush=True)
        resting = asyncio.run(idle.run(servers, repetitions=args.repetitions))
    print("mails parsed, sanitised and split", flush=True)
    rows.append(row_of("mails parsed/s", *mail.run(repetitions=args.repetitions), first=0.3))
    print(f"\n{'':36} {'reference':>10} {'measured':>10} {'ratio':>6}   first")
    for row in rows:
        print(f"{row.name:36} {row.reference:10.0f} {row.measured:10.0f} {row.ratio:6.2f}   ≥ {row.first}")
    for one in resting:
        print(f"{one.service:14} ready in {one.ready_s:.1f} s (first: ≤ 3), {one.memory_mib:.0f} MiB (first: ≤ 120)")
    print(json.dumps({"rows": [asdict(row) for row in rows], "idle": [asdict(one) for one in resting]}))


if __name__ == "__main__":
    main()
