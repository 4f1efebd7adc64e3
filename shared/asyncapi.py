"""The AsyncAPI 3.0 document of all Kafka topics, made from the registry: `python -m shared.asyncapi`.

https://www.asyncapi.com/docs/reference/specification/v3.0.0, with the Kafka bindings 0.5.0. The committed
`docs/asyncapi.json` is what integrators read; `--check` fails when it differs from what the code says.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.topics import PARTITIONS, TOPICS, Topic

PATH = Path(__file__).parents[1] / "docs" / "asyncapi.json"
BINDING = "0.5.0"
Json = dict[str, Any]

_ABOUT = """Switchboard's events. Each is a CloudEvent 1.0 in Kafka's binary mode: its attributes are in the record's
headers, its data is the record's value. Structured mode (application/cloudevents+json) is accepted on
integrations.inbound.v1.

Records of one key are in order. A record may come again with the same `ce_id`, after a crash: pass over what you know,
or read with isolation.level=read_committed to see fewer. Fields and event types may be added at any time: ignore what
you don't know. Anything else is a new version of the type, beside the old one."""

_ID = {"type": "string", "minLength": 1}
_HEADERS: Json = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": _ID | {"description": "The event's id. With ce_source it identifies the event for ever."},
        "ce_type": _ID | {"description": "switchboard.<owner>.<EventName>.v<N>"},
        "ce_source": _ID | {"description": "Who says so: /switchboard/<service>, or the integrator's own URI."},
        "ce_subject": {"type": "string", "description": "The aggregate that it happened to, the record's key."},
        "ce_time": {"type": "string", "format": "date-time", "description": "When it happened, UTC, milliseconds."},
        "ce_sequence": {
            "type": "string",
            "pattern": "^[0-9]+$",
            "description": "The event's place in its aggregate, from 1 without a gap.",
        },
        "ce_correlationid": {"type": "string", "description": "The input or command that began it all."},
        "ce_causationid": {"type": "string", "description": "The input or event that caused this one directly."},
        "ce_republished": {"const": "true", "description": "Told from the log once more: it may be known already."},
        "traceparent": {"type": "string", "description": "W3C Trace Context."},
        "content-type": {"const": "application/json"},
    },
}


def document() -> Json:
    """The whole document, the same bytes for the same registry."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Switchboard events",
            "version": "1.0.0",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {name: operation for topic in TOPICS for name, operation in _operations(topic).items()},
        "components": {
            "messages": {name: message for topic in TOPICS for name, message in _messages(topic).items()},
            "schemas": _schemas(),
        },
    }


def render() -> str:
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _channel(topic: Topic) -> Json:
    return {
        "address": topic.name,
        "description": topic.about,
        "messages": {event.__name__: _ref("messages", topic.type_of(event)) for event in topic.events},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": PARTITIONS,
                "topicConfiguration": {
                    "cleanup.policy": ["compact" if topic.compacted else "delete"],
                    "retention.ms": -1 if topic.retention_ms is None else topic.retention_ms,
                },
                "bindingVersion": BINDING,
            }
        },
        "x-owner": topic.owner,
        "x-key": topic.key,
        "x-readers": list(topic.groups) or (["every replica, without a group"] if topic.compacted else []),
        "x-dead-letters": [topic.dead_letters(group) for group in topic.groups],
    }


def _operations(topic: Topic) -> dict[str, Json]:
    """One for the owner, who alone sends; one for each consumer group."""
    channel = {"$ref": f"#/channels/{topic.name}"}
    sends = "Integrators send" if topic.owner == "integrations" else f"{topic.owner} sends"
    found: dict[str, Json] = {
        f"{topic.owner}.send.{topic.name}": {"action": "send", "channel": channel, "summary": f"{sends} {topic.name}."}
    }
    for group in topic.groups:
        found[f"{group}.receive.{topic.name}"] = {
            "action": "receive",
            "channel": channel,
            "summary": f"Read by the consumer group {group}.",
            "bindings": {"kafka": {"groupId": {"const": group}, "bindingVersion": BINDING}},
        }
    return found


def _messages(topic: Topic) -> dict[str, Json]:
    return {
        topic.type_of(event): {
            "name": topic.type_of(event),
            "title": event.__name__,
            "contentType": "application/json",
            "headers": {
                "allOf": [_ref("schemas", "Headers"), {"properties": {"ce_type": {"const": topic.type_of(event)}}}]
            },
            "payload": _ref("schemas", event.__name__),
            "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": BINDING}},
        }
        for event in topic.events
    }


def _schemas() -> Json:
    """Every event and every value in it, once, as a reader may rely on it."""
    models = [(event, "validation") for topic in TOPICS for event in topic.events]
    _, schemas = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    found: Json = _for_readers(schemas["$defs"])
    return {"Headers": _HEADERS} | dict(sorted(found.items()))


def _for_readers(schema: Any) -> Any:
    """What producers are held to, loosened for readers, and JSON Schema turned into AsyncAPI's dialect.

    Unknown fields are allowed, as they may come later. AsyncAPI's `discriminator` is the field's name alone.
    """
    if isinstance(schema, list):
        return [_for_readers(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _for_readers(value) for key, value in schema.items() if key != "additionalProperties" or value}
    if isinstance(found.get("discriminator"), dict) and "propertyName" in found["discriminator"]:
        found["discriminator"] = found["discriminator"]["propertyName"]
    return found


def _ref(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m shared.asyncapi", description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file differs")
    wanted, check = render(), parser.parse_args().check
    if not check:
        PATH.write_text(wanted)
        print(f"wrote {PATH.name}: {len(TOPICS)} Kafka topics")
    elif not PATH.exists() or PATH.read_text() != wanted:
        sys.exit("docs/asyncapi.json differs from shared/topics.py and its events: run `make contracts` and commit it.")


if __name__ == "__main__":
    main()
