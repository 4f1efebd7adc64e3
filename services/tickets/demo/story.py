"""What a demo story is: who says what in turn, and how it stands at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shared.contracts.common import Channel
from shared.contracts.tickets import FieldValue

End = Literal["open", "snoozed", "closed"]

SHOP = (
    "ava-janes-kitchen",
    "bright-naturals",
    "earth-echo",
    "mesa-cookware",
    "paleo-hacks",
    "paleo-plan",
    "physiotru",
)
"""Every brand."""
GOODS = ("ava-janes-kitchen", "bright-naturals", "earth-echo", "mesa-cookware", "physiotru")
"""Brands that send parcels."""
SUPPLEMENTS = ("bright-naturals", "earth-echo", "physiotru")


@dataclass(frozen=True, slots=True)
class Filed:
    """The ticket that an agent makes of a story, with the same blanks. `outcome`: what its form asks for when it is
    resolved; None: it stays open. `shared`: all conversations with this story are linked to one ticket."""

    type_id: str
    title: str
    fields: dict[str, FieldValue]
    outcome: dict[str, FieldValue] | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """A conversation with blanks: {first}, {name}, {order}, {product}, {agent}, {tracking}, {amount}, {brand}.

    Each turn begins with who speaks: `<` the customer, `>` an agent, `#` a note (`#@lead` mentions),
    `~` the customer's out-of-office mail. A line of `--` within a customer's mail begins the quoted part.
    A story that begins with `>` was composed by an agent. `who` names the only one who could have written it.
    `swallowed`: it is about something eaten or drunk, so {product} is never a DVD or a serum.
    """

    subject: str
    turns: tuple[str, ...]
    brands: tuple[str, ...] = SHOP
    channel: Channel = "email"
    account: str = ""
    topic: str | None = None
    tags: tuple[str, ...] = ()
    end: End | None = None
    priority: bool = False
    spam: bool = False
    who: str = ""
    swallowed: bool = False
    files: Filed | None = None
