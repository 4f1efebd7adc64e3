"""What ingest is told by its environment, `SWITCHBOARD_*`. Read by `app.py` only."""

from __future__ import annotations

from ipaddress import ip_network

from pydantic import Field, IPvAnyNetwork, SecretStr

from services.ingest.model.mail import MAX_RAW_BYTES
from shared.settings import Settings


class IngestSettings(Settings):
    """An empty token switches its way in off: no default secrets."""

    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8025
    smtp_tls_cert_file: str = ""
    smtp_tls_key_file: str = ""
    smtp_connections: int = Field(default=200, ge=1)
    smtp_address_connections: int = Field(default=50, ge=1)
    """The same of one network address; `trusted_mail_networks` may have them all."""
    smtp_messages: int = Field(default=64, ge=1)
    """How many mails are in hand at once before 451."""
    smtp_in_hand_bytes: int = Field(default=96 * 1024 * 1024, ge=MAX_RAW_BYTES)
    """How many bytes of mails are in hand at once before 451; at least one mail of the largest size."""
    smtp_timeout_s: float = 120.0
    trusted_authserv_id: str = ""
    """The name of the mail server before ours whose Authentication-Results are believed (RFC 8601). It must take away
    what others wrote in its name (§5). Empty: no sender is proven, so only our own signed ids join conversations."""
    trusted_mail_networks: tuple[IPvAnyNetwork, ...] = (ip_network("127.0.0.1/32"), ip_network("::1/128"))
    """Where that server stands: a header that says the same but came from elsewhere is not believed."""

    parser_workers: int = Field(default=2, ge=1)
    parser_timeout_s: float = 15.0
    parser_memory_bytes: int = 512 * 1024 * 1024

    integration_token: SecretStr = SecretStr("")
    aircall_token: SecretStr = SecretStr("")

    upload_limit_bytes: int = 25 * 1024 * 1024
    visitor_days: int = 30
    chat_per_minute: int = 60
    """Messages, sessions and files of one visitor."""
    chat_address_per_minute: int = 1200
    """The same from one network address, behind which a whole office may sit."""

    image_limit_bytes: int = Field(default=10 * 1024 * 1024, ge=1)
    image_s: float = Field(default=10.0, gt=0, le=60)
    """How long fetching one remote image may take in all, redirects too."""
    images_at_once: int = Field(default=8, ge=1)
    outside_networks: tuple[IPvAnyNetwork, ...] = ()
    """Private networks that images may be fetched from, with http and on any port too: `["10.2.0.0/16"]`. None by
    default."""
    outside_ca_file: str = ""
    """Certificates of one's own authority, beside the public ones, for https to `outside_networks`."""
