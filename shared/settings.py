"""What every service is told by its environment, `SWITCHBOARD_*`. Each service's own settings extend it."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field, IPvAnyNetwork, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

Role = Literal["http", "consume", "relay", "timers", "search"]


class Settings(BaseSettings):
    """Frozen; secrets have no default. Units stand in the names.

    `kafka` is a list of `host:port`, `mongo` a connection string that names a replica set, `redis` a URL.
    `prefix` comes before every Kafka topic, database and Redis key, for several desks on one cluster.
    `secret` is shared by the services: it signs Message-IDs, file links and visitors' tokens.
    `roles` says what this process does; all of it by default, so that each can be scaled alone.
    """

    model_config = SettingsConfigDict(env_prefix="SWITCHBOARD_", frozen=True, extra="ignore")

    kafka: str
    mongo: SecretStr
    redis: SecretStr
    secret: SecretStr = Field(min_length=32)
    prefix: str = ""
    roles: frozenset[Role] = frozenset({"http", "consume", "relay", "timers", "search"})

    member: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,200}$")
    """A name of this replica that it keeps when it is started again, such as a pod's; no other has it at the time.
    With it, one that crashed takes its partitions up where it left them, and the others are not disturbed
    (Kafka's static membership, KIP-345). Without, its groups stand still until Kafka has missed it for ten seconds."""
    http_host: str = "127.0.0.1"
    http_port: int = 8000
    http_limit_bytes: int = 1024 * 1024
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    """Whose X-Forwarded-For is believed, as networks: `["10.0.3.0/24"]`. Nobody's by default."""
    public_url: str = "http://127.0.0.1:8080"
    files_url: str = "http://127.0.0.1:8001"
    messenger_url: str = "http://127.0.0.1:8081"
    log_level: str = "INFO"

    batch_records: int = Field(default=500, ge=1, le=2000)
    """How many records one transaction takes at most."""
    drain_s: float = 15.0
    """How long work in hand may take after SIGTERM."""
    dead_letters_per_minute: int = 600
    """Above it a consumer pauses and says so, rather than emptying a Kafka topic into the dead letters."""
    applied_days: int = 60
    """How long an applied input is remembered; longer than any Kafka topic is kept."""

    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_username: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_sasl: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    kafka_ca_file: str = ""

    @cached_property
    def kafka_servers(self) -> list[str]:
        return [server.strip() for server in self.kafka.split(",") if server.strip()]

    def database(self, service: str) -> str:
        """The service's own database."""
        return f"{self.prefix}switchboard_{service}"
