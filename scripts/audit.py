"""What is known to be weak: ruff's security rules, secrets in the files, and published holes in the packages we ship.

`make audit` runs it. The registries' lists of holes need the network: where they do not answer, it says so, and with
`--strict` that is a failure too. No part of `make test`: a hole that is published today must not stop it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.bootstrap import digest, download_env, uv
from deploy.local.layout import Layout
from deploy.local.packages import node
from deploy.local.progress import Progress

ROOT = Path(__file__).parents[1]
NOT_WRITTEN_BY_HAND = r"^requirements/|package-lock\.json$|^docs/(openapi|screens)/|^docs/asyncapi\.json$"
KNOWN: Mapping[str, str] = {
    "deploy/backup/parts.py": "names of databases",
    "scripts/contracts.py": "a placeholder, so that the settings load",
    "web/apps/inbox/dev/": "the desk that the page is built against, with an account for nothing else",
    "tests/": "made up for a test, and worth nothing elsewhere",
}
"""Findings that are no secrets, by the beginning of the file's path, and why."""


@dataclass(frozen=True)
class Found:
    """`problems` are sentences; `untried` says why nothing could be found out."""

    problems: tuple[str, ...] = ()
    untried: str = ""


def code_rules() -> Found:
    """Ruff's S rules (flake8-bandit)."""
    done = _run([sys.executable, "-m", "ruff", "check", "--select", "S", "--output-format", "concise", "."])
    return Found(tuple(done.stdout.strip().splitlines()[:50]) if done.returncode else ())


def secrets(tool: Path) -> Found:
    files = _run(["git", "ls-files", "-z"]).stdout.split("\0")
    done = _run([tool / "detect-secrets", "scan", "--exclude-files", NOT_WRITTEN_BY_HAND, *filter(None, files)])
    results: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)["results"]
    return Found(
        tuple(
            f"{path}:{one['line_number']}: looks like a secret ({one['type']})"
            for path, found in sorted(results.items())
            for one in found
            if not path.startswith(tuple(KNOWN))
        )
    )


def python_packages(tool: Path) -> Found:
    """What the images install, against PyPI's advisories."""
    asked = ["-r", "requirements/runtime.txt", "--require-hashes", "--disable-pip"]
    done = _run([tool / "pip-audit", *asked, "-f", "json", "--progress-spinner", "off"])
    return pip_found(done.stdout, done.stderr)


def pip_found(said: str, complaint: str) -> Found:
    """pip-audit passes over what the index does not tell it about: then nothing was found out."""
    try:
        packages = json.loads(said)["dependencies"]
    except (ValueError, KeyError):
        return Found(untried=f"PyPI's advisories can't be asked: {_last_line(complaint)}")
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    if len(skipped) == len(packages):
        return Found(untried="PyPI's advisories can't be asked from here: the index answers for none of the packages")
    holes = [
        f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for one in packages
        for hole in one.get("vulns", ())
    ]
    return Found(tuple(holes), f"no advisories for {', '.join(skipped)}" if skipped else "")


def browser_packages(npm: Sequence[Path | str], env: Mapping[str, str]) -> Found:
    """What browsers load, against npm's advisories."""
    return npm_found(_run([*npm, "audit", "--omit=dev", "--json"], cwd=ROOT / "web", env=env).stdout)


def npm_found(said: str) -> Found:
    try:
        answer = json.loads(said)
    except ValueError:
        answer = {"error": {"summary": "npm did not answer"}}
    if "vulnerabilities" not in answer:
        said = (answer.get("error") or {}).get("summary") or answer.get("message") or "no answer"
        return Found(untried=f"npm's advisories can't be asked: {said}")
    holes = [f"{name}: {one['severity']}, {_via(one)}" for name, one in sorted(answer["vulnerabilities"].items())]
    return Found(tuple(holes))


def _via(one: dict[str, Any]) -> str:
    return ", ".join(str(via.get("title")) if isinstance(via, dict) else f"through {via}" for via in one["via"])


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:200] if lines else "no reason given"


def _run(
    argv: Sequence[Path | str], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the audit's own programs
        [str(part) for part in argv],
        cwd=cwd,
        env=dict(env or download_env()),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def ensure_tools(layout: Layout, progress: Progress) -> Path:
    """The folder of the audit's own programs, in an environment of their own."""
    folder, requirements = layout.local / "audit", ROOT / "requirements" / "audit.txt"
    stamp, wanted = folder / ".switchboard-stamp", digest(requirements)
    if not stamp.exists() or stamp.read_text() != wanted:
        with progress.step("The audit's programs"):
            program = uv(layout)
            into: list[Path | str] = ["--python", folder / "bin" / "python", "-r", requirements]
            for argv in (
                ["venv", "--clear", "--python", sys.executable, folder],
                ["pip", "install", "--system-certs", "--require-hashes", "--only-binary", ":all:", *into],
            ):
                done = _run([program, *argv])
                if done.returncode:
                    raise SystemExit(f"The audit's programs can't be installed: {_last_line(done.stderr)}")
            stamp.write_text(wanted)
    return folder / "bin"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--strict", action="store_true", help="what could not be asked is a failure as well")
    strict = parser.parse_args().strict
    layout, progress = Layout.of(os.environ), Progress()
    tool, tools = ensure_tools(layout, progress), node(layout, progress)
    checks: dict[str, Callable[[], Found]] = {
        "Security rules": code_rules,
        "Secrets in files": lambda: secrets(tool),
        "Python packages": lambda: python_packages(tool),
        "Browser packages": lambda: browser_packages(tools.npm, {**download_env(), **tools.env()}),
    }
    failed = False
    for name, check in checks.items():
        found = check()
        failed |= bool(found.problems) or (strict and bool(found.untried))
        told = "not tried: " + found.untried if found.untried and not found.problems else ""
        print(f"{'✗' if found.problems else '–' if told else '✓'} {name}{': ' + told if told else ''}", flush=True)
        for one in found.problems:
            print(f"    {one}")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
