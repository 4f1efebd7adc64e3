"""Who sent it: the brand's lists of senders, and what the brand has known of one so far."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sender:
    """`answered`: an agent has written to them. `cleared`: somebody took one of theirs out of Spam. `marked`: how many
    of their conversations people put there."""

    answered: bool = False
    cleared: bool = False
    marked: int = 0


def listed(address: str, entries: Collection[str]) -> str | None:
    """The entry that an address is meant by: itself, its domain, or a domain above that."""
    address = address.strip().lower()
    if address in entries:
        return address
    domain = address.rpartition("@")[2] if "@" in address else ""
    while domain:
        if domain in entries:
            return domain
        domain = domain.partition(".")[2]
    return None
