"""Progress: one line per step, how it ended and how long it took."""

from __future__ import annotations

import io

import pytest

from deploy.local import progress as module
from deploy.local.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_step_ends_with_its_seconds() -> None:
    out = io.StringIO()
    times = iter([0.0, 3.25])
    with Progress(out, clock=lambda: next(times)).step("Starting Kafka") as step:
        step.detail("1 of 1 ready")
    assert out.getvalue() == "✓ Starting Kafka (1 of 1 ready) 3.2 s\n"


def test_a_failed_step_says_so_and_lets_the_error_through() -> None:
    out = io.StringIO()
    with pytest.raises(ValueError, match="no"), Progress(out).step("Starting Kafka"):
        raise ValueError("no")
    assert out.getvalue().startswith("✗ Starting Kafka")


def test_a_terminal_is_redrawn_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TICK_S", 0.001)
    out = Terminal()
    with Progress(out).step("Starting Kafka"):
        while "\r" not in out.getvalue():
            pass
    assert out.getvalue().count("\n") == 1


def test_an_ascii_only_output_is_no_error() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    with Progress(out).step("Starting Kafka"):
        pass
    assert b"? Starting Kafka" in raw.getvalue()


def test_who_reads_no_more_stops_nothing() -> None:
    class Gone(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    progress = Progress(Gone())
    with progress.step("Starting Kafka"):
        progress.note("It goes on.")
    progress.note("To its end.")
