"""What is wrong with a brand that somebody describes. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from zoneinfo import available_timezones

from shared.contracts.directory import BrandChanged
from shared.errors import FieldError

_SENDER = re.compile(r"(?:[^\s@]{1,64}@)?(?:[^\s@.]{1,63}\.)+[^\s@.]{2,63}")
_SITE = re.compile(r"https?://[^\s/?#@\\]+([/?#][^\s\\]*)?")


def wrong_with(wanted: BrandChanged, brands: Mapping[str, BrandChanged]) -> list[FieldError]:
    """Everything that must be mended, each at its place. A mailbox or line is one active brand's alone: what arrives
    there must be somebody's, and not now the one's and now the other's."""
    others = [one for one in brands.values() if one.brand_id != wanted.brand_id and one.active]
    found: list[FieldError] = []
    if not wanted.name.strip():
        found.append(FieldError("body.name", "is what people read, and needed"))
    if wanted.time_zone not in available_timezones():
        found.append(FieldError("body.time_zone", "is not a time zone; choose one such as America/Denver"))
    mailboxes = [one.address for one in wanted.addresses]
    found += _twice("addresses", mailboxes)
    found += _twice("lines", wanted.lines)
    found += _twice("topics", wanted.topics)
    if wanted.active:
        taken = {one.address: brand.name for brand in others for one in brand.addresses}
        found += _taken("addresses", mailboxes, taken)
        found += _taken("lines", wanted.lines, {line: brand.name for brand in others for line in brand.lines})
    for index, topic in enumerate(wanted.topics):
        if not topic.strip() or topic != topic.strip():
            found.append(FieldError(f"body.topics.{index}", "needs a name without spaces around it"))
    for index, address in enumerate(mailboxes):
        if "+" in address.partition("@")[0]:
            found.append(
                FieldError(f"body.addresses.{index}.address", "leave out the +: all of its kind arrive anyway")
            )
    found += _unreadable("spam.allowed", wanted.spam.allowed)
    found += _unreadable("spam.blocked", wanted.spam.blocked)
    allowed = set(wanted.spam.allowed)
    both = (index for index, sender in enumerate(wanted.spam.blocked) if sender in allowed)
    found += [FieldError(f"body.spam.blocked.{index}", "is on the list of allowed senders, too") for index in both]
    if wanted.site and not _SITE.fullmatch(wanted.site):
        found.append(FieldError("body.site", "is not a web address; write it as https://www.example.com"))
    return found


def _unreadable(field: str, senders: Iterable[str]) -> Iterator[FieldError]:
    for index, sender in enumerate(senders):
        if not _SENDER.fullmatch(sender):
            message = f"{sender} is neither an address nor a domain; write it as ann@example.com or example.com"
            yield FieldError(f"body.{field}.{index}", message)


def _twice(field: str, values: Iterable[str]) -> Iterator[FieldError]:
    listed = list(values)
    for value, times in Counter(listed).items():
        if times > 1:
            yield FieldError(f"body.{field}.{listed.index(value)}", f"{value} is here twice")


def _taken(field: str, values: Iterable[str], taken: Mapping[str, str]) -> Iterator[FieldError]:
    for index, value in enumerate(values):
        if value in taken:
            yield FieldError(f"body.{field}.{index}", f"{value} belongs to {taken[value]}")
