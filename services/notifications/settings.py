"""What notifications is told by its environment, beside what every service is told."""

from __future__ import annotations

from pydantic import Field, SecretStr

from shared.settings import Settings


class NotificationsSettings(Settings):
    """`smtp_out` is the relay that mail leaves by: `smtp://host:port`, `smtp+starttls://…` or `smtps://…`.

    Replies go out once a delivery is leased; the lease is three times `send_s`, so that a send has ended
    before anybody else may try the same delivery.
    """

    smtp_out: str = Field(default="smtp://127.0.0.1:2526", pattern=r"^(smtp|smtps|smtp\+starttls)://[^/@\s]+$")
    smtp_out_username: str = ""
    smtp_out_password: SecretStr = SecretStr("")
    smtp_out_name: str = ""
    """The name given in EHLO; empty: this host's."""
    send_s: float = Field(default=40.0, gt=0, le=50)
    """How long one sending may take in all, its attachments fetched and the server's last word heard."""
    sends_at_once: int = Field(default=20, ge=1, le=200)
    files_fetch_url: str = ""
    """Where this process reads attached files; empty: at `files_url`, as browsers do. In containers and clusters
    the browsers' address often leads nowhere from inside."""
    attachments_limit_bytes: int = 25 * 1024 * 1024
    """All files of one mail; the common limit of receiving servers."""

    live_hello_s: float = 5.0
    live_sockets: int = Field(default=20_000, ge=1)
    live_sockets_per_person: int = Field(default=30, ge=1)
    live_queue: int = Field(default=500, ge=1)
    """How many frames may wait for one slow reader before it is dropped."""
    live_stream_entries: int = Field(default=20_000, ge=100)
    live_replay_bytes: int = 16 * 1024 * 1024
    """What each replica keeps in memory of the stream, for sockets that come back after a gap."""
    live_links_s: int = 24 * 3600
    """How long the signed links in a live message work."""
