"""The demo desk: brands, teams, roles and the accounts of `demo_accounts.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from services.tickets.api.hashing import HASHER
from services.tickets.demo.macros import write_macros
from services.tickets.demo.profiles import ATTRIBUTES, SEGMENTS
from services.tickets.demo.ticket_types import TICKET_TYPES
from services.tickets.store import Store
from shared.contracts.common import Address
from shared.contracts.directory import (
    AgentChanged,
    BrandChanged,
    MessengerLook,
    Permission,
    RoleChanged,
    TeamChanged,
)

ACCOUNTS = Path(__file__).parent.parent / "demo_accounts.json"

DEMO_CAPACITY = 250
"""Room for whoever tries the desk by sending it a few hundred messages."""

SHOP_TOPICS = ("Order status", "Returns & refunds", "Shipping", "Product question", "Billing")

_BRANDS: tuple[tuple[str, str, str, str, str, tuple[str, ...], str], ...] = (
    # id, name, domain, colour, time zone, topics of its own, greeting
    (
        "ava-janes-kitchen",
        "Ava Jane's Kitchen",
        "avajaneskitchen.example",
        "#C2410C",
        "America/Denver",
        ("Recipes", "Salt subscription"),
        "Hi! Cooking tonight? Ask us anything.",
    ),
    (
        "bright-naturals",
        "Bright Naturals",
        "brightnaturals.example",
        "#CA8A04",
        "America/Los_Angeles",
        ("Subscription", "Ingredients"),
        "Hello! How can we brighten your day?",
    ),
    (
        "earth-echo",
        "Earth Echo",
        "earthecho.example",
        "#15803D",
        "America/New_York",
        ("Subscription", "Ingredients"),
        "Welcome! What can we do for you?",
    ),
    (
        "mesa-cookware",
        "Mesa Cookware",
        "mesacookware.example",
        "#475569",
        "America/Phoenix",
        ("Warranty", "Care & seasoning"),
        "Hello! Questions about your pans? We're here.",
    ),
    (
        "paleo-hacks",
        "Paleo Hacks",
        "paleohacks.example",
        "#B91C1C",
        "America/Los_Angeles",
        ("Cookbooks", "Account access"),
        "Hey there! How can we help?",
    ),
    (
        "paleo-plan",
        "Paleo Plan",
        "paleoplan.example",
        "#0F766E",
        "America/Denver",
        ("Meal plans", "Account access", "Subscription"),
        "Hi! Need a hand with your plan?",
    ),
    (
        "physiotru",
        "PhysioTru",
        "physiotru.example",
        "#1D4ED8",
        "America/Chicago",
        ("Programs", "Ingredients", "Subscription"),
        "Hi! How are you feeling today?",
    ),
)

TEAMS = (
    TeamChanged(team_id="email-support", seq=1, name="Email Support", channels=("email", "chat", "custom")),
    TeamChanged(team_id="phone-support", seq=1, name="Phone Support", channels=("phone",)),
    TeamChanged(team_id="quality", seq=1, name="Quality"),
    TeamChanged(team_id="fulfillment", seq=1, name="Fulfillment"),
    TeamChanged(team_id="billing", seq=1, name="Billing"),
    TeamChanged(team_id="tech", seq=1, name="Tech"),
)

_READ: tuple[Permission, ...] = ("conversations.read", "rules.read", "tickets.read", "contacts.read")
_WORK: tuple[Permission, ...] = (
    *_READ,
    "conversations.reply",
    "conversations.edit",
    "tickets.write",
    "contacts.write",
)
_LEAD: tuple[Permission, ...] = (
    *_WORK,
    "conversations.assign_others",
    "conversations.merge",
    "rules.write",
    "rules.publish",
    "macros.write",
    "macros.publish",
    "dashboard.read",
)

ROLES = (
    RoleChanged(role_id="admin", seq=1, name="Admin", permissions=(*_LEAD, "directory.manage", "operations.manage")),
    RoleChanged(role_id="lead", seq=1, name="Team lead", permissions=_LEAD),
    RoleChanged(role_id="agent", seq=1, name="Agent", permissions=_WORK),
    RoleChanged(role_id="back-office", seq=1, name="Back office", permissions=("tickets.read", "tickets.write")),
    RoleChanged(role_id="reviewer", seq=1, name="Reviewer", permissions=_READ),
    RoleChanged(role_id="observer", seq=1, name="Observer", permissions=_READ),
)


def brands() -> list[BrandChanged]:
    """Each with one mailbox and one phone line, in the order of the lines' numbers."""
    return [
        BrandChanged(
            brand_id=id_,
            seq=1,
            name=name,
            color=color,
            time_zone=zone,
            addresses=(Address(address=f"support@{domain}", name=name),),
            lines=(f"+1310555010{number}",),
            topics=(*SHOP_TOPICS, *topics),
            site=f"https://www.{domain}",
            messenger=MessengerLook(greeting=greeting),
        )
        for number, (id_, name, domain, color, zone, topics, greeting) in enumerate(_BRANDS)
    ]


def accounts() -> list[dict[str, Any]]:
    """[{agent_id, email, password, name, role, team_ids}]"""
    found: list[dict[str, Any]] = json.loads(ACCOUNTS.read_text(encoding="utf-8"))
    return found


async def write_directory(store: Store) -> str:
    """Write what is missing or different; a second run changes nothing. Passwords stay once they are set."""
    for wanted in (*ROLES, *TEAMS, *brands(), *TICKET_TYPES, *ATTRIBUTES, *SEGMENTS):
        await store.directory.put(wanted)
    await write_macros(store)
    for account in accounts():
        agent = AgentChanged(
            agent_id=account["agent_id"],
            seq=1,
            name=account["name"],
            email=account["email"],
            role_id=account["role"],
            team_ids=tuple(account["team_ids"]),
            capacity=DEMO_CAPACITY,
        )
        known = await store.directory.agent(agent.agent_id)
        new = known is None or "private_password" not in known
        await store.directory.put(agent, private={"password": HASHER.hash(account["password"])} if new else None)
    desk = f"{len(_BRANDS)} brands, {len(TEAMS)} teams, {len(ROLES)} roles"
    return f"{desk}, {len(accounts())} agents, {len(TICKET_TYPES)} ticket types"
