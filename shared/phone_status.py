"""How an agent's status here and a user's availability in Aircall stand for each other. Pure.

`PUT /v1/users/:id` takes `availability_status` (available, custom, unavailable) and, with unavailable, a `substatus`
(https://developer.aircall.io/api-references/#update-a-user). "custom" is by working hours, which we never set.
"""

from __future__ import annotations

from typing import NamedTuple

from shared.contracts.routing import AgentStatus


class PhoneStatus(NamedTuple):
    """`substatus` is Aircall's word for why somebody is not available; "" when it says none."""

    available: bool
    substatus: str = ""


_SUBSTATUS = {
    "Break/Lunch": "out_for_lunch",
    "Coaching": "in_training",
    "In a meeting": "other",
    "Back office": "doing_back_office",
}
_REASON = {
    "out_for_lunch": "Break/Lunch",
    "on_a_break": "Break/Lunch",
    "in_training": "Coaching",
    "doing_back_office": "Back office",
}
NOT_AVAILABLE = "Not available on the phone"


def in_aircall(status: AgentStatus, reason: str) -> PhoneStatus:
    """What Aircall shows for a status of ours."""
    if status == "online":
        return PhoneStatus(True)
    return PhoneStatus(False, _SUBSTATUS.get(reason, "other") if status == "away" else "")


def here(phone: PhoneStatus) -> tuple[AgentStatus, str]:
    """(status, reason) that somebody has here when Aircall says this of them."""
    if phone.available:
        return "online", ""
    return "away", _REASON.get(phone.substatus, NOT_AVAILABLE)


def agrees(status: AgentStatus, reason: str, phone: PhoneStatus) -> bool:
    """Whether both say the same. Aircall tells of an unavailable user twice, at first without the substatus, so that
    alone contradicts no reason."""
    shown = in_aircall(status, reason)
    if shown.available or phone.available:
        return shown.available == phone.available
    return phone.substatus in ("", "always_closed", shown.substatus) or here(phone) == (status, reason)
