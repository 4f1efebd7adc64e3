"""The least that each service needs of Kafka, MongoDB and Redis. Pure; `python -m deploy.access` writes it as commands.

Topics are made and dead letters sent back (`shared.setup`, `shared.redrive`) by an administrator's user.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from shared.topics import DIRECTORY, TOPICS, read_by
from shared.watch import watched_by

SERVICES = ("ingest", "tickets", "routing", "notifications")

Resource = Literal["topic", "group", "transactional-id"]
Operation = Literal["Read", "Write", "Describe"]

REDIS_KEYS: dict[str, str] = {"ingest": "ingest:*", "routing": "{routing}:*", "notifications": "{live}:*"}
"""The keys of each service that uses Redis; tickets does not."""
REDIS_CHANNELS: dict[str, str] = {"notifications": "{live}:viewers"}
"""Where replicas of a service tell each other something."""
REDIS_COMMANDS = (
    "-@all",
    "+@read",
    "+@write",
    "+@connection",
    "+@scripting",
    "+@transaction",
    "+time",
    "-@dangerous",
    "-scan",
)
"""None that administers the server or names other services' keys."""

MONGO_ACTIONS = (
    "find",
    "insert",
    "update",
    "remove",
    "changeStream",
    "createCollection",
    "createIndex",
    "listCollections",
    "listIndexes",
    "collMod",
)
"""On its own database. `collMod` changes how long an index keeps what; nothing can be dropped."""


@dataclass(frozen=True, slots=True)
class KafkaRule:
    """`prefixed`: all names that begin so. Read and Write include Describe."""

    resource: Resource
    name: str
    operation: Operation
    prefixed: bool = False


def kafka_rules(service: str, prefix: str = "") -> list[KafkaRule]:
    """Who reads and writes what, as the registry of topics says it."""
    groups = {group for topic in TOPICS for group in topic.groups if group.startswith(f"{service}.")}
    rules = [KafkaRule("topic", DIRECTORY.name, "Read")]
    rules += [KafkaRule("topic", topic.name, "Read") for group in sorted(groups) for topic in read_by(group)]
    rules += [KafkaRule("topic", topic.name, "Write") for topic in TOPICS if topic.owner == service]
    rules += [
        KafkaRule("topic", topic.dead_letters(group), "Write") for group in sorted(groups) for topic in read_by(group)
    ]
    for group, topics in sorted(watched_by(service).items()):
        # How far dead letters were sent back is kept in a group of its own (shared.redrive).
        rules += [KafkaRule("group", one, "Describe") for one in (group, f"{group}.redrive")]
        rules += [KafkaRule("topic", topic.name, "Read") for topic in topics]
        rules += [KafkaRule("topic", topic.dead_letters(group), "Read") for topic in topics]
    rules.append(KafkaRule("group", f"{service}.", "Read", prefixed=True))
    rules.append(KafkaRule("transactional-id", f"{service}.", "Write", prefixed=True))
    named = [KafkaRule(one.resource, f"{prefix}{one.name}", one.operation, one.prefixed) for one in rules]
    return list(dict.fromkeys(named))


def mongo_role(service: str, prefix: str = "") -> dict[str, Any]:
    """The `createRole` command for its own database; run it there, then `mongo_user`."""
    database = f"{prefix}switchboard_{service}"
    everything = {"resource": {"db": database, "collection": ""}, "actions": list(MONGO_ACTIONS)}
    return {"createRole": f"switchboard-{service}", "privileges": [everything], "roles": []}


def mongo_user(service: str, password: str, prefix: str = "") -> dict[str, Any]:
    """The `createUser` command, in the same database: `authSource` of the connection string."""
    database = f"{prefix}switchboard_{service}"
    role = {"role": f"switchboard-{service}", "db": database}
    return {"createUser": f"switchboard-{service}", "pwd": password, "roles": [role]}


def redis_rules(service: str, prefix: str = "") -> list[str]:
    """The words of `ACL SETUSER switchboard-<service>` besides the password; empty for who does not use Redis."""
    keys = REDIS_KEYS.get(service)
    if keys is None:
        return []
    rules = ["on", "resetkeys", f"~{prefix}switchboard:{keys}", "resetchannels", *REDIS_COMMANDS]
    if channel := REDIS_CHANNELS.get(service):
        rules += [f"&{prefix}switchboard:{channel}", "+publish", "+subscribe", "+unsubscribe"]
    return rules
