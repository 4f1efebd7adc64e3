"""What the README tells a newcomer to run, run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from deploy.local.layout import ROOT
from tests.desk import Desk
from tests.e2e.outside import Agent, until

README = (ROOT / "README.md").read_text()
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
TARGETS = sorted(set(re.findall(r"make ([a-z]+)", README)) - {"sure"})


@pytest.mark.parametrize("program", PROGRAMS, ids=["first mail", "first event"])
def test_programs_run_as_they_stand(desk: Desk, tmp_path: Path, program: str) -> None:
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "endpoints.json").write_text(json.dumps(asdict(desk)))
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("sent", "202")


async def test_the_first_mail_is_in_the_inbox(desk: Desk) -> None:
    async with Agent(desk.web, desk.account("lead")) as agent:
        assert await until(lambda: agent.find("Where is my parcel?"))


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []
