"""What tickets is told by its environment, besides what every service is told."""

from __future__ import annotations

from pydantic import Field

from shared.settings import Settings


class TicketsSettings(Settings):
    """`SWITCHBOARD_TICKETS_*` names are not needed: the fields' own names are unlike the shared ones."""

    access_token_s: int = Field(default=600, ge=60, le=3600)
    """How long an access token holds; a deactivated agent is refused at once all the same."""
    file_link_s: int = Field(default=3600, ge=60)
    """How long a link to an attachment opens, at least; links are made for whole periods, so that they cache."""
    sign_in_failures_per_account: int = 10
    sign_in_failures_per_address: int = 50
