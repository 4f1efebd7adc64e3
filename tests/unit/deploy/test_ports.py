"""Ports: asked for, remembered, usual, next free; and who holds one that is taken."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.errors import LaunchError
from deploy.local.ports import HOST, Ports, any_free, is_free, owner, variable


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


def test_the_usual_port_is_taken_when_it_is_free(tmp_path: Path) -> None:
    (usual,) = any_free(1)
    assert Ports(tmp_path / "ports.json", {}).choose("web", usual) == usual


def test_a_taken_usual_port_gives_way_to_another_that_is_remembered(tmp_path: Path, taken: int) -> None:
    ports = Ports(tmp_path / "ports.json", {})
    chosen = ports.choose("web", taken)
    ports.save()
    assert chosen != taken
    assert is_free(chosen)
    assert Ports(tmp_path / "ports.json", {}).choose("web", any_free(1)[0]) == chosen


def test_two_parts_never_get_the_same_port(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json", {})
    (usual,) = any_free(1)
    assert ports.choose("web", usual) != ports.choose("messenger", usual)


def test_a_port_asked_for_and_taken_is_an_error_that_names_the_holder(tmp_path: Path, taken: int) -> None:
    ports = Ports(tmp_path / "ports.json", {variable("smtp-sink"): str(taken)})
    with pytest.raises(LaunchError, match=rf"Port {taken} .*\(process {os.getpid()}\).*SWITCHBOARD_PORT_SMTP_SINK"):
        ports.choose("smtp-sink", 2526)


@pytest.mark.parametrize("asked", ["web", "0", "65536", "-1"])
def test_what_is_no_port_is_refused(tmp_path: Path, asked: str) -> None:
    with pytest.raises(LaunchError, match="not a port number"):
        Ports(tmp_path / "ports.json", {variable("web"): asked}).choose("web", 8080)


def test_the_port_that_our_own_process_holds_stays(tmp_path: Path, taken: int) -> None:
    (tmp_path / "ports.json").write_text(f'{{"web": {taken}}}')
    assert Ports(tmp_path / "ports.json", {}).choose("web", 8080, held=True) == taken


def test_a_spoilt_file_is_as_none(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("{")
    assert Ports(tmp_path / "ports.json", {}).kept == {}


def test_the_owner_of_a_free_port_is_not_invented() -> None:
    assert owner(any_free(1)[0]) == "another program"
