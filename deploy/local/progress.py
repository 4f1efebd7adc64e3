"""What a waiting person sees: one line per step with its seconds, redrawn in place on a terminal."""

from __future__ import annotations

import io
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

TICK_S = 0.2
STILL_EVERY_S = 15.0


class Progress:
    """Steps one after another; on a terminal the current line counts seconds, elsewhere lines are plain."""

    def __init__(self, out: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.out = out or sys.stdout
        self.tty = self.out.isatty()
        self.clock = clock
        self._detail = ""

    @contextmanager
    def step(self, title: str) -> Iterator[Progress]:
        """Show `title` while the block runs, then how long it took and how it ended."""
        started = self.clock()
        self._detail = ""
        ended = threading.Event()
        ticker = threading.Thread(target=self._tick, args=(title, started, ended), daemon=True)
        ticker.start()
        mark = "failed"
        try:
            yield self
            mark = "done"
        finally:
            ended.set()
            ticker.join()
            self._close(title, self.clock() - started, mark)

    def detail(self, text: str) -> None:
        """What the current step is busy with, shown after its title."""
        self._detail = text

    def note(self, text: str) -> None:
        """A line of its own."""
        self._write(f"{text}\n")

    def _tick(self, title: str, started: float, ended: threading.Event) -> None:
        while not ended.wait(TICK_S if self.tty else STILL_EVERY_S):
            elapsed = self.clock() - started
            if self.tty:
                self._write(f"\r\033[2K  {title} {self._detail} {elapsed:.0f} s"[:200])
            else:
                self._write(f"  … {title} {self._detail} {elapsed:.0f} s\n")

    def _close(self, title: str, elapsed: float, mark: str) -> None:
        sign = {"done": "✓", "failed": "✗"}[mark]
        lead = "\r\033[2K" if self.tty else ""
        detail = f" ({self._detail})" if self._detail else ""
        self._write(f"{lead}{sign} {title}{detail} {elapsed:.1f} s\n")

    def _write(self, text: str) -> None:
        try:
            try:
                self.out.write(text)
            except UnicodeEncodeError:
                self.out.write(text.encode("ascii", "replace").decode())
            self.out.flush()
        except OSError:
            # Nobody listens any more (`make up | head`, a closed terminal): what was begun is brought to its end.
            self.out = io.StringIO()
