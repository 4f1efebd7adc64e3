"""`python -m deploy.access kafka|mongo|redis [--prefix …]`: an administrator's commands, passwords left to them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from deploy.access.rules import SERVICES, kafka_rules, mongo_role, mongo_user, redis_rules


def kafka(prefix: str) -> Iterator[str]:
    """For Kafka's own kafka-acls.sh."""
    yield 'run() { kafka-acls.sh --bootstrap-server "$KAFKA" --command-config admin.properties --add "$@"; }'
    for service in SERVICES:
        for rule in kafka_rules(service, prefix):
            pattern = " --resource-pattern-type prefixed" if rule.prefixed else ""
            named = f"--{rule.resource} '{rule.name}'{pattern}"
            yield f"run --allow-principal User:switchboard-{service} --operation {rule.operation} {named}"


def mongo(prefix: str) -> Iterator[str]:
    """For mongosh, as a user who may administer users."""
    for service in SERVICES:
        database = f"db.getSiblingDB({json.dumps(f'{prefix}switchboard_{service}')})"
        yield f"{database}.runCommand({json.dumps(mongo_role(service, prefix))})"
        user = json.dumps(mongo_user(service, "", prefix)).replace('"pwd": ""', '"pwd": passwordPrompt()')
        yield f"{database}.runCommand({user})"


def redis(prefix: str) -> Iterator[str]:
    """For redis-cli."""
    for service in SERVICES:
        if rules := redis_rules(service, prefix):
            password = f">$REDIS_{service.upper()}_PASSWORD"
            yield f'redis-cli ACL SETUSER switchboard-{service} reset "{password}" ' + " ".join(
                f"'{one}'" for one in rules
            )


def main() -> None:
    parser = argparse.ArgumentParser(description="The least that each service needs, as an administrator's commands.")
    parser.add_argument("server", choices=("kafka", "mongo", "redis"))
    parser.add_argument("--prefix", default="", help="SWITCHBOARD_PREFIX of the desk")
    chosen = parser.parse_args()
    for line in {"kafka": kafka, "mongo": mongo, "redis": redis}[chosen.server](chosen.prefix):
        print(line)


if __name__ == "__main__":
    main()
