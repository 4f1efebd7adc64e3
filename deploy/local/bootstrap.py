"""The project's Python environment: .venv as requirements/dev.txt says, made when missing or stale.

Runs on the person's own Python before anything is installed, so: standard library only.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.local.errors import LaunchError, last_lines
from deploy.local.layout import Layout
from deploy.local.progress import Progress

HERE = Path(__file__).resolve().parent
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
LEAST_FREE_BYTES = 2_000_000_000


def digest(*parts: Path | str) -> str:
    """A short digest of texts and of files' contents."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part.read_bytes() if isinstance(part, Path) else part.encode())
        total.update(b"\0")
    return total.hexdigest()[:16]


def download_env(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment for package clients: those that carry their own certificates get the system's too."""
    env = {name: value for name, value in environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    if SYSTEM_CERTIFICATES.exists():
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
            env.setdefault(name, str(SYSTEM_CERTIFICATES))
    return env


def run_logged(argv: Sequence[str | Path], log: Path, failed: str, cwd: Path, env: Mapping[str, str]) -> None:
    """Run a command with its output in `log`; on failure raise `failed` with its last line."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        done = subprocess.run(
            [str(part) for part in argv],
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise LaunchError(f"{failed} ({reason(log) or f'exit code {done.returncode}'})", log)


def reason(log: Path) -> str:
    """The line of a failed command's output that says why: npm's first error, anyone else's last line."""
    lines = last_lines(log, 60)
    npm = [line.removeprefix("npm error").strip() for line in lines if line.startswith("npm error")]
    said = ": ".join([line for line in npm if line][:2]) or "".join(lines[-1:])
    return said.strip()[:300]


@contextmanager
def locked(file: Path, busy: str | None = None) -> Iterator[None]:
    """Hold a lock between processes; with `busy` say that and fail rather than wait."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError:
            raise LaunchError(busy or "") from None
        yield


def need_space(*folders: Path, least: int = LEAST_FREE_BYTES) -> None:
    """Refuse to begin on a disk that is nearly full."""
    for folder in folders:
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        free = shutil.disk_usage(there).free
        if free < least:
            raise LaunchError(
                f"Only {free / 1e9:.1f} GB are free on the disk of {there}; Switchboard needs "
                f"{least / 1e9:.0f} GB to start."
            )


def uv(layout: Layout) -> Path:
    """The pinned uv, installed into .local/tools by pip when it is not there yet."""
    tools = layout.root / ".local" / "tools"
    binary = tools / "bin" / "uv"
    stamp = tools / ".stamp"
    wanted = digest(HERE / "uv.txt", sys.version)
    if binary.exists() and _read(stamp) == wanted:
        return binary
    shutil.rmtree(tools, ignore_errors=True)
    _make_venv(tools, layout.logs / "tools.log", with_pip=True)
    run_logged(
        [
            *(tools / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--require-hashes", "--only-binary", ":all:", "-r", HERE / "uv.txt"),
        ],
        layout.logs / "tools.log",
        "The package installer could not be fetched; is the network there?",
        layout.root,
        download_env(),
    )
    stamp.write_text(wanted)
    return binary


def ensure_venv(layout: Layout, progress: Progress) -> None:
    """Make .venv what requirements/dev.txt says; nothing is done when its stamp is right."""
    requirements = layout.root / "requirements" / "dev.txt"
    stamp = layout.venv / ".switchboard-stamp"
    wanted = digest(requirements)
    with locked(layout.root / ".local" / "venv.lock"):
        if layout.python.exists() and _read(stamp) == wanted:
            return
        need_space(layout.root)
        with progress.step("Python packages"):
            installer = uv(layout)
            if not _works(layout.python):
                shutil.rmtree(layout.venv, ignore_errors=True)
                _make_venv(layout.venv, layout.logs / "venv.log", with_pip=False)
            run_logged(
                [
                    *(installer, "pip", "sync", "--quiet", "--system-certs", "--require-hashes"),
                    *("--python", layout.python, requirements),
                ],
                layout.logs / "venv.log",
                "The Python packages could not be installed; is the network there?",
                layout.root,
                download_env(),
            )
            stamp.write_text(wanted)


def _make_venv(folder: Path, log: Path, with_pip: bool) -> None:
    run_logged(
        [sys.executable, "-m", "venv", *([] if with_pip else ["--without-pip"]), folder],
        log,
        "Python could not make an environment; on Debian and Ubuntu it needs the package python3-venv.",
        Path.cwd(),
        download_env(),
    )


def _works(python: Path) -> bool:
    asks = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", asks], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
