"""The environment's stamp, locks and refusals; nothing here reaches a network."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from deploy.local import bootstrap
from deploy.local.bootstrap import digest, download_env, ensure_venv, locked, need_space, reason, run_logged
from deploy.local.errors import LaunchError
from deploy.local.layout import Layout
from deploy.local.packages import ServerPackages, node_version
from deploy.local.progress import Progress
from deploy.local.web import sources_digest


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").write_text("a==1\n")
    return Layout.of({"SWITCHBOARD_CACHE": str(tmp_path / "cache")}, root=tmp_path)


@pytest.fixture
def installs(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have been run; a run leaves an environment behind."""
    ran: list[str] = []

    def make(folder: Path, log: Path, with_pip: bool) -> None:
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").symlink_to(sys.executable)

    monkeypatch.setattr(bootstrap, "uv", lambda layout: Path("uv"))
    monkeypatch.setattr(bootstrap, "_make_venv", make)
    monkeypatch.setattr(bootstrap, "run_logged", lambda argv, *rest: ran.append(str(argv[2])))
    return ran


def test_the_environment_is_made_once(layout: Layout, installs: list[str]) -> None:
    ensure_venv(layout, Progress())
    ensure_venv(layout, Progress())
    assert installs == ["sync"]


def test_changed_requirements_make_it_stale(layout: Layout, installs: list[str]) -> None:
    ensure_venv(layout, Progress())
    (layout.root / "requirements" / "dev.txt").write_text("a==2\n")
    ensure_venv(layout, Progress())
    assert installs == ["sync", "sync"]


def test_a_failed_command_is_one_sentence_with_its_last_line_and_its_log(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    argv = [sys.executable, "-c", "print('one', flush=True); raise SystemExit('no route')"]
    with pytest.raises(LaunchError, match=r"^It failed. \(no route\)$") as caught:
        run_logged(argv, log, "It failed.", tmp_path, {})
    assert caught.value.log == log


def test_npm_says_its_first_error_not_where_its_log_is(tmp_path: Path) -> None:
    log = tmp_path / "npm.log"
    log.write_text("npm error code EUSAGE\nnpm error\nnpm error not in sync\nnpm error A complete log: /x\n")
    assert reason(log) == "code EUSAGE: not in sync"


def test_a_full_disk_is_said_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match="GB are free on the disk"):
        need_space(tmp_path / "not" / "there", least=1 << 60)


def test_two_at_once_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with locked(file), pytest.raises(LaunchError, match="already"), locked(file, busy="already"):
        pass
    with locked(file, busy="already"):
        pass


def test_a_digest_tells_its_parts_apart(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("ab")
    assert digest("a", "b") != digest("ab")
    assert digest(file) == digest("ab")


def test_installers_do_not_see_the_callers_python_path() -> None:
    assert "PYTHONPATH" not in download_env({"PYTHONPATH": "/x", "HOME": "/h"})
    assert download_env({"SSL_CERT_FILE": "/mine"})["SSL_CERT_FILE"] == "/mine"


def test_a_build_is_stale_when_a_source_changes_and_not_when_its_output_does(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "dist").mkdir()
    (tmp_path / "src" / "a.ts").write_text("1")
    before = sources_digest(tmp_path)
    (tmp_path / "dist" / "a.js").write_text("1")
    assert sources_digest(tmp_path) == before
    (tmp_path / "src" / "a.ts").write_text("2")
    assert sources_digest(tmp_path) != before


def test_what_is_no_node_has_no_version() -> None:
    assert node_version("/does/not/exist") == ()
    assert node_version(sys.executable) == ()


def test_the_servers_programs_lie_in_the_cache() -> None:
    packages = ServerPackages(Path("/c/servers"), Path("/c/kafka"))
    programs = (packages.java, packages.mongod, packages.redis_server, packages.mongod_libraries)
    assert all(str(program).startswith("/c/servers/") for program in programs)
