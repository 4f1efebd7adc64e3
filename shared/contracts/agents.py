"""`ingest.agents.v1`: what other systems say of our agents. Key: the agent's address. Owner: ingest."""

from __future__ import annotations

from shared.contracts.base import Event, Id, Time


class PhoneStatusChanged(Event):
    """The phone system says that somebody became available, or no longer is.

    `email` (lower case) is how it knows them. `substatus` is its word for why, "" when it says none. `at` is its own
    time, whole seconds of UTC: working hours and the user's time zone are already in it.
    """

    input_id: Id
    account: str
    email: str
    available: bool
    substatus: str = ""
    at: Time
