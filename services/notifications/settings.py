"""What notifications is told by its environment, beside what every service is told."""

from __future__ import annotations

from typing import Self

from pydantic import Field, IPvAnyNetwork, SecretStr, model_validator

from shared.settings import Settings

RECORD_S = 5.0
"""What is kept of the time for leaving so that what has left is recorded."""


class NotificationsSettings(Settings):
    """`smtp_out` is the relay that mail leaves by: `smtp://host:port`, `smtp+starttls://…` or `smtps://…`.

    Replies go out once a delivery is leased; the lease is four times `send_s`, so that a send has ended
    before anybody else may try the same delivery. A stop lets it end: `drain_s` is longer than it.
    """

    drain_s: float = 45.0

    smtp_out: str = Field(default="smtp://127.0.0.1:2526", pattern=r"^(smtp|smtps|smtp\+starttls)://[^/@\s]+$")
    smtp_out_username: str = ""
    smtp_out_password: SecretStr = SecretStr("")
    smtp_out_name: str = ""
    """The name given in EHLO; empty: this host's."""
    send_s: float = Field(default=40.0, gt=0, le=50)
    """How long the mail server's last word may take; so long again may the attachments, before."""
    sends_at_once: int = Field(default=20, ge=1, le=200)
    files_fetch_url: str = ""
    """Where this process reads attached files; empty: at `files_url`, as browsers do. In containers and clusters
    the browsers' address often leads nowhere from inside."""
    attachments_limit_bytes: int = 25 * 1024 * 1024
    """All files of one mail; the common limit of receiving servers."""

    notices_from: str = Field(default="", max_length=200, pattern=r"^$|^[^\s@<>]+@[^\s@<>]+$")
    """The address that mails to agents come from; empty: no-reply at the host of `public_url`."""
    notices_days: int = Field(default=90, ge=60)
    """How long what an agent was told can be looked at; longer than its event may come again."""

    aircall_api_id: str = ""
    aircall_api_token: SecretStr = SecretStr("")
    """The account's key for Aircall's public API; empty: nobody can call from here, and no status goes to Aircall."""
    aircall_api_url: str = Field(default="https://api.aircall.io", pattern=r"^https?://[^/@\s]+$")
    aircall_s: float = Field(default=10.0, gt=0, le=30)
    """How long one request to Aircall may take."""

    webhook_s: float = Field(default=15.0, gt=0, le=30)
    """How long one webhook call may take in all."""
    webhook_endpoints: int = Field(default=100, ge=1, le=1000)
    webhook_endpoints_at_once: int = Field(default=50, ge=1, le=1000)
    webhook_calls_per_endpoint: int = Field(default=8, ge=1, le=100)
    """How many conversations of one endpoint are called side by side; those of one conversation never are."""
    webhook_disable_after_days: float = Field(default=5.0, gt=0)
    """An endpoint that took nothing for so long is switched off."""
    webhook_days: int = Field(default=30, ge=1)
    """How long a webhook call that is over can be looked at and replayed."""
    webhook_links_s: int = 7 * 24 * 3600
    """How long the signed links in a webhook work; longer than its retries last."""
    outside_networks: tuple[IPvAnyNetwork, ...] = ()
    """Private networks that webhooks may call, with http and on any port too: `["10.2.0.0/16"]`. None by default."""
    outside_ca_file: str = ""
    """Certificates of one's own authority, beside the public ones, for https to `outside_networks`."""

    live_hello_s: float = 5.0
    live_sockets: int = Field(default=20_000, ge=1)
    live_sockets_per_person: int = Field(default=30, ge=1)
    live_sockets_per_address: int = Field(default=1000, ge=1)
    """From one network address, behind which a whole office may sit; `trusted_proxies` says whose address that is."""
    live_queue: int = Field(default=500, ge=1)
    """How many frames may wait for one slow reader before it is dropped."""
    live_stream_entries: int = Field(default=20_000, ge=100)
    live_stream_bytes: int = Field(default=256 * 1024 * 1024, ge=1024 * 1024)
    """What Redis keeps for sockets that come back after a gap: so many of the newest entries, and no more bytes."""
    live_replay_bytes: int = 16 * 1024 * 1024
    """What each replica keeps in memory of the stream, for sockets that come back after a gap."""
    live_links_s: int = 24 * 3600
    """How long the signed links in a live message work."""

    @model_validator(mode="after")
    def _what_leaves_is_recorded(self) -> Self:
        """What is cut off in the middle may have arrived, and would be sent again."""
        least = max(self.send_s, self.webhook_s, self.aircall_s) + RECORD_S
        if self.drain_s < least:
            raise ValueError(
                f"SWITCHBOARD_DRAIN_S must be at least {least:g}: {RECORD_S:g} above the longest of "
                "SWITCHBOARD_SEND_S, SWITCHBOARD_WEBHOOK_S and SWITCHBOARD_AIRCALL_S"
            )
        return self
