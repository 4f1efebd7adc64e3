"""Who gets a conversation (RT3): pure choices over what is known of the candidates. Read in this order:

    people     who could be asked, for what, and what they have already
    languages  who speaks whose language
    suits      what keeps somebody from taking a conversation, and how that is said
    order      of those who suit and have room, who is preferred
    reasons    why this one, and why nobody, as sentences
    staff      who is there, for the rules that ask

The order of preference is decided here; `store.seats` takes the first in that order who still has room, in one step, so
that two replicas choosing at once never go over anybody's capacity.
"""

from services.routing.assignment.order import order, places
from services.routing.assignment.people import Board, Candidate, Held, Need, Queue
from services.routing.assignment.reasons import reason_for, waiting_reason
from services.routing.assignment.staff import Staff
from services.routing.assignment.suits import keeps_from, suits

__all__ = [
    "Board",
    "Candidate",
    "Held",
    "Need",
    "Queue",
    "Staff",
    "keeps_from",
    "order",
    "places",
    "reason_for",
    "suits",
    "waiting_reason",
]
