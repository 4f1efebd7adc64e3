"""The configuration of the running desk as files: taken out, changed, looked at, put in, and put into another desk.

As `make export` and `make import` do it, which ask no more of a desk than its web address.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from deploy.local.layout import ROOT
from deploy.local.ports import HOST, any_free
from tests.bench import running, screen
from tests.desk import Desk
from tests.e2e.outside import Agent, until
from tests.servers import Servers

WITHIN_S = 120
Done = subprocess.CompletedProcess[str]


async def config(url: str, desk: Desk, what: str, folder: Path, *more: str, answer: str = "") -> Done:
    """`answer` is what somebody types who is asked."""
    account = desk.account("admin")
    env = os.environ | {"SWITCHBOARD_EMAIL": account["email"], "SWITCHBOARD_PASSWORD": account["password"]}
    command = [sys.executable, "-m", "scripts.config", what, str(folder), "--url", url, *more]

    def run() -> Done:
        return subprocess.run(
            command, cwd=ROOT, env=env, input=answer, capture_output=True, text=True, timeout=WITHIN_S, check=False
        )

    return await asyncio.to_thread(run)


def files(folder: Path) -> dict[str, str]:
    return {str(one.relative_to(folder)): one.read_text() for one in sorted(folder.rglob("*.json"))}


def change(file: Path, **said: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | said, indent=2, ensure_ascii=False) + "\n")


def remove(file: Path) -> None:
    file.unlink()
    order = file.with_name("order.json")
    order.write_text(json.dumps([one for one in json.loads(order.read_text()) if one != file.stem]))


async def test_the_configuration_goes_out_into_files_and_comes_back(desk: Desk, tmp_path: Path) -> None:
    mark = uuid.uuid4().hex[:8]
    folder, again = tmp_path / "desk", tmp_path / "again"
    async with Agent(desk.web, desk.account("admin")) as admin:
        macro_id, rule_id = await written(admin, mark)
        macro, rule = folder / "macro" / f"{macro_id}.json", folder / "rule" / f"{rule_id}.json"

        # out, the same each time; put in unchanged, nothing happens
        out = await config(desk.web, desk, "export", folder)
        assert out.returncode == 0, out.stderr
        assert " × rule" in out.stdout
        assert {macro, rule} <= set(folder.rglob("*.json"))
        await config(desk.web, desk, "export", again)
        assert files(again) == files(folder)
        same = await config(desk.web, desk, "import", folder)
        assert (same.returncode, same.stdout) == (0, "Nothing would change.\n"), same.stderr

        # changed in its file: first the plan, and a question
        change(rule, name=f"Better {mark}")
        planned = [
            f"change rule “Better {mark}” ({rule_id})",
            f'    name: "Warranty {mark}" → "Better {mark}"',
        ]
        refused = await config(desk.web, desk, "import", folder, answer="n\n")
        assert refused.stdout.splitlines()[:2] == planned, refused.stderr
        assert (await admin.get(f"/api/routing/rules/{rule_id}"))["version"] == 1

        # as a draft it is there, and not in force
        drafted = await config(desk.web, desk, "import", folder, "--why", "from git", answer="y\n")
        assert drafted.stdout.endswith("Saved as drafts.\n"), drafted.stderr
        kept = await admin.get(f"/api/routing/rules/{rule_id}")
        assert (kept["name"], kept["version"]) == (f"Better {mark}", 2)
        assert (kept["standing"]["state"], kept["standing"]["published"]) == ("draft", 1)
        await config(desk.web, desk, "export", again)
        assert files(again) != files(folder)

        # in force
        published = await config(desk.web, desk, "import", folder, "--publish", "--yes")
        assert published.stdout.splitlines() == [*planned, "Published."], published.stderr
        await config(desk.web, desk, "export", again)
        assert files(again) == files(folder)
        lines = (await admin.get(f"/api/routing/rules/{rule_id}/history"))["items"]
        assert "from git" in {one["text"] for one in lines}

        # a desk that can't keep it says where, and does nothing
        whole = rule.read_text()
        change(rule, then=[{"kind": "assign", "team_id": f"no-{mark}"}])
        wrong = await config(desk.web, desk, "import", folder, "--publish", "--yes")
        assert wrong.returncode == 1
        assert "    can't be saved: then[0].team_id" in wrong.stdout
        rule.write_text(whole[:-3])
        broken = await config(desk.web, desk, "import", folder, "--publish", "--yes")
        assert (broken.returncode, broken.stdout) == (1, "")
        assert f"{rule} is not JSON" in broken.stderr
        rule.write_text(whole)
        assert (await admin.get(f"/api/routing/rules/{rule_id}"))["name"] == f"Better {mark}"

        # another desk has neither the rule nor the macro that it answers with
        async with another(desk) as url:
            await until(lambda: can_keep(url, desk, folder), seconds=WITHIN_S)
            there = await config(url, desk, "import", folder, "--publish", "--yes")
            assert there.returncode == 0, there.stdout + there.stderr
            assert f"create macro “Warranty {mark}” ({macro_id})" in there.stdout
            await config(url, desk, "export", again)
            assert files(again) == files(folder)

        # what has no file any more is retired
        remove(rule)
        remove(macro)
        gone = await config(desk.web, desk, "import", folder, "--publish", "--yes")
        assert f"retire rule “Better {mark}” ({rule_id})" in gone.stdout, gone.stderr
        assert rule_id not in {one["id"] for one in (await admin.get("/api/routing/rules"))["items"]}
        assert macro_id not in {one["macro"]["macro_id"] for one in (await admin.get("/api/tickets/macros"))["items"]}


async def written(admin: Agent, mark: str) -> tuple[str, str]:
    """A macro and a rule that answers with it, in force, for nobody's mail."""
    said = {"name": f"Warranty {mark}", "html": "<p>Five years.</p>", "actions": []}
    macro_id: str = (await admin.post("/api/tickets/shared-macros?publish=true", **said))["id"]
    conditions = {"all": [{"field": "conversation.subject", "operator": "contains", "value": mark}]}
    answers = [{"kind": "send_macro", "macro_id": macro_id}]
    rule = {"name": f"Warranty {mark}", "when": ["ConversationStarted"], "if": conditions, "then": answers}

    async def made() -> Any:
        # routing hears of the macro in a moment
        answer = await admin.client.post("/api/routing/rules?publish=true", json=rule)
        return answer.json() if answer.status_code == 201 else None

    return macro_id, (await until(made))["id"]


@asynccontextmanager
async def another(desk: Desk) -> AsyncIterator[str]:
    """The address of a desk with the same people and brands, on the same servers under other names."""
    servers, prefix, (port,) = Servers(desk.kafka, desk.mongo, desk.redis), running.new_prefix(), any_free(1)
    await screen.prepare(servers, prefix)
    try:
        with ExitStack() as stack:
            names = ("tickets", "routing")
            parts = {name: stack.enter_context(running.service(name, servers, prefix)) for name in names}
            stack.enter_context(running.inbox(port, {name: one.url for name, one in parts.items()}))
            yield f"http://{HOST}:{port}"
    finally:
        running.drop(servers, prefix)


async def can_keep(url: str, desk: Desk, folder: Path) -> bool:
    """Once its directory has come to both services."""
    looked = await config(url, desk, "import", folder, answer="n\n")
    return looked.returncode == 0
