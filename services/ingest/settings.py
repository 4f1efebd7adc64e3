"""What ingest is told by its environment, `SWITCHBOARD_*`. Read by `app.py` only."""

from __future__ import annotations

from pydantic import Field, SecretStr

from services.ingest.model.mail import MAX_RAW_BYTES
from shared.settings import Settings


class IngestSettings(Settings):
    """An empty token switches its way in off: no default secrets."""

    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8025
    smtp_tls_cert_file: str = ""
    smtp_tls_key_file: str = ""
    smtp_connections: int = Field(default=200, ge=1)
    smtp_messages: int = Field(default=64, ge=1)
    """How many mails are in hand at once before 451."""
    smtp_in_hand_bytes: int = Field(default=96 * 1024 * 1024, ge=MAX_RAW_BYTES)
    """How many bytes of mails are in hand at once before 451; at least one mail of the largest size."""
    smtp_timeout_s: float = 120.0
    trusted_authserv_id: str = ""
    """The name of the mail server before ours whose Authentication-Results are believed (RFC 8601)."""

    parser_workers: int = Field(default=2, ge=1)
    parser_timeout_s: float = 20.0
    parser_memory_bytes: int = 1536 * 1024 * 1024

    integration_token: SecretStr = SecretStr("")
    aircall_token: SecretStr = SecretStr("")

    upload_limit_bytes: int = 25 * 1024 * 1024
    visitor_days: int = 30
    chat_per_minute: int = 60
    """Messages, sessions and files of one visitor."""
    chat_address_per_minute: int = 1200
    """The same from one network address, behind which a whole office may sit."""
