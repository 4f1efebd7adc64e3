"""The AsyncAPI document: committed as the code says, readable as AsyncAPI 3, and without loose ends."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema
from pydantic import ValidationError

from shared import asyncapi
from shared.settings import Settings
from shared.setup import wanted
from shared.topics import TOPICS

DOCUMENT = asyncapi.document()


def test_the_committed_document_is_what_the_code_says() -> None:
    assert asyncapi.PATH.read_text() == asyncapi.render(), "docs/asyncapi.json is old: run `make contracts`"


def test_the_check_says_what_to_do_when_it_differs(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib, shared.asyncapi as a; a.PATH = pathlib.Path(sys.argv.pop()); sys.argv[1:] = ['--check'];"
        "a.main()"
    )
    (tmp_path / "asyncapi.json").write_text("{}")
    run = [sys.executable, "-c", program, str(tmp_path / "asyncapi.json")]
    done = subprocess.run(run, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 1
    assert "make contracts" in done.stderr


def test_it_reads_as_asyncapi_3() -> None:
    """By FastStream's model of the specification, which no code of ours made."""
    assert DOCUMENT["asyncapi"] == "3.0.0"
    ApplicationSchema.model_validate(DOCUMENT)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("channels", TOPICS[0].name, "address"), 5),
        (("channels", TOPICS[0].name, "bindings", "kafka", "partitions"), 0),
        (("operations", f"{TOPICS[0].owner}.send.{TOPICS[0].name}", "action"), "publish"),
    ],
)
def test_a_mistake_would_be_seen(place: tuple[str, ...], value: Any) -> None:
    broken = copy.deepcopy(DOCUMENT)
    inner = broken
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    with pytest.raises(ValidationError):
        ApplicationSchema.model_validate(broken)


def test_every_reference_leads_somewhere() -> None:
    references = set(_references(DOCUMENT))
    assert len(references) > 50
    for reference in references:
        inner: Any = DOCUMENT
        for key in reference.removeprefix("#/").split("/"):
            assert key in inner, reference
            inner = inner[key]


def test_it_names_every_kafka_topic_event_and_group() -> None:
    channels, operations = DOCUMENT["channels"], DOCUMENT["operations"]
    assert set(channels) == {topic.name for topic in TOPICS}
    for topic in TOPICS:
        assert set(channels[topic.name]["messages"]) == {event.__name__ for event in topic.events}
        assert channels[topic.name]["x-dead-letters"] == [topic.dead_letters(group) for group in topic.groups]
        for group in topic.groups:
            assert operations[f"{group}.receive.{topic.name}"]["action"] == "receive"
    sends = [one for one in operations.values() if one["action"] == "send"]
    assert len(sends) == len(TOPICS)


def test_retention_is_what_the_topics_are_created_with() -> None:
    settings = Settings(kafka="localhost:1", mongo="mongodb://localhost", redis="redis://localhost", secret="x" * 32)
    created = {one.name: one for one in wanted(settings, 1)}
    for name, channel in DOCUMENT["channels"].items():
        kafka, topic = channel["bindings"]["kafka"], created[name]
        assert kafka["partitions"] == topic.num_partitions
        said = kafka["topicConfiguration"]
        assert topic.topic_configs["retention.ms"] == str(said["retention.ms"])
        assert topic.topic_configs.get("cleanup.policy", "delete") == said["cleanup.policy"][0]


def test_readers_may_expect_fields_of_the_future() -> None:
    assert not [one for one in _objects(DOCUMENT["components"]) if one.get("additionalProperties") is False]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _references(value: Any) -> Iterator[str]:
    for one in _objects(value):
        if isinstance(one.get("$ref"), str):
            yield one["$ref"]
