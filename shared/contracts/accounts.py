"""`tickets.accounts.v1`: what agents want of their own accounts. Key: agent id. Owner: tickets."""

from __future__ import annotations

from shared.contracts.base import Event, Id, Time


class PasswordResetRequested(Event):
    """Somebody said on the sign-in page that they lost the password of this account. There is one for each request, so
    `seq` is 1.

    `sealed` is the agent's id and the token of a link that opens once until `expires_at`, readable by notifications
    alone (`shared/sealing.py`, RESET_LINKS). `elsewhere` is what the account is called that they sign in with at
    another provider, "" without one; who has no password beside it gets no link, and `sealed` is "".
    """

    request_id: Id
    agent_id: Id
    seq: int
    at: Time
    expires_at: Time
    sealed: str = ""
    elsewhere: str = ""
