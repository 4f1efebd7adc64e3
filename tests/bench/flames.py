"""Flame graphs of programs while they are measured, by py-spy (https://github.com/benfred/py-spy), if it is there."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

RATE = 100
"""Looks a second: a look stops the program for a moment."""
LEAST_PERCENT = 0.3
"""Frames of less are left out: nobody could read them, and the file would be several times as large."""

_TITLE = re.compile(r'(<text id="title"[^>]*>)[^<]*')
_FRAME = re.compile(r"<g><title>[^<]*?([\d.]+)%\)</title>.*?</g>", re.DOTALL)


@dataclass(frozen=True)
class Flames:
    """`svg`: of the first program; of each further one the file beside it, with the program's name behind."""

    svg: Path

    @contextmanager
    def of(self, programs: Mapping[str, subprocess.Popen[bytes]]) -> Iterator[None]:
        """Of these, for the length of the block. RuntimeError without py-spy."""
        spy = shutil.which("py-spy")
        if spy is None:
            raise RuntimeError("flame graphs need py-spy on the PATH: pipx install py-spy")
        self.svg.parent.mkdir(parents=True, exist_ok=True)
        looking = [self._look(spy, name, one.pid, first=n == 0) for n, (name, one) in enumerate(programs.items())]
        try:
            yield
        finally:
            for one in looking:
                one.send_signal(signal.SIGINT)
            for one in looking:
                one.wait(60)
            for number, name in enumerate(programs):
                svg = self._file(name, first=number == 0)
                svg.write_text(readable(svg.read_text(), f"CPU of the {name}"))

    def _file(self, name: str, *, first: bool) -> Path:
        return self.svg if first else self.svg.with_stem(f"{self.svg.stem}-{name.replace(' ', '-')}")

    def _look(self, spy: str, name: str, pid: int, *, first: bool) -> subprocess.Popen[bytes]:
        svg = self._file(name, first=first)
        told = ["record", "--pid", str(pid), "--output", str(svg), "--rate", str(RATE), "--function"]
        # No end of its own, and no browser at its end.
        return subprocess.Popen([spy, *told, "--duration", "unlimited"], stdout=subprocess.DEVNULL)


def readable(svg: str, title: str) -> str:
    """py-spy's drawing without the frames that are too narrow to read; it heads it with its own command line."""
    titled = _TITLE.sub(lambda found: f"{found[1]}{title}", svg)
    return _FRAME.sub(lambda frame: frame[0] if float(frame[1]) >= LEAST_PERCENT else "", titled)
