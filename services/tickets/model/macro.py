"""Macros: texts with {{variables}}, who may use which, and what is wrong with one that somebody writes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

from services.tickets.model.macro_actions import ENDS, ME
from services.tickets.model.state import Desk
from shared.contracts.contacts import Contact
from shared.contracts.conversations import Head
from shared.contracts.directory import AgentChanged, MacroAction, MacroChanged
from shared.errors import FieldError
from shared.governance.stages import takes

SNOOZE_HOURS_MAX = 24 * 365
TAG_CHARS = 50
_VARIABLE = re.compile(r"\{\{\s*([a-zA-Z][\w.-]*)\s*(?:\|([^{}]*))?\}\}")
"""`{{name}}`, or `{{name | what to say when there is none}}`."""

VARIABLES = (
    "contact.name",
    "contact.first_name",
    "contact.email",
    "contact.phone",
    "agent.name",
    "agent.first_name",
    "agent.email",
    "brand.name",
    "brand.site",
    "conversation.subject",
    "conversation.topic",
)
OF_ATTRIBUTES = "contact.attributes."
"""Followed by an attribute's id."""


class Written(Protocol):
    """What people write of a macro."""

    @property
    def name(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def actions(self) -> Sequence[MacroAction]: ...
    @property
    def brand_ids(self) -> Sequence[str]: ...
    @property
    def team_ids(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Filled:
    """`missing`: variables that stand in `html` still, as nothing is known for them; each once."""

    html: str
    missing: tuple[str, ...]


def fill(html: str, values: Mapping[str, str]) -> Filled:
    """Variables become what they stand for, as text; never as HTML."""
    missing: dict[str, None] = {}

    def said(found: re.Match[str]) -> str:
        name, otherwise = found[1], (found[2] or "").strip()
        if value := values.get(name, ""):
            return escape(value)
        if otherwise:
            return otherwise
        missing[name] = None
        return "{{" + name + "}}"

    return Filled(_VARIABLE.sub(said, html), tuple(missing))


def values_for(head: Head, contact: Contact | None, desk: Desk, agent: AgentChanged | None) -> dict[str, str]:
    """What each variable stands for in this conversation; those that nothing is known of are left out."""
    brand = desk.brands.get(head.brand_id)
    name = (contact.name if contact else "") or head.handle.name
    mail = (contact.emails[0] if contact and contact.emails else "") or _value(head, "email")
    phone = (contact.phones[0] if contact and contact.phones else "") or _value(head, "phone")
    found = {
        "contact.name": name,
        "contact.first_name": name.split(" ")[0],
        "contact.email": mail,
        "contact.phone": phone,
        "agent.name": agent.name if agent else "",
        "agent.first_name": agent.name.split(" ")[0] if agent else "",
        "agent.email": agent.email if agent else "",
        "brand.name": brand.name if brand else "",
        "brand.site": brand.site if brand else "",
        "conversation.subject": head.subject,
        "conversation.topic": head.topic or "",
    }
    for one in contact.attributes if contact else ():
        found[f"{OF_ATTRIBUTES}{one.id}"] = str(one.value)
    return {variable: value for variable, value in found.items() if value}


def may_use(macro: MacroChanged, agent_id: str, brand_ids: Collection[str], team_ids: Collection[str]) -> bool:
    """`brand_ids` empty: the agent works for all. Somebody of no team uses what is for every team."""
    if not macro.active:
        return False
    if macro.personal:
        return macro.created_by == agent_id
    brand = not macro.brand_ids or not brand_ids or not set(macro.brand_ids).isdisjoint(brand_ids)
    return brand and (not macro.team_ids or not set(macro.team_ids).isdisjoint(team_ids))


def for_conversation(macro: MacroChanged, head: Head) -> MacroChanged | None:
    """The version that this conversation has while a new one is rolled out; None: it has none of it."""
    if macro.rollout is None or takes(macro.rollout, macro.macro_id, head):
        return macro
    return macro.model_copy(update=dict(macro.before)) if macro.before else None


def wrong_with(macro: Written, desk: Desk) -> list[FieldError]:
    """Where and how it must be mended; nothing when it is in order."""
    found = [] if macro.name.strip() else [FieldError("body.name", "is what people look for, and needed")]
    if not macro.html.strip() and not macro.actions:
        found.append(FieldError("body.html", "is empty, and it does nothing else"))
    for name in dict.fromkeys(one[0] for one in _VARIABLE.findall(macro.html)):
        attribute = name.removeprefix(OF_ATTRIBUTES)
        known = attribute in desk.attributes if name.startswith(OF_ATTRIBUTES) else name in VARIABLES
        if not known:
            found.append(FieldError("body.html", f"has {{{{{name}}}}}, which is not a variable"))
    found += [
        FieldError("body.brand_ids", f"{one} is not a brand") for one in macro.brand_ids if one not in desk.brands
    ]
    found += [FieldError("body.team_ids", f"{one} is not a team") for one in macro.team_ids if one not in desk.teams]
    for n, action in enumerate(macro.actions):
        if words := _wrong_action(action, desk):
            found.append(FieldError(f"body.actions.{n}.value", words))
    if len([one for one in macro.actions if one.kind in ENDS]) > 1:
        found.append(FieldError("body.actions", "can close or snooze, but only once"))
    return found


def _wrong_action(action: MacroAction, desk: Desk) -> str:
    value = action.value
    match action.kind:
        case "tag" | "untag":
            return "" if 0 < len(value.strip()) <= TAG_CHARS and value.isprintable() else "is not a tag"
        case "topic":
            return "" if any(value in brand.topics for brand in desk.brands.values()) else "is no brand's topic"
        case "team":
            return "" if value in desk.teams else "is not a team"
        case "agent":
            return "" if value == ME or desk.active(value) else "is not an active agent"
        case "snooze":
            hours = int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0
            return "" if 0 < hours <= SNOOZE_HOURS_MAX else f"is 1 to {SNOOZE_HOURS_MAX:,} hours"
    return "" if not value else "is not needed"


def _value(head: Head, kind: str) -> str:
    return head.handle.value if head.handle.kind == kind else ""
