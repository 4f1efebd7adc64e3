"""The configuration of a running desk as files, and back: `make export TO=folder`, `make import FROM=folder`.

A folder has `<kind>/<id>.json` for each rule, service level policy, calendar and macro that is in force, and
`<kind>/order.json`. They are the same for the same configuration, so that a difference in git is one. An import shows
its plan first and asks; without `--publish` what changed is saved as drafts, to be reviewed at the desk.
Who signs in: SWITCHBOARD_EMAIL and SWITCHBOARD_PASSWORD (and SWITCHBOARD_CODE of an authenticator app), or it asks.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import httpx

from deploy.local.layout import Layout

SERVICES = ("tickets", "routing")
"""What others refer to first: rules answer with macros."""
Kinds = dict[str, list[dict[str, Any]]]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts.config", description=__doc__)
    parser.add_argument("what", choices=("export", "import"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", help="the desk's address; else the one that runs here")
    parser.add_argument("--publish", action="store_true", help="in force at once, where no approval is needed")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--why", default="", help="told in the history")
    asked = parser.parse_args(arguments)
    with httpx.Client(base_url=asked.url or _here(), timeout=60) as client:
        try:
            _sign_in(client)
            return _export(client, asked.folder) if asked.what == "export" else _import(client, asked)
        except httpx.HTTPStatusError as error:
            print(_sentence(error.response), file=sys.stderr)
        except (httpx.TransportError, OSError, ValueError) as error:
            print(error, file=sys.stderr)
        return 1


def _here() -> str:
    endpoints: dict[str, str] = json.loads(Layout.of().endpoints.read_text(encoding="utf-8"))
    return endpoints["web"]


def _sign_in(client: httpx.Client) -> None:
    email = os.environ.get("SWITCHBOARD_EMAIL") or input("Email: ")
    password = os.environ.get("SWITCHBOARD_PASSWORD") or getpass.getpass("Password: ")
    body = {"email": email, "password": password}
    if code := os.environ.get("SWITCHBOARD_CODE"):
        body["code"] = code
    token = client.post("/api/tickets/session", json=body).raise_for_status().json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"


def _export(client: httpx.Client, folder: Path) -> int:
    for service in SERVICES:
        kinds: Kinds = client.get(f"/api/{service}/config").raise_for_status().json()["kinds"]
        write(folder, kinds)
        print(*(f"{len(entries)} × {kind}" for kind, entries in kinds.items()), sep="\n")
    return 0


def write(folder: Path, kinds: Kinds) -> None:
    """Each kind's own folder, anew."""
    for kind, entries in kinds.items():
        here = folder / kind
        shutil.rmtree(here, ignore_errors=True)
        here.mkdir(parents=True)
        for entry in entries:
            _write(here / f"{entry['id']}.json", entry["content"])
        _write(here / "order.json", [entry["id"] for entry in entries])


def read(folder: Path) -> Kinds:
    """In order; files that it does not name come last. Raises ValueError for one that is named and not there, or is no
    JSON."""
    kinds: Kinds = {}
    for here in sorted(one for one in folder.iterdir() if one.is_dir()):
        files = {one.stem: one for one in sorted(here.glob("*.json")) if one.name != "order.json"}
        order: list[str] = _read(here / "order.json") if (here / "order.json").exists() else []
        if missing := [id_ for id_ in order if id_ not in files]:
            raise ValueError(f"{here / 'order.json'} names {missing[0]}, and there is no such file")
        ids = [*order, *(id_ for id_ in files if id_ not in set(order))]
        kinds[here.name] = [{"id": id_, "content": _read(files[id_])} for id_ in ids]
    return kinds


def _import(client: httpx.Client, asked: argparse.Namespace) -> int:
    kinds = read(asked.folder)
    plans = {}
    for service in SERVICES:
        own = client.get(f"/api/{service}/config").raise_for_status().json()["kinds"]
        bundle = {"kinds": {kind: entries for kind, entries in kinds.items() if kind in own}}
        beside = {kind: entries for kind, entries in kinds.items() if kind not in own}
        body = {"bundle": bundle, "beside": beside}
        plans[service] = body, client.post(f"/api/{service}/config/plan", json=body).raise_for_status().json()
    steps = [step for _, plan in plans.values() for step in plan["items"]]
    lines = [line for step in steps for line in told(step)]
    print("\n".join(lines) or "Nothing would change.")
    if any(step["wrong"] for step in steps):
        return 1
    if not lines or not (asked.yes or input("Carry it out? [y/N] ").strip().lower() == "y"):
        return 0
    for service, (body, plan) in plans.items():
        how = {"plan_hash": plan["plan_hash"], "publish": asked.publish, "rationale": asked.why}
        client.post(f"/api/{service}/config/apply", json=body | how).raise_for_status()
    print("Published." if asked.publish else "Saved as drafts.")
    return 0


def told(step: dict[str, Any]) -> list[str]:
    """A step as lines; none for what stays the same."""
    lines = [] if step["act"] == "same" else [f"{step['act']} {step['kind']} “{step['name']}” ({step['id']})"]
    if step["act"] == "change":
        for one in step["diff"]:
            lines.append(f"    {one['place']}: {json.dumps(one['before'])} → {json.dumps(one['after'])}")
    return lines + [f"    can't be saved: {one['path']} {one['message']}" for one in step["wrong"]]


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _sentence(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError):
        return f"{answer.request.url} answers {answer.status_code}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
