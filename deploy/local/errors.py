"""The one way a local command fails on purpose: a sentence for the person, and where the log is."""

from __future__ import annotations

from pathlib import Path


class LaunchError(Exception):
    """Something that stops the command; `str()` is one clear sentence, `log` the file that tells more."""

    def __init__(self, sentence: str, log: Path | None = None) -> None:
        super().__init__(sentence)
        self.log = log


def last_lines(log: Path, count: int = 1) -> list[str]:
    """The last `count` non-empty lines of a log, without reading more than its last 16 KiB."""
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 16_384))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()][-count:]
