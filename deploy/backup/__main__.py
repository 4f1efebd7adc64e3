"""`python -m deploy.backup dump|verify|restore|load|finish`: see docs/runbooks/restore.md.

Addresses and the secret come from SWITCHBOARD_*; where they are not set, from the desk of this folder.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from pathlib import Path
from time import monotonic

from pydantic import ValidationError

from deploy.backup import steps
from deploy.backup.errors import BackupError
from deploy.backup.manifest import verify
from deploy.backup.parts import SERVICES, chosen
from deploy.local.layout import Layout
from deploy.local.progress import Progress
from shared.settings import Settings

ADDRESSES = ("kafka", "mongo", "redis")


def desk_settings() -> Settings:
    """From the environment, else from the running desk of this folder. Raises BackupError when neither says."""
    layout = Layout.of()
    known: dict[str, str] = {}
    if layout.endpoints.exists():
        desk = json.loads(layout.endpoints.read_text())
        known = {name: desk[name] for name in ADDRESSES} | {"secret": (layout.local / "secret").read_text().strip()}
    given = {name: value for name in (*known, "prefix") if (value := os.environ.get(f"SWITCHBOARD_{name.upper()}"))}
    try:
        return Settings(**(known | given))  # type: ignore[arg-type]  # as the environment would give them
    except ValidationError as error:
        missing = ", ".join(f"SWITCHBOARD_{str(one['loc'][0]).upper()}" for one in error.errors())
        raise BackupError(f"Which servers? Start the desk of this folder (make up), or set {missing}.") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.backup", description="Back up a desk, and restore it.")
    commands = parser.add_subparsers(dest="command", required=True)
    services = "only these, with commas between"
    dump = commands.add_parser("dump", help="write a back-up; the services may run")
    dump.add_argument("to", type=Path)
    dump.add_argument("--service", default="", help=services)
    check = commands.add_parser("verify", help="read a back-up whole and compare its checksums")
    check.add_argument("folder", type=Path)
    restore = commands.add_parser("restore", help="a whole back-up, into fresh servers; load and finish in one")
    restore.add_argument("folder", type=Path)
    load = commands.add_parser("load", help="the databases alone")
    load.add_argument("folder", type=Path)
    load.add_argument("--service", default="", help=services)
    finish = commands.add_parser("finish", help="after all were loaded: Redis cleared, Kafka topics told again")
    finish.add_argument("--records", type=Path, metavar="FOLDER", help="the back-up with Kafka's own records")
    for one in (restore, load, finish):
        one.add_argument("--replace", action="store_true", help="drop what is there")
    for one in (restore, load):
        one.add_argument("--any-secret", action="store_true", help="though it was made under another secret")
        one.add_argument(
            "--send-waiting",
            action="store_true",
            help="nothing ran since: mails that waited may leave",
        )
    return parser


async def _run(args: argparse.Namespace, progress: Progress) -> None:
    if args.command == "verify":
        verify(args.folder, progress)
        return
    settings = desk_settings()
    match args.command:
        case "dump":
            await steps.back_up(settings, chosen(args.service), args.to, progress)
            size = sum(file.stat().st_size for file in args.to.rglob("*") if file.is_file())
            progress.note(f"The back-up is in {args.to}: {size / 1e6:.1f} MB.")
        case "load":
            await steps.load(settings, args.folder, chosen(args.service), progress, _terms(args))
        case "finish":
            await steps.finish(settings, args.records, SERVICES, progress, replace=args.replace)
        case "restore":
            await steps.restore(settings, args.folder, progress, _terms(args))


def _terms(args: argparse.Namespace) -> steps.Terms:
    return steps.Terms(replace=args.replace, any_secret=args.any_secret, send_waiting=args.send_waiting)


def main(arguments: list[str]) -> int:
    # What is wrong is said by the steps; a broker that makes topics has much to say meanwhile.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    args, progress, began = _parser().parse_args(arguments), Progress(), monotonic()
    try:
        asyncio.run(_run(args, progress))
    except BackupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    progress.note(f"Done in {monotonic() - began:.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
