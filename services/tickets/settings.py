"""What tickets is told by its environment, besides what every service is told."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, IPvAnyNetwork, SecretStr, model_validator

from shared.settings import Settings


class TicketsSettings(Settings):
    """`SWITCHBOARD_TICKETS_*` names are not needed: the fields' own names are unlike the shared ones."""

    access_token_s: int = Field(default=600, ge=60, le=3600)
    """How long an access token holds; a deactivated agent is refused at once all the same."""
    signing_key_days: float = Field(default=90, gt=0)
    """How long a key signs access tokens before a new one takes its place by itself."""
    file_link_s: int = Field(default=3600, ge=60)
    """How long a link to an attachment opens, at least; links are made for whole periods, so that they cache."""
    image_link_s: int = Field(default=600, ge=10)
    """How long a link to a remote image opens."""
    sign_in_failures_per_account: int = 10
    sign_in_failures_per_address: int = 50
    reset_mails_per_account: int = Field(default=3, ge=1)
    reset_mails_per_address: int = Field(default=20, ge=1)
    """How often a mail with a link for a new password may be asked for in 15 minutes."""
    search_folder: Path | None = None
    """Where processes with the role `search` keep their index, each in a folder of its own within. None: in a temporary
    folder, and made anew at every start."""

    outside_networks: tuple[IPvAnyNetwork, ...] = ()
    """Private networks that apps' cards may be asked in, with http and on any port too: `["10.2.0.0/16"]`. None by
    default."""
    outside_ca_file: str = ""
    """Certificates of one's own authority, beside the public ones, for https to `outside_networks`."""
    card_s: float = Field(default=5.0, gt=0, le=30)
    """How long an app's server may take to answer."""

    oidc_issuer: str = Field(
        default="", pattern=r"^(|https://[^/?#@\s][^?#\s]*|http://(127\.0\.0\.1|localhost)(:\d+)?(/[^?#\s]*)?)$"
    )
    """An OpenID Connect provider that agents may sign in with: its issuer, as its own discovery document names it.
    Empty: passwords alone."""
    oidc_name: str = Field(default="your company's account", max_length=60)
    """What the button says: "Sign in with …"."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_s: float = Field(default=10.0, gt=0, le=30)
    """How long one request to the provider may take."""

    @model_validator(mode="after")
    def _client_is_named(self) -> Self:
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            raise ValueError("SWITCHBOARD_OIDC_ISSUER needs SWITCHBOARD_OIDC_CLIENT_ID and _CLIENT_SECRET beside it")
        return self
